"""A population in numbers: who they are, what they would click, when they come."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour import NO_USER, NO_VISIT, Mind, Moments, Pasts, Visitors, people
from simulator.behaviour.arrivals import HOURS_PER_DAY, start_ms

MS_PER_HOUR = 3_600_000
# Click chances are worked out for so many visitors at a time: memory is then that of their slates alone.
_AT_A_TIME = 65_536


@dataclass(frozen=True, slots=True)
class PersonaPortrait:
    """One persona among those who come.

    Args:
        name: its name.
        n_visitors: how many come.
        share: of all who come, a fraction.
        ctr: expected share of its visitors who click on their first home slate; None for a bot, which clicks
            without choosing.
    """

    name: str
    n_visitors: int
    share: float
    ctr: float | None


@dataclass(frozen=True, slots=True)
class Portrait:
    """A population in numbers; CTRs are expectations on the control's home slates, of people alone.

    Args:
        n_visitors: who come, bots included.
        n_persons: behind them; fewer where persons have two devices.
        n_users: users of the ratings data as whom they browse.
        n_logged_out: visitors who browse as nobody.
        n_bots: visitors who are bots.
        ctr: share who click on their first visit.
        outside_option: log-odds utility of clicking nothing.
        personas: in the order of the population file, those that come.
        position_ctrs: clicks on each position per visitor, position 1 first.
        hourly_arrivals: first visits in each hour of the day, from midnight UTC.
        daily_sessions: visits that begin on each simulated day, returns included.
    """

    n_visitors: int
    n_persons: int
    n_users: int
    n_logged_out: int
    n_bots: int
    ctr: float
    outside_option: float
    personas: tuple[PersonaPortrait, ...]
    position_ctrs: tuple[float, ...]
    hourly_arrivals: tuple[int, ...]
    daily_sessions: tuple[int, ...]


def portray(mind: Mind, visitors: Visitors, home_slates: npt.NDArray[np.int64]) -> Portrait:
    """The portrait of a population.

    Args:
        mind: calibrated.
        visitors: all who come.
        home_slates: what each of the people among them is shown at home, (n_people, slate_size).
    """
    judges = people(mind.population, visitors)
    clicks, position_ctrs = _expected_clicks(mind, judges, home_slates)
    arrived = visitors.arrival_ms - start_ms(mind.population.arrivals)
    hours = arrived // MS_PER_HOUR % HOURS_PER_DAY
    return Portrait(
        n_visitors=len(visitors),
        n_persons=len(np.unique(visitors.person_index)),
        n_users=len(np.unique(visitors.user_id[visitors.user_id != NO_USER])),
        n_logged_out=int((visitors.user_id == NO_USER).sum()),
        n_bots=len(visitors) - len(judges),
        ctr=float(clicks.mean()),
        outside_option=mind.outside_option,
        personas=_personas(mind, visitors, judges, clicks),
        position_ctrs=tuple(position_ctrs.tolist()),
        hourly_arrivals=tuple(np.bincount(hours, minlength=HOURS_PER_DAY).tolist()),
        daily_sessions=_daily_sessions(mind, visitors),
    )


def session_starts(mind: Mind, visitors: Visitors) -> Sequence[npt.NDArray[np.int64]]:
    """When each visit of the people who come back begins, epoch ms: the first visits, the second ones, ...

    As if nobody clicked: a film watched delays the next visit by its length.
    """
    places = np.arange(len(visitors))
    starts = visitors.arrival_ms.astype(np.int64)
    found = [starts]
    while mind.population.session.return_share > 0 and len(places):
        moments = Moments(starts, np.zeros(len(places)), Pasts.none(len(places)), visit=len(found) - 1)
        next_ms = mind.next_visits_ms(visitors.take(places), moments)
        back = np.flatnonzero(next_ms != NO_VISIT)
        places, starts = places[back], next_ms[back].astype(np.int64)
        found.append(starts)
    return found


def _expected_clicks(
    mind: Mind, judges: Visitors, home_slates: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Chance that each visitor clicks, (n_people,), and mean chance of each position, (slate_size,)."""
    clicks, positions = np.empty(len(judges)), np.zeros(home_slates.shape[1])
    for start in range(0, len(judges), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        chances = mind.click_chances(judges[part], home_slates[part])
        clicks[part] = chances.sum(axis=1)
        positions += chances.sum(axis=0)
    return clicks, positions / len(judges)


def _personas(
    mind: Mind, visitors: Visitors, judges: Visitors, clicks: npt.NDArray[np.float64]
) -> tuple[PersonaPortrait, ...]:
    counts = np.bincount(visitors.persona_index, minlength=len(visitors.persona_names))
    found = []
    for number, persona in enumerate(mind.population.personas):
        if counts[number]:
            mine = judges.persona_index == number
            ctr = None if persona.is_bot else float(clicks[mine].mean())
            found.append(
                PersonaPortrait(persona.name, int(counts[number]), float(counts[number] / len(visitors)), ctr)
            )
    return tuple(found)


def _daily_sessions(mind: Mind, visitors: Visitors) -> tuple[int, ...]:
    n_days = int(np.ceil(mind.population.arrivals.days))
    starts = np.concatenate([*session_starts(mind, visitors)])
    days = (starts - start_ms(mind.population.arrivals)) // (HOURS_PER_DAY * MS_PER_HOUR)
    return tuple(np.bincount(days, minlength=n_days).tolist())
