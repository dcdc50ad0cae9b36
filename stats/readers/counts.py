"""Outcomes from counts somebody already made: clicked visitors and visitors of each variant."""

import re
from collections.abc import Sequence

from stats.errors import InvalidOutcomesError
from stats.outcomes import HOLDOUT, ArmOutcomes, Outcomes, Run
from stats.proportions import Arm
from stats.readers.choosing import choose_arms
from stats.readers.reading import Reading

_COUNTS = re.compile(r"(?P<variant>.+)=(?P<successes>-?\d+)/(?P<visitors>-?\d+)", re.ASCII | re.DOTALL)
_SOURCE = "--counts"


def read_counts(
    counts: Sequence[str], *, control: str | None = None, treatment: str | None = None
) -> Reading:
    """Return the outcomes that texts such as "control=66/925" state: 66 of 925 visitors clicked.

    Raises:
        InvalidOutcomesError: a text is not of that form, a variant comes twice or is missing, an arm is
            empty, or more visitors clicked than there were.

    >>> [arm.visitors.rate for arm in read_counts(["control=1/4", "newer=2/4"]).outcomes.arms]
    [0.25, 0.5]
    """
    arms: dict[str, Arm] = {}
    for text in counts:
        arm = _arm(text)
        if arm.variant in arms:
            raise InvalidOutcomesError(f"--counts names {arm.variant!r} twice; give each variant once")
        arms[arm.variant] = arm
    names = choose_arms(arms, control=control, treatment=treatment, source=_SOURCE)
    left_out = sorted(set(arms) - {*names, HOLDOUT})
    return Reading(
        outcomes=Outcomes(
            Run("counts", settings={"source": " ".join(f"{_SOURCE} {text}" for text in counts)}),
            arms=tuple(ArmOutcomes(arms[name]) for name in names),
            n_holdout=arms[HOLDOUT].n if HOLDOUT in arms else 0,
        ),
        control=names[0],
        treatments=names[1:],
        notes=(f"left out: {', '.join(left_out)}",) if left_out else (),
    )


def _arm(text: str) -> Arm:
    match = _COUNTS.fullmatch(text.strip())
    if match is None:
        raise InvalidOutcomesError(
            f"--counts {text!r} is not VARIANT=CLICKED/VISITORS in whole numbers; "
            "write for instance control=66/925"
        )
    successes, visitors = int(match["successes"]), int(match["visitors"])
    if successes < 0 or visitors < 0:
        raise InvalidOutcomesError(f"--counts {text!r} has a negative count; counts start at 0")
    if visitors == 0:
        raise InvalidOutcomesError(
            f"--counts {text!r} has no visitor; a comparison needs visitors in each arm"
        )
    if successes > visitors:
        raise InvalidOutcomesError(
            f"--counts {text!r} has more clicked visitors than visitors; the form is VARIANT=CLICKED/VISITORS"
        )
    return Arm(match["variant"].strip(), visitors, successes)
