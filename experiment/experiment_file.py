"""Reading `experiment.toml`: strict, and with errors that say what to write instead."""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from experiment.definition import Design, Experiment, Guardrail, Shadow, Variant
from experiment.errors import ExperimentFileError
from experiment.experiment_rules import broken_rules

DEFAULT_EXPERIMENT_TOML = """\
# The experiment that ships with Funflix: does a newer model, trained on newer data, win more clicks?
# Every key is shown; those commented out hold their default.

[experiment]
name = "newer-data"
salt = "newer-data-1"             # change it and every visitor is placed anew
assignment = "visitor"            # or "request", as some routers do
primary_metric = "visitor_ctr"    # or "impression_ctr"
baseline_ctr = 0.07               # what the control is known to do
slate_size = 6                    # films recommended per page, 1 to 60
holdout = 0.0                     # share of visitors kept out of the experiment

[design]
alternative = "greater"           # or "less", "two-sided"
alpha = 0.05
power = 0.9
mde = 0.04                        # the smallest difference worth noticing: 4 points
sequential = "none"               # or "obrien-fleming", "pocock", "always-valid"
# n_looks = 5                     # of obrien-fleming and pocock, at even distances
# impressions_per_visitor = 1.0   # these two plan primary_metric "impression_ctr";
# design_effect = 1.0             # measure them in a pilot

# [[guardrails]]                  # harm that must be ruled out before the treatment is shipped
# metric = "latency_p95"
# margin = 20.0                   # ms; in the metric's own unit

[[variants]]
name = "control"
model = "older-svd"
# weight = 1.0                    # shares of traffic are weight / sum of weights
# url = "builtin"                 # the endpoint Funflix starts itself, or http(s)://...
# protocol = "open_inference"     # or "seldon", "hydrosphere", "rest"
# timeout_s = 0.3                 # later than this, the page shows popular films

[[variants]]
name = "treatment"
model = "newer-ease"
"""


_TABLES = ("design", "variants", "shadows", "guardrails")


def load_experiment(path: Path) -> Experiment:
    """The experiment in the file `path`.

    Raises:
        ExperimentFileError: the file cannot be read, is not TOML, or breaks a rule.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExperimentFileError(
            f"{path}: cannot be read as UTF-8 text: {error}; name a readable file"
        ) from error
    return parse_experiment(text, source=str(path))


def parse_experiment(text: str, source: str = "experiment.toml") -> Experiment:
    """The experiment that the TOML `text` describes; `source` names it in errors.

    Raises:
        ExperimentFileError: the text is not TOML or breaks a rule; names file, key, value and rule.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ExperimentFileError(f"{source}: is not TOML: {error}") from error
    try:
        _check_tables(raw)
        flat = raw.pop("experiment") | raw
        experiment = msgspec.convert(flat, Experiment)
    except _RuleBrokenError as error:
        raise ExperimentFileError(f"{source}: {error}") from error
    except msgspec.ValidationError as error:
        raise ExperimentFileError(f"{source}: {_explain(error, flat)}") from error
    for broken in broken_rules(experiment):
        raise ExperimentFileError(f"{source}: {broken.key} = {broken.value!r}: {broken.rule}")
    return experiment


def experiment_hash(text: str) -> str:
    """SHA-256 of the experiment file's text, in hex: two runs with the same hash ran the same experiment."""
    return hashlib.sha256(text.encode()).hexdigest()


def experiment_fingerprint(experiment: Experiment) -> str:
    """SHA-256 of what the file means, in hex: comments, and defaults written out, make no difference."""
    return hashlib.sha256(msgspec.json.encode(experiment)).hexdigest()


class _RuleBrokenError(Exception):
    """Carries "key: rule" from a check to the place that knows the file's name."""


def _check_tables(raw: dict[str, Any]) -> None:
    """Refuse unknown and missing keys and wrong choices, which msgspec reports without the way out."""
    _check_keys("the top level", raw, known=("experiment", *_TABLES), required=("experiment", "variants"))
    shared = tuple(name for name in Experiment.__struct_fields__ if name not in _TABLES)
    _check_table("[experiment]", raw["experiment"], Experiment, fields=shared)
    _check_table("[design]", raw.get("design", {}), Design)
    for key, kind in (("variants", Variant), ("shadows", Shadow), ("guardrails", Guardrail)):
        tables = raw.get(key, [])
        if not isinstance(tables, list):
            raise _RuleBrokenError(
                f"{key} = {tables!r}: must be written as tables, [[{key}]], double brackets"
            )
        for number, table in enumerate(tables, start=1):
            _check_table(f"[[{key}]] {number}", table, kind)


def _check_table(
    where: str, table: object, kind: type[msgspec.Struct], *, fields: tuple[str, ...] | None = None
) -> None:
    if not isinstance(table, dict):
        raise _RuleBrokenError(f"{where} = {table!r}: must be a table of keys and values")
    known = fields if fields is not None else kind.__struct_fields__
    needed = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}
    _check_keys(where, table, known=known, required=[name for name in known if name in needed])
    for field in msgspec.structs.fields(kind):
        if get_origin(field.type) is Literal and field.name in table:
            _check_choice(f"{where} {field.name}", table[field.name], get_args(field.type))


def _check_keys(where: str, table: dict[str, Any], *, known: Iterable[str], required: Iterable[str]) -> None:
    for key, value in table.items():
        if key not in known:
            raise _RuleBrokenError(f"{where} {key} = {value!r}: unknown key; {_did_you_mean(key, known)}")
    for key in required:
        if key not in table:
            raise _RuleBrokenError(f"{where} {key}: is missing, and must be given")


def _check_choice(where: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise _RuleBrokenError(f"{where} = {value!r}: unknown choice; {_did_you_mean(str(value), choices)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    closest = difflib.get_close_matches(word, list(known), n=1)
    question = f"did you mean {closest[0]!r}? " if closest else ""
    return f"{question}It may be one of: {', '.join(known)}"


def _explain(error: msgspec.ValidationError, flat: dict[str, Any]) -> str:
    """A type error as msgspec words it, "Expected A, got B - at `$.variants[0].weight`", in our words."""
    rule, _, path = str(error).partition(" - at ")
    steps = re.findall(r"\w+", path)
    value: Any = flat
    for step in steps:
        value = value[int(step) if isinstance(value, list) else step]
    match steps:
        case [table, index, key]:
            where = f"[[{table}]] {int(index) + 1} {key}"
        case [table, key]:
            where = f"[{table}] {key}"
        case _:
            where = f"[experiment] {' '.join(steps)}"
    return f"{where} = {value!r}: {rule[0].lower()}{rule[1:]}"
