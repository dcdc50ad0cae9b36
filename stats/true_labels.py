"""How well a site's record tells bots from people and one click from two, where the truth is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelScore:
    """The record of a simulated run against the true labels of its visitors and events.

    Args:
        n_visitors: visitors with a label.
        n_persons: persons behind them; fewer where some have two devices.
        n_bots: visitors who are bots.
        n_flagged: visitors whom the site took for bots.
        n_caught: visitors who are both.
        n_ad_blocked: visitors of whom no view is reported.
        n_lost_views: films looked at whose view was never reported.
        n_doubled_clicks: clicks that arrived twice.
        n_refused_duplicates: how many of those second clicks were not counted.
    """

    n_visitors: int
    n_persons: int
    n_bots: int
    n_flagged: int
    n_caught: int
    n_ad_blocked: int
    n_lost_views: int
    n_doubled_clicks: int
    n_refused_duplicates: int

    @property
    def precision(self) -> float | None:
        """Share of the flagged who are bots; None when nobody is flagged."""
        return self.n_caught / self.n_flagged if self.n_flagged else None

    @property
    def recall(self) -> float | None:
        """Share of the bots who are flagged; None when there is no bot."""
        return self.n_caught / self.n_bots if self.n_bots else None


def label_score_in_words(score: LabelScore) -> tuple[str, ...]:
    """What the score says, one line each; nothing of what the run had none of."""
    lines = []
    if score.n_bots or score.n_flagged:
        precision = "" if score.precision is None else f"precision {score.precision:.0%}"
        recall = "" if score.recall is None else f"recall {score.recall:.0%}"
        rates = ", ".join(rate for rate in (precision, recall) if rate)
        lines.append(
            f"bot filter: {score.n_flagged} flagged, {score.n_caught} of {score.n_bots} bots caught ({rates})"
        )
    if score.n_doubled_clicks:
        lines.append(f"duplicate clicks refused: {score.n_refused_duplicates} of {score.n_doubled_clicks}")
    if score.n_lost_views:
        lines.append(
            f"views never reported: {score.n_lost_views:,}, ad blockers at {score.n_ad_blocked:,} visitors"
        )
    if score.n_persons < score.n_visitors:
        lines.append(
            f"{score.n_visitors:,} visitors are {score.n_persons:,} persons: some come on two devices"
        )
    return tuple(lines)
