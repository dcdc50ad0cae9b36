"""Reading and writing `population.toml`: strict, and with errors that say what to write instead."""

import difflib
import re
import tomllib
import typing
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from simulator.behaviour.arrivals import HOURS_PER_DAY
from simulator.behaviour.errors import PopulationError
from simulator.behaviour.persona import Persona
from simulator.behaviour.population import Population
from simulator.behaviour.visit_tables import Session

# What says when visitors come again belongs to their sessions, and may stand with their arrivals, too.
_OF_RETURNS = (
    *("return_share", "return_gap_median_hours", "return_gap_sigma"),
    *("novelty", "novelty_half_life_days"),
)
_HEAD = """\
# Who visits the site, and how they behave. A key left out has its default.
"""


def load_population(path: Path) -> Population:
    """The population in the file `path`.

    Raises:
        PopulationError: the file cannot be read, is not TOML, or breaks a rule.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PopulationError(
            f"{path}: cannot be read as UTF-8 text: {error}; name a readable file"
        ) from error
    return parse_population(text, source=str(path))


def parse_population(text: str, source: str = "population.toml") -> Population:
    """The population that the TOML `text` describes; `source` names it in errors.

    Raises:
        PopulationError: the text is not TOML or breaks a rule; names file, key, value, rule and way out.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PopulationError(f"{source}: is not TOML: {error}") from error
    settled = _with_returns_settled(raw)
    for problem in (*_given_twice(raw), *_unknown_keys(settled)):
        raise PopulationError(f"{source}: {problem}")
    try:
        population = msgspec.convert(settled, Population)
    except msgspec.ValidationError as error:
        raise PopulationError(f"{source}: {_explain(error, settled, raw)}") from error
    for problem in _broken_rules(population):
        raise PopulationError(f"{source}: {problem}")
    return population


def render_population(population: Population) -> str:
    """The population as the text of a file, every key explained; parsing it gives the same population."""
    parts = [_HEAD]
    for field in msgspec.structs.fields(Population):
        value = getattr(population, field.name)
        if field.name == "personas":
            parts += [
                _rendered_table("[[personas]]", persona, is_explained=persona is value[0])
                for persona in value
            ]
        else:
            parts.append(_rendered_table(f"[{field.encode_name}]", value, is_explained=True))
    return "\n".join(parts)


def _rendered_table(head: str, table: msgspec.Struct, *, is_explained: bool) -> str:
    lines = [head]
    if is_explained and table.__doc__ and not head.startswith("[["):
        lines.insert(0, f"# {table.__doc__.splitlines()[0]}")
    for field in msgspec.structs.fields(table):
        value = getattr(table, field.name)
        setting = f"# {field.name} = " if value is None else f"{field.name} = {_toml(value)}"
        lines.append(f"{setting:<34}  # {_description(field)}" if is_explained else setting)
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            # JSON text is TOML text, but for the one control character that JSON leaves bare.
            return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
        case tuple():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case date():
            return value.isoformat()
        case _:
            return repr(value)


def _description(field: msgspec.structs.FieldInfo) -> str:
    metas = [meta for meta in typing.get_args(field.type) if isinstance(meta, msgspec.Meta)]
    return metas[0].description or "" if metas else ""


def _given_twice(raw: dict[str, object]) -> Iterator[str]:
    """A sentence for each setting of returns that stands under `[arrivals]` and under `[session]`."""
    arrivals, session = (_table(raw, name) for name in ("arrivals", "session"))
    for key in _OF_RETURNS:
        if key in arrivals and key in session:
            yield f"{key}: stands under [arrivals] and under [session]; leave one of them out"


def _with_returns_settled(raw: dict[str, object]) -> dict[str, object]:
    """The file with the settings of returns where the population has them, under `[session]`."""
    arrivals = _table(raw, "arrivals")
    moved = {key: arrivals[key] for key in _OF_RETURNS if key in arrivals}
    if not moved:
        return raw
    left = {key: value for key, value in arrivals.items() if key not in moved}
    session = raw.get("session", {})
    return {
        **raw,
        "arrivals": left,
        "session": {**session, **moved} if isinstance(session, dict) else session,
    }


def _table(raw: dict[str, object], name: str) -> dict[str, object]:
    table = raw.get(name)
    return table if isinstance(table, dict) else {}


def _unknown_keys(raw: dict[str, object]) -> Iterator[str]:
    """A sentence for each key that no table has, with the key that was probably meant."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(Population)}
    for key, value in raw.items():
        if key not in fields:
            yield f"[{key}]: unknown table; {_did_you_mean(key, list(fields))}"
        elif key == "personas":
            for number, persona in enumerate(value if isinstance(value, list) else [], start=1):
                yield from _unknown_in(f"[[personas]] {number}", persona, Persona)
        else:
            more = _OF_RETURNS if key == "arrivals" else ()
            yield from _unknown_in(f"[{key}]", value, fields[key].type, more)


def _unknown_in(
    where: str, table: object, kind: type[msgspec.Struct], more: Sequence[str] = ()
) -> Iterator[str]:
    known = (*kind.__struct_fields__, *more)
    if isinstance(table, dict):
        for key, value in table.items():
            if key not in known:
                yield f"{where} {key} = {value!r}: unknown key; {_did_you_mean(key, known)}"


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    closest = difflib.get_close_matches(word, known, n=1)
    question = f"did you mean {closest[0]!r}? " if closest else ""
    return f"{question}It may be one of: {', '.join(known)}"


def _explain(error: msgspec.ValidationError, settled: dict[str, object], raw: dict[str, object]) -> str:
    """A type error as msgspec words it, "Expected A, got B - at `$.personas[0].weight`", in our words.

    It is about the `settled` file, and names tables as `raw`, the one written, has them.
    """
    rule, _, path = str(error).partition(" - at ")
    steps = re.findall(r"\w+", path)
    value: typing.Any = settled
    for step in steps:
        value = value[int(step) if isinstance(value, list) else step]
    match steps:
        case ["personas", number, *keys]:
            where = f"[[personas]] {int(number) + 1}"
        case ["session", key] if key in _table(raw, "arrivals"):
            where, keys = "[arrivals]", [key]
        case [table, *keys]:
            where = f"[{table}]"
        case _:
            where, keys = "the file", []
    if "missing required field" in rule:
        return f"{where}: a key without default is missing, {rule.split('`')[1]!r}; give it a value"
    if rule.startswith("Invalid enum value"):
        rule = f"unknown choice; {_did_you_mean(str(value), _choices(steps[0], keys[0]))}"
    return f"{' '.join([where, *keys])} = {value!r}: {rule[0].lower()}{rule[1:]}"


def _choices(table: str, key: str) -> list[str]:
    """The words that a key may have, from its annotation."""
    if table == "personas":
        kind: type[msgspec.Struct] = Persona
    else:
        (kind,) = (field.type for field in msgspec.structs.fields(Population) if field.encode_name == table)
    (found,) = (field.type for field in msgspec.structs.fields(kind) if field.encode_name == key)
    return list(_words(found))


def _words(annotation: object) -> Iterator[str]:
    for argument in typing.get_args(annotation):
        if isinstance(argument, str):
            yield argument
        else:
            yield from _words(argument)


def _broken_rules(population: Population) -> Iterator[str]:
    """Rules that hold between keys."""
    hours = population.arrivals.hours
    if hours and len(hours) != HOURS_PER_DAY:
        yield f"[arrivals] hours = {list(hours)!r}: give 24 numbers, or [] for the curve of peak_hour"
    names = [persona.name for persona in population.personas]
    if not any(persona.weight for persona in population.personas):
        yield "[[personas]] weight: it is 0 for all; nobody would come; give one persona a weight above 0"
    if all(persona.is_bot for persona in population.personas if persona.weight):
        yield "[[personas]] is_bot: all who come are bots; a click-through rate is of people; send some"
    for persona in population.personas:
        if names.count(persona.name) > 1:
            count = names.count(persona.name)
            yield f"[[personas]] name = {persona.name!r}: stands {count} times; names are unique"
        if persona.genre_concentration is not None and (persona.likes or persona.dislikes):
            yield (
                f"persona {persona.name!r}: genre_concentration = {persona.genre_concentration!r} draws its "
                "tastes, and likes or dislikes names them; choose one"
            )
        both = sorted(set(persona.likes) & set(persona.dislikes))
        if both:
            yield f"persona {persona.name!r}: genre {both[0]!r} is both liked and disliked; choose one"


# The file that ships differs from the defaults in one thing, for which a mind needs to know the site's films:
# some visitors look elsewhere.
DEFAULT_POPULATION_TOML = render_population(Population(session=Session(detour_share=0.1)))
