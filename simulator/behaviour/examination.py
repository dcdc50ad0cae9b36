"""What of a slate a visitor examines, before anything is clicked.

That seeing and liking are separate, and that seeing depends on position, is the examination hypothesis:
Craswell, Zoeter, Taylor & Ramsey, "An experimental comparison of click position-bias models" (WSDM 2008),
doi:10.1145/1341531.1341545, section 2. How fast examination decays along a row of posters is a guess: no
published number fits, so the population file names it and a sweep should vary it.

- `mnl`, `pbm`: position p with chance decay**(p - 1), one draw each.
- `cascade`: from the first position on, and from each to the next with chance decay; the first failure ends
  it. Position p is so reached with the same chance.
- `carousel`: row by row, in each the films in view, then those of one swipe after another: row r (from 0) is
  reached with chance row_decay**r, the s-th swipe of it with chance swipe_chance**s, and the film in column c
  (from 0) of what is then in view is examined with chance decay**c. That people read carousels so is what
  Rahdari, Kveton & Brusilovsky model ("From ranked lists to carousels: a carousel click model", 2022,
  arXiv:2209.13426) and what de Leon-Martinez et al. saw ("RecGaze", SIGIR 2025, doi:10.1145/3726302.3730301).
"""

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats, Integers, normal, uniform
from simulator.behaviour.visit_tables import Choice, Session

Booleans = npt.NDArray[np.bool_]


def patience_s(
    session: Session, factor: Floats, *, seed: int, visitor_index: Integers, visit: int = 0
) -> Floats:
    """Seconds each visitor gives to looking in one visit, log-normal, (n_visitors,) like `factor`."""
    spread = normal(seed, "patience", visitor=visitor_index, visit=visit)
    return np.asarray(factor * session.patience_median_s * np.exp(session.patience_sigma * spread))


def examined(
    choice: Choice,
    session: Session,
    left_s: Floats,
    *,
    seed: int,
    visitor_index: Integers,
    step: int,
    n_positions: int,
    visit: int = 0,
) -> Booleans:
    """Which positions each visitor examines who clicks nothing before, bool (n_visitors, n_positions).

    Args:
        choice: its model says in which order, and by which chances.
        session: how long one title takes; reading ends when the seconds left are used up.
        left_s: (n_visitors,).
        seed: seed of the population.
        visitor_index: (n_visitors,).
        step: page of the visit, from 0.
        n_positions: how many films the slate has.
        visit: which visit of the visitor, from 0.
    """
    positions = np.arange(1, n_positions + 1)
    draw = uniform(
        seed, "examination", visitor=visitor_index[:, None], visit=visit, step=step, position=positions
    )
    if choice.model == "cascade":
        is_tempting = np.logical_and.accumulate(
            draw < np.where(positions == 1, 1.0, choice.examination_decay), axis=1
        )
    elif choice.model == "carousel":
        columns = (positions - 1) % choice.row_length % choice.visible_columns
        is_in_view = _in_view(
            choice, seed=seed, visitor_index=visitor_index, visit=visit, step=step, n_positions=n_positions
        )
        is_tempting = is_in_view & (draw < choice.examination_decay**columns)
    else:
        is_tempting = draw < choice.examination_decay ** (positions - 1.0)
    spent_s = session.seconds_per_title * np.cumsum(is_tempting, axis=1)
    return np.asarray(is_tempting & (spent_s <= left_s[:, None]))


def _in_view(
    choice: Choice, *, seed: int, visitor_index: Integers, visit: int, step: int, n_positions: int
) -> Booleans:
    """Which positions of a carousel ever come into view, (n_visitors, n_positions).

    The draw of a row, and of a swipe, is the one of the first position it would show.
    """
    offsets = np.arange(n_positions)
    columns = offsets % choice.row_length
    is_row_start, is_swipe = columns == 0, (columns > 0) & (columns % choice.visible_columns == 0)
    draw = uniform(seed, "view", visitor=visitor_index[:, None], visit=visit, step=step, position=offsets + 1)
    goes_on = np.where(is_row_start, draw < choice.row_decay, True)
    goes_on[:, :1] = True  # the first row is there
    is_row_reached = np.logical_and.accumulate(goes_on, axis=1)
    is_swiped = np.where(is_swipe, draw < choice.swipe_chance, True)
    for start in range(0, n_positions, choice.row_length):
        row = slice(start, start + choice.row_length)
        is_swiped[:, row] = np.logical_and.accumulate(is_swiped[:, row], axis=1)
    return np.asarray(is_row_reached & is_swiped)
