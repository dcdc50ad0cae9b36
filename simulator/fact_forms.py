"""The comparison of a population with known facts, as text for a terminal and as JSON."""

from collections.abc import Sequence
from textwrap import shorten

from simulator.population_facts import FactCheck

_FACT_WIDTH, _PUBLISHED_WIDTH, _WORDS_WIDTH = 34, 12, 20
_WITHIN = {True: "yes", False: "NO", None: "-"}


def facts_json(checks: Sequence[FactCheck]) -> dict[str, object]:
    """Each fact with its range, the population's value and whether it is within."""
    return {
        "is_within": all(check.is_within is not False for check in checks),
        "facts": [
            {
                "fact": check.fact,
                "published": check.published,
                "low": check.low,
                "high": check.high,
                "value": check.value,
                "is_within": check.is_within,
            }
            for check in checks
        ],
    }


def facts_text(checks: Sequence[FactCheck]) -> str:
    """A table at most 80 columns wide: fact, published number, the population's, whether it is within."""
    rows = [("fact", "published", "population", "within?")]
    rows += [(check.fact, check.published, check.words, _WITHIN[check.is_within]) for check in checks]
    return "\n".join(_row(*row) for row in rows)


def _row(fact: str, published: str, words: str, within: str) -> str:
    cells = (
        f"{shorten(fact, _FACT_WIDTH, placeholder=' ...'):<{_FACT_WIDTH}}",
        f"{published:<{_PUBLISHED_WIDTH}}",
        f"{shorten(words, _WORDS_WIDTH, placeholder=' ...'):<{_WORDS_WIDTH}}",
        within,
    )
    return "  ".join(cells)
