"""The http engine: visits by protocol alone, many at a time in threads."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from simulator.engines.http_pages import HttpPages, open_connection
from simulator.jobs import VisitJob, VisitResult, make_visit
from simulator.visit import Brain


def run_http_visits(
    jobs: Sequence[VisitJob],
    *,
    site_url: str,
    brain: Brain,
    ticket_for: Callable[[VisitJob], str],
    n_workers: int,
    on_done: Callable[[VisitResult], None],
    stop: threading.Event,
    timeout_s: float = 20.0,
) -> None:
    """Make all visits of `jobs` over HTTP; fits `VisitEngine`.

    Args:
        jobs: the visits, begun in this order.
        site_url: where the site is, without a path.
        brain: decides for the visitors.
        ticket_for: signs the ticket with which the visitor of a job enters.
        n_workers: visits at a time, one thread each.
        on_done: told of each visit as it ends, by one thread at a time.
        stop: once set, no new visit begins; those under way end as ever.
        timeout_s: longest wait for any answer of the site; then the visit failed.
    """
    turn, halt = threading.Lock(), threading.Event()
    queue = iter(jobs)

    def next_jobs() -> Iterator[VisitJob]:
        while not (stop.is_set() or halt.is_set()):
            with turn:
                job = next(queue, None)
            if job is None:
                return
            yield job

    def work() -> None:
        try:
            with open_connection() as connection:
                for job in next_jobs():
                    pages = HttpPages(connection, site_url, timeout_s=timeout_s)
                    result = make_visit(job, brain, pages, ticket_for(job))
                    with turn:
                        on_done(result)
        except BaseException:
            halt.set()  # ends the other workers after their present visit
            raise

    with ThreadPoolExecutor(max_workers=max(n_workers, 1), thread_name_prefix="visitor") as pool:
        workers = [pool.submit(work) for _ in range(max(n_workers, 1))]
        try:
            for worker in workers:
                worker.result()
        finally:
            halt.set()  # after an interrupt here too
