"""The rules an experiment must keep beyond the types of its fields."""

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from experiment.definition import (
    BUILTIN_URL,
    CONTROL,
    GUARDRAIL_METRICS,
    HOLDOUT,
    SHARES,
    Design,
    Experiment,
    Shadow,
    Variant,
)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONGEST_TEXT = 100
_MOST_FILMS = 60
_MOST_LOOKS = 100
_LARGEST_WEIGHT = 1e9
_LONGEST_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One thing that is wrong in an experiment file, and where."""

    key: str
    value: object
    rule: str


def broken_rules(experiment: Experiment) -> Iterator[BrokenRule]:
    """Every rule that the experiment breaks, in the order of the file."""
    for key, text in (("name", experiment.name), ("salt", experiment.salt)):
        if not (0 < len(text) <= _LONGEST_TEXT and text.isprintable()):
            yield BrokenRule(
                f"[experiment] {key}", text, f"must be 1 to {_LONGEST_TEXT} printable characters"
            )
    if not 0 < experiment.baseline_ctr < 1:
        yield BrokenRule(
            "[experiment] baseline_ctr",
            experiment.baseline_ctr,
            "must be a fraction above 0 and below 1, as 0.07",
        )
    if not 1 <= experiment.slate_size <= _MOST_FILMS:
        yield BrokenRule("[experiment] slate_size", experiment.slate_size, f"must be 1 to {_MOST_FILMS}")
    if not 0 <= experiment.holdout < 1:
        yield BrokenRule(
            "[experiment] holdout",
            experiment.holdout,
            "must be a fraction from 0 (nobody) to below 1, as 0.05",
        )
    yield from _design_rules(experiment.design, experiment.baseline_ctr)
    yield from _look_rules(experiment)
    yield from _variant_rules(experiment.variants)
    yield from _shadow_rules(experiment)
    yield from _guardrail_rules(experiment)


def _design_rules(design: Design, baseline_ctr: float) -> Iterator[BrokenRule]:
    for key, value in (("alpha", design.alpha), ("power", design.power), ("mde", design.mde)):
        if not 0 < value < 1:
            yield BrokenRule(f"[design] {key}", value, "must be a fraction above 0 and below 1")
    if design.power <= design.alpha:
        yield BrokenRule(
            "[design] power", design.power, f"must be above alpha, {design.alpha}; 0.8 or 0.9 is usual"
        )
    expected = baseline_ctr - design.mde if design.alternative == "less" else baseline_ctr + design.mde
    if not 0 < expected < 1:
        rule = f"must leave a rate above 0 and below 1 from baseline_ctr {baseline_ctr}, not {expected:.4g}"
        yield BrokenRule("[design] mde", design.mde, rule)


def _look_rules(experiment: Experiment) -> Iterator[BrokenRule]:
    design = experiment.design
    if not 1 <= design.n_looks <= _MOST_LOOKS:
        yield BrokenRule("[design] n_looks", design.n_looks, f"must be 1 to {_MOST_LOOKS}")
    for key, value in (
        ("impressions_per_visitor", design.impressions_per_visitor),
        ("design_effect", design.design_effect),
    ):
        if not 0 < value < math.inf:
            yield BrokenRule(f"[design] {key}", value, "must be above 0, as measured in a pilot")
    if design.sequential != "none" and experiment.primary_metric == "impression_ctr":
        rule = 'counts visitors who clicked; use primary_metric "visitor_ctr", or sequential "none"'
        yield BrokenRule("[design] sequential", design.sequential, rule)
    if design.sequential != "none" and len(experiment.variants) > 2:  # noqa: PLR2004  control and treatment
        rule = 'compares two variants; use sequential "none", or two variants'
        yield BrokenRule("[design] sequential", design.sequential, rule)


def _variant_rules(variants: tuple[Variant, ...]) -> Iterator[BrokenRule]:
    names = [variant.name for variant in variants]
    if len(variants) < 2:  # noqa: PLR2004  a comparison takes two
        yield BrokenRule("[[variants]]", names, "must be at least 2, one of them named control")
    for number, variant in enumerate(variants, start=1):
        where = f"[[variants]] {number}"
        if not _NAME.fullmatch(variant.name) or variant.name == HOLDOUT:
            rule = f"must be 1 to 40 of a-z, 0-9, _ and -, and not {HOLDOUT!r}, which names those left out"
            yield BrokenRule(f"{where} name", variant.name, rule)
        if not 0 < variant.weight <= _LARGEST_WEIGHT:
            rule = (
                f"must be above 0, at most {_LARGEST_WEIGHT:.0e}; leave the variant out to give it no traffic"
            )
            yield BrokenRule(f"{where} weight", variant.weight, rule)
        yield from _endpoint_rules(where, variant)
    yield from _repeated("[[variants]] name", names)
    if CONTROL not in names:
        yield BrokenRule(
            "[[variants]] name", names, f"must have one {CONTROL!r}, which the others are compared with"
        )


def _shadow_rules(experiment: Experiment) -> Iterator[BrokenRule]:
    for number, shadow in enumerate(experiment.shadows, start=1):
        where = f"[[shadows]] {number}"
        if not _NAME.fullmatch(shadow.name):
            yield BrokenRule(f"{where} name", shadow.name, "must be 1 to 40 of a-z, 0-9, _ and -")
        if any(shadow.name == variant.name for variant in experiment.variants):
            yield BrokenRule(f"{where} name", shadow.name, "must not be the name of a variant too")
        yield from _endpoint_rules(where, shadow)
    yield from _repeated("[[shadows]] name", [shadow.name for shadow in experiment.shadows])


def _guardrail_rules(experiment: Experiment) -> Iterator[BrokenRule]:
    for number, guardrail in enumerate(experiment.guardrails, start=1):
        where = f"[[guardrails]] {number}"
        if guardrail.metric not in GUARDRAIL_METRICS:
            close = difflib.get_close_matches(guardrail.metric, GUARDRAIL_METRICS, n=1)
            question = f"did you mean {close[0]!r}? " if close else ""
            rule = f"unknown metric; {question}It may be one of: {', '.join(GUARDRAIL_METRICS)}"
            yield BrokenRule(f"{where} metric", guardrail.metric, rule)
        elif not 0 < guardrail.margin < (1 if guardrail.metric in SHARES else math.inf):
            below = " and below 1" if guardrail.metric in SHARES else ""
            rule = f"must be above 0{below}: how much worse than control is still accepted"
            yield BrokenRule(f"{where} margin", guardrail.margin, rule)
    yield from _repeated("[[guardrails]] metric", [guardrail.metric for guardrail in experiment.guardrails])


def _endpoint_rules(where: str, endpoint: Variant | Shadow) -> Iterator[BrokenRule]:
    if not _is_endpoint_url(endpoint.url):
        rule = f"must be {BUILTIN_URL!r} or the address of a model endpoint, as http://127.0.0.1:9000"
        yield BrokenRule(f"{where} url", endpoint.url, rule)
    if not _MODEL.fullmatch(endpoint.model):
        rule = "must be 1 to 100 letters, digits, and . _ - after the first"
        yield BrokenRule(f"{where} model", endpoint.model, rule)
    if not 0 < endpoint.timeout_s <= _LONGEST_TIMEOUT_S:
        rule = f"must be above 0 and at most {_LONGEST_TIMEOUT_S:.0f} seconds"
        yield BrokenRule(f"{where} timeout_s", endpoint.timeout_s, rule)


def _is_endpoint_url(url: str) -> bool:
    if url == BUILTIN_URL:
        return True
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable() and " " not in url


def _repeated(key: str, names: list[str]) -> Iterator[BrokenRule]:
    for name, count in Counter(names).items():
        if count > 1:
            yield BrokenRule(key, name, f"must be unique, and stands {count} times")
