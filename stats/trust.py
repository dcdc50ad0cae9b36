"""Trust checks on what the arms' details tell: the split within parts, and what must be alike in all arms.

Many parts are looked at, so p-values are adjusted by Holm's method within each check, and the alarm is as
strict as that of the sample ratio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import chdtrc

from stats.design import Design
from stats.details import ArmDetails
from stats.errors import NotEnoughDataError
from stats.exact import MOST_VISITORS, fisher_test
from stats.means import compare_means
from stats.multiplicity import holm
from stats.outcomes import ArmOutcomes
from stats.proportions import Arm
from stats.srm import SRM_ALARM, srm_check
from stats.wording import counted, p_phrase, rate

State = Literal["ok", "failed", "unknown"]
_TWO = 2


@dataclass(frozen=True, slots=True)
class TrustCheck:
    """One check beyond the sample ratio of all visitors.

    Args:
        key: its name in JSON.
        name: in words.
        state: "unknown" where the data do not suffice.
        p_value: the smallest, adjusted; None where there is no test.
        found: what was found, in words.
    """

    key: str
    name: str
    state: State
    p_value: float | None
    found: str

    @property
    def failure(self) -> str:
        """A sentence's beginning for a verdict."""
        return f"{self.name}: {self.found}"


def trust_checks(arms: Sequence[ArmOutcomes], design: Design) -> tuple[TrustCheck, ...]:
    """Run every check that these data allow, with one arm for each variant of the design, control first."""
    details = [arm.details for arm in arms if arm.details is not None]
    checks: list[TrustCheck | None] = []
    if len(details) == len(arms):
        checks += [
            _split_check(f"split_by_{dimension}", f"split by {dimension}", cells, design)
            for dimension, cells in _dimensions(details, design).items()
        ]
        checks += [
            _balance_check(details, design),
            _bots_check(arms, details),
            _beacons_check(details, design),
        ]
    checks.append(_repeats_check(arms))
    return tuple(check for check in checks if check is not None)


def _dimensions(details: Sequence[ArmDetails], design: Design) -> dict[str, Mapping[str, Mapping[str, int]]]:
    """Return dimension -> segment -> variant -> visitors; the day of the first exposure is one, too."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for variant, arm in zip(design.variants, details, strict=True):
        parts = [(name, dict(cells)) for name, cells in arm.segments.items()]
        parts += [("day", {f"day {day + 1}": cell for day, cell in arm.days.items()})]
        for dimension, cells in parts:
            for segment, cell in cells.items():
                empty = dict.fromkeys(design.variants, 0)
                found.setdefault(dimension, {}).setdefault(segment, empty)[variant] = cell.n
    return {dimension: cells for dimension, cells in found.items() if len(cells) > 1}


def _split_check(key: str, name: str, cells: Mapping[str, Mapping[str, int]], design: Design) -> TrustCheck:
    p_values: dict[str, float] = {}
    for segment, observed in cells.items():
        try:
            p_values[segment] = srm_check(observed, design.weights).p_value
        except NotEnoughDataError:
            continue
    if not p_values:
        return TrustCheck(key, name, "unknown", None, "too few visitors in every part")
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    worst = min(adjusted, key=lambda segment: (adjusted[segment], p_values[segment]))
    return TrustCheck(
        key,
        name,
        _state(adjusted[worst]),
        adjusted[worst],
        f"{counted(len(p_values), 'part')}, least {p_phrase(adjusted[worst])} (Holm) at {worst}",
    )


def _balance_check(details: Sequence[ArmDetails], design: Design) -> TrustCheck | None:
    """Compare what visitors did before the experiment, when no variant could have mattered: an A/A test."""
    if not all(arm.has_past for arm in details):
        return None
    pasts = [arm.clicked_by_past(variant).past for variant, arm in zip(design.variants, details, strict=True)]
    comparisons = [compare_means(pasts[0], other, alternative="two-sided") for other in pasts[1:]]
    p_values = [found.p_value for found in comparisons if found.p_value is not None]
    means = " : ".join(f"{arm.mean:.4g}" for arm in pasts)
    found = f"mean past {means}"
    name = "visitors alike before the test"
    if not p_values:
        return TrustCheck("balance_before", name, "unknown", None, found)
    least = min(holm(p_values))
    return TrustCheck("balance_before", name, _state(least), least, f"{found}, {p_phrase(least)}")


def _bots_check(arms: Sequence[ArmOutcomes], details: Sequence[ArmDetails]) -> TrustCheck | None:
    """Compare the share of visitors flagged as bots; only a rule blind to the arm may leave them out."""
    bots = [arm.bots for arm in details if arm.bots is not None]
    if len(bots) != len(arms) or not any(found.n for found in bots):
        return None
    seen = [
        Arm(arm.visitors.variant, arm.visitors.n + found.n, found.n)
        for arm, found in zip(arms, bots, strict=True)
    ]
    return _alike("bots_by_arm", "bots alike in all arms", seen)


def _beacons_check(details: Sequence[ArmDetails], design: Design) -> TrustCheck | None:
    """Compare clicked films of which no view was reported: a page that loses beacons loses views, too.

    It does not touch who clicked, so it fails the report only where views decide.
    """
    beacons = [arm.beacons for arm in details if arm.beacons is not None]
    if len(beacons) != len(details) or not all(found.n for found in beacons):
        return None
    check = _alike("lost_beacons_by_arm", "lost view reports alike in all arms", beacons)
    if check.state == "failed" and design.primary_metric == "visitor_ctr":
        return TrustCheck(
            check.key, check.name, "unknown", check.p_value, f"{check.found}: doubt the impression CTR"
        )
    return check


def _repeats_check(arms: Sequence[ArmOutcomes]) -> TrustCheck | None:
    """Compare the share of clicks that came twice: a page that seems not to answer is clicked again.

    Each was counted once, whatever came, and one visitor can repeat a click at will; so it never fails a
    report.
    """
    repeats = [arm.repeats for arm in arms if arm.repeats is not None]
    if len(repeats) != len(arms) or not all(found.n for found in repeats):
        return None
    check = _alike("repeated_clicks_by_arm", "repeated clicks alike in all arms", repeats)
    if check.state == "failed":
        found = f"{check.found}: is one arm slow?"
        return TrustCheck(check.key, check.name, "unknown", check.p_value, found)
    return check


def _alike(key: str, name: str, arms: Sequence[Arm]) -> TrustCheck:
    shares = ", ".join(f"{arm.variant} {rate(arm.rate) if arm.n else 'none'}" for arm in arms)
    p_value = shares_p_value(arms)
    if p_value is None:
        return TrustCheck(key, name, "unknown", None, shares)
    return TrustCheck(key, name, _state(p_value), p_value, f"{shares}, {p_phrase(p_value)}")


def shares_p_value(arms: Sequence[Arm]) -> float | None:
    """Test that a share is the same in all arms: by Fisher's test of two, else chi-square; None if thin.

    Source: Pearson (1900); Fisher (1935).
    """
    n, successes = sum(arm.n for arm in arms), sum(arm.successes for arm in arms)
    if min(arm.n for arm in arms) < _TWO:
        return None
    if successes in (0, n):
        return 1.0
    if len(arms) == _TWO and n <= MOST_VISITORS:
        return fisher_test(arms[0], arms[1], alternative="two-sided").p_value
    share = successes / n
    statistic = sum((arm.successes - arm.n * share) ** 2 / (arm.n * share * (1 - share)) for arm in arms)
    return float(chdtrc(len(arms) - 1, statistic))


def _state(p_value: float) -> State:
    return "ok" if p_value >= SRM_ALARM else "failed"
