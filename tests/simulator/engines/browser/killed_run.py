"""A run made to be killed: `killed_run.py SITE_URL N_BROWSERS`. Tells when a visit looks."""

import sys
import threading
from collections.abc import Sequence

from simulator.behaviour import Look, Moment, Visitor, Watch
from simulator.engines.browser import run_browser_visits
from simulator.jobs import VisitJob


class TellingBrain:
    """Says that a visitor looks, and has them look long."""

    def look(
        self,
        visitor: Visitor,  # noqa: ARG002 - all do the same
        movie_ids: Sequence[int],  # noqa: ARG002 - as above
        moment: Moment,  # noqa: ARG002 - as above
    ) -> Look:
        """Look and do not click."""
        print("looking", flush=True)  # noqa: T201 - the test reads it
        return Look(5.0, None)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:  # noqa: ARG002
        """Never."""
        return None

    def detour(self, visitor: Visitor, moment: Moment) -> None:
        """Never."""

    def sign_in(self, visitor: Visitor) -> None:
        """Never by hand."""

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:  # noqa: ARG002 - all go by the link
        """By the link home."""
        return False

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> None:
        """Never again."""


def main() -> None:
    """Visit the site a thousand times."""
    jobs = [VisitJob(Visitor(index, f"killed-{index}", "anybody", None, 0), 1) for index in range(1000)]
    print("starting", flush=True)  # noqa: T201 - the test reads it
    run_browser_visits(
        jobs,
        site_url=sys.argv[1],
        brain=TellingBrain(),
        ticket_for=lambda job: job.visitor.visitor_id,
        n_workers=int(sys.argv[2]),
        on_done=lambda _: None,
        stop=threading.Event(),
    )


if __name__ == "__main__":
    main()
