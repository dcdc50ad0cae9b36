"""How much each rating counts, once who rates what is allowed for.

People rate what they know, and some rate much more than others: what is rated is no random sample of what
is liked. A rating that was unlikely to be given at all stands for many that were not given, so it counts the
more the less likely it was: inverse propensity scores.

Source: Schnabel, Swaminathan, Singh, Chandak & Joachims, "Recommendations as treatments" (ICML 2016),
arXiv:1602.05352, section 3, for the weights; their section 4.1 estimates propensities by naive Bayes from a
sample of ratings missing at random, which no dataset here has. So a propensity is the product of film
popularity and user activity, the chance under independence, which needs none.
"""

import numpy as np

from simulator.behaviour.draws import Floats, Integers

# No rating counts more than so many times the median one: unclipped weights have boundless variance.
_MOST_WEIGHT = 10.0


def rating_propensities(users: Integers, films: Integers) -> Floats:
    """Chance that each rating was given, in (0, 1]: user activity x film popularity / all, at most 1.

    Args:
        users: row of the user of each rating, (n_ratings,).
        films: row of the film, likewise.
    """
    activity = np.bincount(users)[users].astype(np.float64)
    popularity = np.bincount(films)[films].astype(np.float64)
    return np.asarray(np.minimum(activity * popularity / len(users), 1.0), dtype=np.float64)


def inverse_propensity_weights(propensities: Floats, *, power: float) -> Floats:
    """How much each rating counts: propensity**-power, clipped, of mean 1; all exactly 1 at power 0.

    Powers between 0 and 1 trade bias for variance: 1 is the inverse propensity score itself.
    """
    if power == 0:
        return np.ones_like(propensities)
    weights = propensities**-power
    weights = np.minimum(weights / np.median(weights), _MOST_WEIGHT)
    return np.asarray(weights / weights.mean(), dtype=np.float64)
