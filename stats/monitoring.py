"""Looking at a run before its end, by the rule the design names: what may be said now, and when next.

Visitors are taken in the order they came. A group sequential design is decided at its planned looks only,
each on the visitors who had come by then, so that it does not matter how often the report is opened. An
always-valid design may be decided at any moment.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy.special import ndtr

from stats.always_valid import always_valid_comparison, always_valid_critical_value
from stats.design import Design
from stats.errors import NotEnoughDataError
from stats.estimates import Comparison
from stats.proportions import Arm, compare
from stats.sequential import Boundary, as_spending, even_fractions, spending_boundary, stagewise_p_value
from stats.snapshots import Snapshot, z_statistic

_MAX_SHOWN = 20
_WIDEST = 7.5  # standard errors; a wider interval than that says nothing and strains the arithmetic


@dataclass(frozen=True, slots=True)
class LookResult:
    """One look: what was found and what would have been needed.

    Args:
        statistic: None where the data were too thin for one, or the look's visitors are not known.
        critical_value: what the statistic must reach, in the direction of the alternative.
        is_crossed: whether it did.
    """

    number: int
    n_visitors: int
    fraction: float
    statistic: float | None
    critical_value: float
    is_crossed: bool


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The state of a run that is looked at early.

    Args:
        method: obrien-fleming, pocock or always-valid.
        looks: those made; of an always-valid run at most 20, evenly chosen.
        look_sizes: visitors at which looks are planned; empty for always-valid.
        stopped_at: visitors at the first look that crossed; None when none has.
        is_last: the planned size is reached: there is no further look.
        p_value: valid under the looks made; None while a group sequential run goes on.
        p_method: its name.
        missing: why there is no p-value.
        arms: control and treatment as the comparison counts them: at the look that decides, or the last made.
        interval_critical: half width of the interval, in standard errors; None before the first look.
    """

    method: str
    looks: tuple[LookResult, ...]
    look_sizes: tuple[int, ...]
    stopped_at: int | None
    is_last: bool
    p_value: float | None
    p_method: str
    missing: str
    arms: tuple[Arm, Arm]
    interval_critical: float | None

    @property
    def is_decided(self) -> bool:
        """Whether the result is in: a boundary was crossed, or the planned size is reached."""
        return self.stopped_at is not None or self.is_last

    @property
    def next_look(self) -> int | None:
        """Visitors at which the next look is due; None after the last, and where looks need no plan."""
        made = sum(arm.n for arm in self.arms)
        return None if self.is_decided else next((size for size in self.look_sizes if size > made), None)


def monitor(
    control: Arm, treatment: Arm, design: Design, history: Sequence[Snapshot] = ()
) -> Monitoring | None:
    """Return the sequential state of a run; None for a design of one look.

    Args:
        control: all visitors until now.
        treatment: likewise.
        design: names the method and the planned size.
        history: the arms as they stood while visitors came, rising. Without it the present counts are taken
            as one look, after all those planned before it.
    """
    if design.sequential == "none":
        return None
    snapshots = tuple(history) or (Snapshot(control, treatment),)
    if design.sequential == "always-valid":
        return _always_valid(snapshots, design)
    return _group_sequential(snapshots, design, has_history=bool(history))


def monitored_comparison(monitoring: Monitoring, design: Design) -> Comparison:
    """Compare the arms with an interval and a p-value that hold under the looks made."""
    control, treatment = monitoring.arms
    critical = monitoring.interval_critical
    confidence = design.confidence
    if critical is not None and critical <= _WIDEST:
        confidence, usable = 1 - 2 * float(ndtr(-critical)), True
    else:
        usable = False
    plain = compare(control, treatment, alternative=design.alternative, confidence=confidence)
    kind = "always-valid" if monitoring.method == "always-valid" else "repeated"
    missing = list(plain.missing)
    if monitoring.missing and monitoring.missing not in missing:
        missing.append(monitoring.missing)
    if not usable:
        missing.append("so early a look gives no interval")
    return replace(
        plain,
        confidence=design.confidence,
        difference_ci=plain.difference_ci if usable else None,
        difference_ci_method=f"{plain.difference_ci_method}, {kind}",
        lift_ci=plain.lift_ci if usable else None,
        lift_ci_method=f"{plain.lift_ci_method}, {kind}",
        p_value=monitoring.p_value,
        test=None if monitoring.p_value is None else monitoring.p_method,
        missing=tuple(dict.fromkeys(missing)),
    )


def look_sizes(design: Design) -> tuple[int, ...]:
    """Return the visitors in all at which a group sequential design is looked at."""
    total = design.planned.n_total
    return tuple(math.ceil(fraction * total - 1e-9) for fraction in even_fractions(design.n_looks))


def _group_sequential(snapshots: tuple[Snapshot, ...], design: Design, *, has_history: bool) -> Monitoring:
    sizes, total = look_sizes(design), design.planned.n_total
    if has_history:
        found = [next((s for s in snapshots if s.n >= size), None) for size in sizes]
        made = tuple(dict.fromkeys(snapshot for snapshot in found if snapshot is not None))
        assumed: tuple[int, ...] = ()
    else:
        made = tuple(snapshot for snapshot in snapshots if snapshot.n)
        assumed = tuple(size for size in sizes if made and size < min(made[0].n, total))
    if not made:
        return _before_the_first_look(design, sizes)
    fractions = tuple(min(1.0, n / total) for n in (*assumed, *(snapshot.n for snapshot in made)))
    boundary = spending_boundary(
        fractions, alpha=design.alpha, alternative=design.alternative, spending=design.sequential
    )
    looks = _looks(made, assumed, boundary)
    crossed = next((look for look in looks if look.is_crossed), None)
    deciding = crossed or looks[-1]
    is_last = fractions[-1] >= 1
    p_value = None
    if (crossed or is_last) and deciding.statistic is not None:
        p_value = stagewise_p_value(boundary, deciding.number, deciding.statistic)
    snapshot = made[deciding.number - 1 - len(assumed)]
    return Monitoring(
        method=design.sequential,
        looks=looks,
        look_sizes=sizes,
        stopped_at=crossed.n_visitors if crossed else None,
        is_last=is_last,
        p_value=p_value,
        p_method=f"stagewise after look {deciding.number} of {design.n_looks}",
        missing="" if p_value is not None else "a group sequential test has a p-value once it has ended",
        arms=(snapshot.control, snapshot.treatment),
        interval_critical=_repeated_critical(boundary, deciding.number, design),
    )


def _before_the_first_look(design: Design, sizes: tuple[int, ...]) -> Monitoring:
    return Monitoring(
        method=design.sequential,
        looks=(),
        look_sizes=sizes,
        stopped_at=None,
        is_last=False,
        p_value=None,
        p_method="",
        missing=f"the first of {design.n_looks} looks comes at {sizes[0]:,} visitors",
        arms=(Arm(design.control, 0, 0), Arm(design.treatment, 0, 0)),
        interval_critical=None,
    )


def _looks(
    made: tuple[Snapshot, ...], assumed: tuple[int, ...], boundary: Boundary
) -> tuple[LookResult, ...]:
    rows: list[tuple[int, float | None]] = [(size, None) for size in assumed]
    rows += [(snapshot.n, z_statistic(snapshot, boundary.alternative)) for snapshot in made]
    return tuple(
        LookResult(
            number=index + 1,
            n_visitors=n,
            fraction=boundary.fractions[index],
            statistic=statistic,
            critical_value=boundary.critical_values[index],
            is_crossed=statistic is not None and boundary.is_crossed(index + 1, statistic),
        )
        for index, (n, statistic) in enumerate(rows)
    )


def _repeated_critical(boundary: Boundary, look: int, design: Design) -> float:
    two_sided = spending_boundary(
        boundary.fractions[:look],
        alpha=1 - design.confidence,
        alternative="two-sided",
        spending=as_spending(design.sequential),
    )
    return two_sided.critical_values[-1]


def _always_valid(snapshots: tuple[Snapshot, ...], design: Design) -> Monitoring:
    total, alpha = design.planned.n_total, design.alpha
    best, stopped_at, missing = 1.0, None, "no visitor has come"
    looks: list[LookResult] = []
    for number, snapshot in enumerate(snapshots, start=1):
        try:
            found = always_valid_comparison(
                snapshot.control,
                snapshot.treatment,
                planned_total=total,
                alternative=design.alternative,
                alpha=alpha,
                confidence=design.confidence,
            )
        except NotEnoughDataError as error:
            missing = str(error)
            continue
        best, missing = min(best, found.p_value), ""
        is_crossed = found.p_value < alpha
        if is_crossed and stopped_at is None:
            stopped_at = snapshot.n
        looks.append(
            LookResult(
                number, snapshot.n, snapshot.n / total, found.statistic, found.critical_value, is_crossed
            )
        )
    last = snapshots[-1]
    critical = None
    if looks and looks[-1].n_visitors == last.n:
        information = last.information / total
        critical = always_valid_critical_value(
            information, alpha=1 - design.confidence, alternative="two-sided"
        )
    return Monitoring(
        method=design.sequential,
        looks=_thinned(looks),
        look_sizes=(),
        stopped_at=stopped_at,
        is_last=last.n >= total,
        p_value=best if looks else None,
        p_method="always-valid, normal mixture",
        missing="" if looks else missing,
        arms=(last.control, last.treatment),
        interval_critical=critical,
    )


def _thinned(looks: Sequence[LookResult]) -> tuple[LookResult, ...]:
    """Keep some looks, evenly, with the first that crossed and the last."""
    if len(looks) <= _MAX_SHOWN:
        return tuple(looks)
    step = len(looks) / _MAX_SHOWN
    kept = {round((index + 1) * step) - 1 for index in range(_MAX_SHOWN)}
    kept |= {next((index for index, look in enumerate(looks) if look.is_crossed), len(looks) - 1)}
    return tuple(looks[index] for index in sorted(kept))
