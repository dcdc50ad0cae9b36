"""What a bot does: it opens page after page, whatever is on them, and looks at none of them.

It has no taste and no patience. Its clicks are what makes a click-through rate wrong where bots are counted
as people; the truth is computed over people alone.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats, Integers, uniform
from simulator.behaviour.persona import Persona

# Too short for anything to count as viewed.
SECONDS_PER_PAGE = 0.2


def are_bots(personas: Sequence[Persona], persona_index: Integers) -> npt.NDArray[np.bool_]:
    """Which of the visitors with these personas are bots, same shape."""
    return np.asarray(np.array([persona.is_bot for persona in personas])[persona_index], dtype=np.bool_)


def with_crawls(
    personas: Sequence[Persona],
    dwell_s: Floats,
    chosen: Integers,
    *,
    n_positions: int,
    seed: int,
    visitor_index: Integers,
    persona_index: Integers,
    n_clicks: int,
) -> tuple[Floats, Integers]:
    """Dwell and choice on one page, (n_visitors,) each, those of bots replaced by what bots do.

    A bot opens any film of the slate with equal chance, until it has opened its pages.
    """
    is_bot = are_bots(personas, persona_index)
    if not is_bot.any():
        return dwell_s, chosen
    n_pages = np.array([persona.bot_pages for persona in personas])[persona_index]
    draw = uniform(seed, "crawl", visitor=visitor_index, step=n_clicks)
    opened = np.floor(draw * n_positions).astype(np.int64) + 1
    has_more = (n_clicks < n_pages) & (n_positions > 0)
    return (
        np.where(is_bot, SECONDS_PER_PAGE, dwell_s),
        np.where(is_bot, np.where(has_more, opened, 0), chosen),
    )
