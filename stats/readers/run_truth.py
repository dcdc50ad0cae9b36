"""What a simulator noted as true of a run, from the JSON in the event log."""

from collections.abc import Mapping
from typing import Any

from stats.outcomes import Truth


def read_truth(fields: Mapping[str, Any]) -> Truth | None:
    """The truth in `truth_json`; None without any visitor CTR. What is no number is absent."""
    rates = _of_each_arm(fields, "visitor_ctr")
    if not rates:
        return None
    references = fields.get("references")
    return Truth(
        rates,
        difference=_number(fields.get("difference")),
        lift=_number(fields.get("lift")),
        references=_numbers(references) if isinstance(references, dict) else {},
        score_rank_correlation=_of_each_arm(fields, "score_rank_correlation"),
        score_correlation=_of_each_arm(fields, "score_correlation"),
    )


def _of_each_arm(fields: Mapping[str, Any], key: str) -> dict[str, float]:
    return _numbers({name: value.get(key) for name, value in fields.items() if isinstance(value, dict)})


def _numbers(values: Mapping[str, object]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
