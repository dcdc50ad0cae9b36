"""Facts known of people who look for something to watch, and whether a population has them.

| Fact | Source |
|---|---|
| 10 to 20 titles looked at, in 60 to 90 s | Gomez-Uribe & Hunt, "The Netflix recommender system" (ACM TMIS 2015), doi:10.1145/2843948 |
| the top 10% of films take about 60% of what is watched | Yu, Zheng, Zhao & Zheng, "Understanding user behavior in large-scale video-on-demand systems" (EuroSys 2006), doi:10.1145/1217935.1217968 |
| a session ends after 30 minutes without a sign | the convention of web analytics |
| dwell has negative ageing | Liu, White & Dumais, "Understanding web browsing behaviors through Weibull analysis of dwell time" (SIGIR 2010), doi:10.1145/1835449.1835513 |

The top 10% are those of an arm that shows each film as often as it is popular: one that shows everybody the same
few films is more concentrated than any audience. Dwell is how long films are watched that are not finished.

That about half of the users come back is a round figure of the trade, without a paper behind it. For how fast
attention falls along a row of posters, and how fast people tire, there is no published number: those are not
checked, and a sweep should vary them.
"""  # noqa: E501  a table's rows are one line each

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour import NO_VISIT, Mind, Moments, Visitors, people, uniform

# As many titles as the site's home page has, so that the page's end stops nobody.
N_TITLES_OFFERED = 60
_TOP_SHARE = 0.1
_LEAST_PLAYS = 100
# More visitors than this would say the same.
_MOST_CHECKED = 100_000
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FactCheck:
    """One fact, and what the population makes of it.

    Args:
        fact: what is known.
        published: the published number.
        low: the least value that counts as reproduced.
        high: the greatest.
        value: the population's; None where it switches off what the fact is about.
        words: the value as a person reads it.
    """

    fact: str
    published: str
    low: float
    high: float
    value: float | None
    words: str

    @property
    def is_within(self) -> bool | None:
        """Whether the value is in the range; None where there is none."""
        return None if self.value is None else self.low <= self.value <= self.high


def check_facts(mind: Mind, visitors: Visitors, n_ratings: npt.NDArray[np.integer]) -> tuple[FactCheck, ...]:
    """Compare a population with what is known.

    Args:
        mind: decides for it.
        visitors: all who come; the first 100,000 are asked.
        n_ratings: how popular each film of the truth is, (n_films,).
    """
    judges = people(mind.population, visitors[:_MOST_CHECKED])
    return (
        *_looking(mind, judges),
        _concentration(n_ratings),
        _session_end(mind),
        _returning(mind, judges),
        _ageing(mind, judges, n_ratings),
    )


def top_share(counts: npt.NDArray[np.integer]) -> float:
    """What share of all the most frequent tenth of the films that occur have; counts per film, above 0."""
    ordered = np.sort(counts)[::-1]
    n_top = max(round(_TOP_SHARE * len(ordered)), 1)
    return float(ordered[:n_top].sum() / ordered.sum())


def weibull_shape(durations: _Floats) -> float:
    """Shape of the Weibull law of greatest likelihood; below 1, who stayed long is the likelier to stay.

    The likelihood's equation for the shape k, solved by bisection, for its left side grows with k: the mean
    of log t weighed by t**k, minus 1/k, equals the mean of log t.
    """
    logs = np.log(durations)
    low, high = 1e-3, 1e3
    for _ in range(100):
        shape = np.sqrt(low * high)
        weights = np.exp(shape * (logs - logs.max()))
        excess = (weights * logs).sum() / weights.sum() - 1 / shape - logs.mean()
        low, high = (low, shape) if excess > 0 else (shape, high)
    return float(np.sqrt(low * high))


def _looking(mind: Mind, judges: Visitors) -> tuple[FactCheck, FactCheck]:
    moments = Moments.arrival(judges)
    examined = mind.examined(judges, N_TITLES_OFFERED, moments).sum(axis=1)
    given_s = mind.given_s(judges, moments)
    titles, seconds = float(np.median(examined)), float(np.median(given_s))
    return (
        FactCheck("titles looked at", "10 to 20", 10, 20, titles, f"{titles:g} (median)"),
        FactCheck("time given to looking", "60 to 90 s", 60, 90, seconds, f"{seconds:.0f} s (median)"),
    )


def _concentration(n_ratings: npt.NDArray[np.integer]) -> FactCheck:
    """Of an arm that shows each film as often as it is popular."""
    share = top_share(n_ratings[n_ratings > 0])
    return FactCheck("exposures of the top 10% of films", "about 60%", 0.5, 0.7, share, f"{share:.0%}")


def _session_end(mind: Mind) -> FactCheck:
    session = mind.population.session
    fact, minutes = "pause that ends a session", session.timeout_minutes
    if session.return_share == 0:
        return FactCheck(fact, "30 min", 30, 30, None, "nobody comes back")
    return FactCheck(fact, "30 min", 30, 30, minutes, f"{minutes:g} min")


def _returning(mind: Mind, judges: Visitors) -> FactCheck:
    fact, published = "visitors who come back", "about half"
    if mind.population.session.return_share == 0:
        return FactCheck(fact, published, 0.4, 0.6, None, "nobody comes back")
    share = float((mind.next_visits_ms(judges, Moments.arrival(judges)) != NO_VISIT).mean())
    return FactCheck(fact, published, 0.4, 0.6, share, f"{share:.0%}")


def _ageing(mind: Mind, judges: Visitors, n_ratings: npt.NDArray[np.integer]) -> FactCheck:
    """Of how long those watch who do not finish: each visitor tries one film, drawn by popularity."""
    sums = np.cumsum(n_ratings)
    draw = uniform(mind.seed, "fact", visitor=judges.index)
    films = mind.truth.movie_ids[np.searchsorted(sums, draw * sums[-1], side="right")]
    watches = mind.watches(judges, films)
    stopped = watches.watch_s[watches.is_played & ~watches.is_completed]
    fact, published = "Weibull shape of watching", "below 1"
    if len(stopped) < _LEAST_PLAYS:
        return FactCheck(fact, published, 0.0, 1.0, None, f"{len(stopped)} unfinished films")
    shape = weibull_shape(stopped)
    return FactCheck(fact, published, 0.0, 1.0, shape, f"{shape:.2f}")
