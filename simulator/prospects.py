"""How likely every visitor is to click a home slate, on any of their visits, for whatever outside option.

A visitor clicks in the run unless they click on no visit. What happens to somebody who has clicked nothing
yet follows from the population's draws alone: what they examine, how long it takes, where else they go, when
they come back. So the chance of a click on each visit, given none before, has a closed form, and so has the
chance of any.

One thing is left out: who makes a detour may click once more on the page of the film it led to. They then
leave some seconds later, and one film the more can tire or sate them for later visits.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.behaviour import NO_DETOUR, NO_VISIT, Mind, Moments, Pasts, Visitors
from simulator.visit import VIEWED_AFTER_S

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.integer]
# Prospects are worked out for so many visitors at a time: memory is then that of the scores alone.
_AT_A_TIME = 65_536


class SlateRows(Protocol):
    """Slates of visitors in their order: an array (n_visitors, slate_size), or what slices into one."""

    def __getitem__(self, visitors: slice, /) -> npt.NDArray[np.int64]:
        """The slates of these visitors, movie ids (n_visitors, slate_size)."""


@dataclass(frozen=True, slots=True, eq=False)
class Prospects:
    """What the chances of clicks hang on.

    Args:
        n_visitors: how many there are.
        places: whose look a row is of, as offsets into the visitors, (n_looks,).
        scores: for outside option o, the look ends with a click with a chance of 1 minus the product over the
            scores s of its row of 1 / (1 + exp(s - o)); -inf where nothing is examined, (n_looks, n_scores).
    """

    n_visitors: int
    places: _Integers
    scores: _Floats

    def visitor_ctr(self, outside_option: float) -> float:
        """Expected share of visitors who click on any of their looks."""
        # exp(700) is near the largest float; such a chance is 0 in any case, as it is for a score of -inf.
        odds_against = np.exp(np.minimum(outside_option - self.scores, 700.0))
        if self.scores.shape[1] == 1 and len(self.places) == self.n_visitors:
            return float(np.mean(1.0 / (1.0 + odds_against)))
        passed = np.prod(odds_against / (1.0 + odds_against), axis=1)
        missed = np.ones(self.n_visitors)
        np.multiply.at(missed, self.places, passed)
        return float(np.mean(1.0 - missed))

    @property
    def most(self) -> float:
        """Share of visitors who look at any film."""
        looking = np.unique(self.places[np.isfinite(self.scores).any(axis=1)])
        return len(looking) / max(self.n_visitors, 1)


def find_prospects(mind: Mind, visitors: Visitors, slates: SlateRows) -> Prospects:
    """The prospects of all visitors of an arm that shows them these home slates.

    Args:
        mind: decides for them; its own outside option is not looked at.
        visitors: who.
        slates: the home slate of each, the same on every visit.
    """
    places: list[_Integers] = []
    scores: list[_Floats] = []
    for start in range(0, len(visitors), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        for found_places, found_scores in _of_part(mind, visitors[part], slates[part]):
            places.append(found_places + start)
            scores.append(found_scores)
    if not places:
        return Prospects(0, np.empty(0, dtype=np.int64), np.empty((0, 1)))
    return Prospects(len(visitors), np.concatenate(places), np.concatenate(scores))


def _of_part(mind: Mind, visitors: Visitors, slates: _Integers) -> list[tuple[_Integers, _Floats]]:
    """Places and scores of the looks of each visit in turn, as long as anybody comes back."""
    places: _Integers = np.arange(len(visitors))
    moments = Moments.arrival(visitors)
    looks: list[tuple[_Integers, _Floats]] = []
    while len(places):
        who, shown = visitors.take(places), slates[places]
        looks.append((places, mind.click_scores(who, shown, moments)))
        if mind.population.session.return_share == 0:
            break
        at_ms, pasts = _after_no_click(mind, who, shown, moments)
        next_ms = mind.next_visits_ms(who, Moments(at_ms, moments.spent_s, pasts, visit=moments.visit))
        back = np.flatnonzero(next_ms != NO_VISIT)
        places = places[back]
        moments = Moments(next_ms[back], np.zeros(len(back)), pasts.take(back), visit=moments.visit + 1)
    return looks


def _after_no_click(mind: Mind, who: Visitors, shown: _Integers, moments: Moments) -> tuple[_Integers, Pasts]:
    """When those who click nothing on the home slate leave the site, and what is then behind them."""
    places = np.arange(len(who))
    moments = _looked(mind, who, shown, moments, places, is_home=True)
    detours = mind.detours(who, moments)
    gone = np.flatnonzero(detours.kinds != NO_DETOUR)
    if not len(gone):
        return moments.at_ms, moments.pasts
    moments = Moments(moments.at_ms, moments.spent_s, moments.pasts, moments.visit, depth=1)
    moments = _looked(mind, who, shown, moments, gone, is_home=False)
    movie_ids = detours.movie_ids[gone]
    watches = mind.watches(who.take(gone), movie_ids, moments.take(gone))
    at_ms = moments.at_ms.copy()
    at_ms[gone] += np.rint(watches.watch_s * 1000).astype(np.int64)
    players = gone[watches.is_played]
    pasts = moments.pasts.having_watched(players, movie_ids[watches.is_played], at_ms[players])
    return at_ms, pasts


def _looked(
    mind: Mind, who: Visitors, shown: _Integers, moments: Moments, places: _Integers, *, is_home: bool
) -> Moments:
    """After a page of the visitors at `places` who click nothing on it; its slate has as many films."""
    seconds = mind.population.session.seconds_per_title
    looking = who.take(places)
    dwell_s = mind.examined(looking, shown.shape[1], moments.take(places)).sum(axis=1) * seconds
    is_viewed = dwell_s >= VIEWED_AFTER_S
    viewers = places[is_viewed]
    pasts = moments.pasts.having_looked(viewers, moments.at_ms[viewers], shown[viewers] if is_home else None)
    at_ms, spent_s = moments.at_ms.copy(), moments.spent_s.copy()
    at_ms[places] += np.rint(dwell_s * 1000).astype(np.int64)
    spent_s[places] += dwell_s
    return Moments(at_ms, spent_s, pasts, moments.visit, moments.depth)
