"""The sections on one treatment beyond the primary metric: metrics, less noise, segments, days, films."""

from collections.abc import Iterable

from stats.cuped import CupedComparison
from stats.metric_names import metric_name
from stats.pair_results import (
    DailyResult,
    MetricResult,
    PairResult,
    SegmentsResult,
    StratifiedResult,
)
from stats.proportions import Arm
from stats.render.blocks import Section, Table, as_sentences
from stats.render.other_sections import other_sections
from stats.render.standing import before_the_planned_size
from stats.results import Report
from stats.wording import (
    bare_point,
    bare_points,
    counted,
    exact_percent,
    lift,
    lift_interval,
    number,
    p_phrase,
    points,
    points_interval,
    rate,
    short_p,
    signed,
    signed_interval,
)

_MOST_DAYS = 31


def pair_sections(pair: PairResult, report: Report) -> tuple[Section, ...]:
    """Return the sections of a treatment that have data, in the order of the report.

    Interleaved and logged traffic, which is of no pair, stands after the first pair's days.
    """
    found = [_metrics_section(pair, report), _less_noise_section(pair, report)]
    found += [_segments_section(segments, pair, report) for segments in pair.segments]
    found += [_daily_section(pair.daily, pair, report)] if pair.daily else []
    others = other_sections(report.others) if pair is report.pairs[0] else ()
    return (
        *_named(found, pair, report),
        *others,
        *_named((_shown_section(pair), _opinions_section(pair, report)), pair, report),
    )


def _named(found: Iterable[Section | None], pair: PairResult, report: Report) -> tuple[Section, ...]:
    """Return the sections there are, under the treatment's name where it is not the only one."""
    sections = tuple(section for section in found if section is not None)
    if not report.design.has_several:
        return sections
    return tuple(
        Section(section_key(section.key, pair, report), f"{pair.treatment}: {section.title}", section.blocks)
        for section in sections
    )


def section_key(key: str, pair: PairResult, report: Report) -> str:
    """Return the key of a section of a treatment: with its number where it is not the only one."""
    if not report.design.has_several:
        return key
    return f"{key}-{report.design.treatments.index(pair.treatment) + 1}"


def _metrics_section(pair: PairResult, report: Report) -> Section | None:
    if not pair.metrics:
        return None
    interval = f"{exact_percent(report.design.confidence)} interval"
    rows = tuple(_metric_row(result) for result in pair.metrics)
    lifts = tuple(
        (
            metric_name(result.metric),
            lift(result.comparison.lift, result.comparison.lift_ci),
            lift_interval(result.comparison.lift_ci),
            result.comparison.lift_ci_method,
        )
        for result in pair.metrics
        if result.comparison.lift is not None
    )
    methods = ", ".join(dict.fromkeys(result.comparison.difference_ci_method for result in pair.metrics))
    blocks: list[Table | str] = [
        Table(("A visitor's", pair.control, pair.treatment, "Difference", interval, "p (Holm)"), rows),
        *([Table(("Lift of", "Estimate", interval, "Method"), lifts)] if lifts else []),
        (
            f"Intervals of differences: {methods}, each by itself; of shares in points. p: two-sided, "
            f"adjusted for {counted(len(pair.metrics), 'metric')} by Holm's method. None of them decides."
        ),
    ]
    return Section("secondary", "Secondary metrics", (*blocks, *before_the_planned_size(report)))


def _metric_row(result: MetricResult) -> tuple[str, ...]:
    comparison = result.comparison
    if result.is_share:
        values = [rate(arm.value) for arm in result.arms]
        change, interval = (
            bare_point(comparison.difference, comparison.difference_ci),
            bare_points(comparison.difference_ci),
        )
    else:
        values = [number(arm.value) for arm in result.arms]
        change, interval = signed(comparison.difference), signed_interval(comparison.difference_ci)
    return (metric_name(result.metric), *values, change, interval, short_p(result.holm_p_value))


def _less_noise_section(pair: PairResult, report: Report) -> Section | None:
    """CUPED and stratification: the same question with some of the noise taken out."""
    rows = [row for row in (_cuped_row(pair.cuped), _stratified_row(pair.stratified)) if row]
    sentences = []
    if pair.stratified is not None and pair.stratified.missing:
        sentences.append(pair.stratified.missing)
    if pair.cuped is not None and pair.cuped.variance_reduction is None:
        sentences.append("CUPED: the past of the visitors does not vary; there is nothing to take out")
    if not rows and not sentences:
        return None
    interval = f"{exact_percent(report.design.confidence)} interval"
    table = (Table(("With", "Difference", interval, "p", "Variance"), tuple(rows)),) if rows else ()
    explained = []
    if pair.cuped is not None and pair.cuped.correlation is not None:
        explained.append(
            f"CUPED takes out what {pair.past_name or 'the past'} explains (correlation with clicking "
            f"{pair.cuped.correlation:+.3f}); strata are weighed by their size. Beside the primary test, not "
            "in its place."
        )
    return Section(
        "less-noise",
        "Less noise: visitor CTR by CUPED and strata",
        (*table, *explained, *as_sentences(sentences), *(before_the_planned_size(report) if rows else ())),
    )


def _cuped_row(found: CupedComparison | None) -> tuple[str, ...]:
    if found is None or found.variance_reduction is None:
        return ()
    comparison = found.comparison
    return (
        "CUPED",
        points(comparison.difference, comparison.difference_ci),
        points_interval(comparison.difference_ci),
        short_p(comparison.p_value),
        lift(-found.variance_reduction),
    )


def _stratified_row(result: StratifiedResult | None) -> tuple[str, ...]:
    if result is None or result.found is None:
        return ()
    found = result.found
    return (
        f"{result.n_strata} strata of {result.dimension}",
        points(found.difference, found.interval),
        points_interval(found.interval),
        short_p(found.p_value),
        lift(-found.variance_reduction),
    )


def _segments_section(result: SegmentsResult, pair: PairResult, report: Report) -> Section:
    rows = tuple(
        (
            segment.segment,
            _share_of(control),
            _share_of(treatment),
            bare_points(segment.comparison.difference_ci),
            short_p(segment.holm_p_value),
            short_p(segment.benjamini_hochberg_p_value),
        )
        for segment, (control, treatment) in zip(result.found.segments, result.arms, strict=True)
    )
    found = result.found
    sentences = []
    if found.p_value is not None:
        answer = (
            "the difference differs between segments"
            if found.p_value < report.design.alpha
            else "no sign that the difference differs between segments"
        )
        sentences.append(f"Heterogeneity (Cochran's Q): {p_phrase(found.p_value)}, {answer}.")
    if found.is_simpson:
        sentences.append(
            "SIMPSON'S PARADOX: all visitors together show the opposite of the segments weighed by size. The "
            "arms hold the segments in unequal shares; believe neither before that is explained."
        )
    sentences.append("Segments are many and small: a hint for the next experiment, not a result.")
    interval = f"points, {exact_percent(report.design.confidence)}"
    return Section(
        f"segments-{result.dimension}",
        f"Segments by {result.dimension}: visitor CTR",
        (
            Table(
                (result.dimension.capitalize(), pair.control, pair.treatment, interval, "Holm", "B-H"), rows
            ),
            *sentences,
            *before_the_planned_size(report),
        ),
    )


def _share_of(arm: Arm) -> str:
    return f"{100 * arm.rate:.1f}% of {arm.n:,}" if arm.n else "nobody"


def _daily_section(daily: DailyResult, pair: PairResult, report: Report) -> Section:
    shown = daily.days[-_MOST_DAYS:]
    rows = tuple(
        (str(day.day), _share_of(day.control), _share_of(day.treatment), bare_points(day.ci)) for day in shown
    )
    sentences = []
    if len(shown) < len(daily.days):
        sentences.append(f"The last {len(shown)} of {len(daily.days)} days.")
    if daily.novelty is not None:
        found = daily.novelty
        fades = found.slope * found.middle_difference < 0  # towards no difference, from either side
        trend = "fades (novelty)" if fades else "grows (learning)"
        is_sure = found.p_value < report.design.alpha
        answer = f"the effect {trend}" if is_sure else "no sign that the effect fades or grows"
        sentences.append(
            f"Slope: {points(found.slope, found.interval)} a day "
            f"({exact_percent(report.design.confidence)} interval "
            f"{points_interval(found.interval)}; {p_phrase(found.p_value)}): {answer}."
        )
    interval = f"points, {exact_percent(report.design.confidence)}"
    return Section(
        "daily",
        "Day by day: visitor CTR of those first exposed then",
        (
            Table(("Day", pair.control, pair.treatment, interval), rows, n_left=0),
            *sentences,
            *as_sentences([daily.missing] if daily.missing else []),
            *(before_the_planned_size(report) if daily.novelty else ()),
        ),
    )


def _shown_section(pair: PairResult) -> Section | None:
    if not pair.shown:
        return None
    rows = tuple(
        (
            shown.variant,
            f"{shown.n_impressions:,}",
            f"{shown.n_films:,}",
            f"{shown.effective_films:.1f}",
            f"{shown.gini:.3f}",
        )
        for shown in pair.shown
    )
    return Section(
        "shown",
        "What was shown on the home page",
        (
            Table(("Variant", "Impressions", "Films", "Effective films", "Gini"), rows),
            (
                "Effective films: so many shown equally often are as diverse (inverse Simpson). Gini of the "
                "films shown: 0 all alike, near 1 a few have all."
            ),
        ),
    )


def _opinions_section(pair: PairResult, report: Report) -> Section | None:
    """The other analyses of the same visitors, beside the one that decides."""
    if not pair.opinions:
        return None
    rows = tuple(
        (
            opinion.name,
            bare_point(opinion.difference),
            bare_points(opinion.ci),
            short_p(opinion.p_value),
            opinion.note,
        )
        for opinion in pair.opinions
    )
    interval = f"{exact_percent(report.design.confidence)} interval"
    standing = (
        "" if report.primary.is_final else " None of these p-values is a result before the planned size."
    )
    if report.design.sequential != "none":
        standing += " They take this look for the only one, so their p-values and intervals do not decide."
    if len(report.pairs) > 1:
        standing += " They are not adjusted for the number of treatments."
    scope = f"All of alternative {report.design.alternative!r}; of visitor CTR where not per impression."
    return Section(
        "sensitivity",
        "Sensitivity: the same visitors, analysed otherwise",
        (
            Table(("Analysis", "Points", interval, "p", "Note"), rows),
            f"{scope}{standing}",
        ),
    )
