"""What a p-value of one look is worth before the planned size."""

from stats.results import Report


def before_the_planned_size(report: Report) -> tuple[str, ...]:
    """Return the sentence that says when p-values of one look become valid; nothing once they are."""
    if report.is_size_reached:
        return ()
    planned = report.design.planned.n_total
    return (f"No p-value here is a result before the planned size of {planned:,} visitors.",)
