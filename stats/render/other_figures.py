"""Whisker plots of interleaved and of logged traffic."""

from stats.other_designs import InterleavingResult, OffPolicyResult, OtherResults
from stats.render.figure import Figure, Mark, Whisker, draw_whiskers
from stats.wording import number, policy_value, policy_value_interval, rate, rate_interval


def other_figures(results: OtherResults) -> dict[str, tuple[Figure, ...]]:
    """Return section -> its figures; a section without estimates has none."""
    found: dict[str, tuple[Figure, ...]] = {}
    if results.interleaving is not None:
        found["interleaving"] = _preference_figure(results.interleaving)
    if results.off_policy is not None:
        found["off-policy"] = _value_figure(results.off_policy)
    return found


def _preference_figure(result: InterleavingResult) -> tuple[Figure, ...]:
    found, treatment = result.found, result.draft.treatment
    if found is None:
        return ()
    words = f"{rate(found.preference)} preferred {treatment}, interval {rate_interval(found.preference_ci)}"
    whisker = Whisker(treatment, found.preference, found.preference_ci, None, words)
    title = f"Share preferring {treatment}'s films, of visitors who preferred one"
    return (draw_whiskers("interleaving", title, (whisker,), (Mark("no preference", 0.5),), _percent),)


def _value_figure(result: OffPolicyResult) -> tuple[Figure, ...]:
    if result.logging_value is None or result.logging_ci is None or not result.estimates:
        return ()
    share = result.is_share
    values = [("as logged", result.logging_value, result.logging_ci)]
    values += [(found.method, found.value, found.interval) for found in result.estimates]
    whiskers = tuple(
        Whisker(
            name,
            value,
            interval,
            None,
            f"{name} {policy_value(value, is_share=share)}, interval "
            f"{policy_value_interval(interval, is_share=share)}",
        )
        for name, value, interval in values
    )
    title = "Mean reward of an impression: as logged, and under the target policy"
    mark = Mark("as logged", result.logging_value)
    return (draw_whiskers("off-policy", title, whiskers, (mark,), _percent if share else number),)


def _percent(value: float) -> str:
    return f"{100 * value:.6g}%"
