"""Reports on a pair of arms with details."""

from collections.abc import Sequence
from datetime import UTC, datetime

from stats import ArmOutcomes, Design, Outcomes, Report, Resampling, Run, build_report

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DONE = Run("run-7", experiment="newer-data", kind="simulated", status="done")


def report_on(
    arms: Sequence[ArmOutcomes], design: Design | None = None, resampling: Resampling | None = None
) -> Report:
    return build_report(
        Outcomes(DONE, tuple(arms)), design or Design(), generated_at=NOW, resampling=resampling
    )
