"""The model `oracle`: for each user the films that simulated visitors of this user truly like best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funflix.errors import SetupError
from recommender import FilmLists, list_model
from simulator.behaviour import fit_truth, load_population
from simulator.references import MOST_PAIRS, is_reference_affordable, rank_by_truth

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.preparing import TrainingSet
    from recommender import TrainedModel

ORACLE = "oracle"
"""Its name at the built-in endpoint."""

# As many films as the endpoint ranks in advance for other models.
_DEPTH = 100


def oracle_model(training_set: TrainingSet, population_file: Path, visitor_seed: int) -> TrainedModel:
    """Rank all films for all users by the truth of a population.

    Args:
        training_set: films and ratings; the oracle knows the users that the treatment knows.
        population_file: whose truth.
        visitor_seed: seed of the visitors, and so of what a truth draws.

    Raises:
        PopulationError, TruthError: the file is at fault, or does not go with the data.
        SetupError: users times films are too many.
    """
    population = load_population(population_file)
    films, split = training_set.dataset.films, training_set.split
    truth = fit_truth(films, split.held_out, population, seed=visitor_seed)
    if not is_reference_affordable(truth, split.treatment.user_ids):
        raise SetupError(
            f"model {ORACLE!r} ranks every film for every user, at most {MOST_PAIRS:,} pairs; dataset "
            f"{training_set.choice!r} has more: choose a smaller one, or another model"
        )
    ranked = rank_by_truth(truth, population, split.treatment, depth=_DEPTH)
    lists = FilmLists(ranked.user_ids, ranked.movie_ids, ranked.utilities)
    return list_model(ORACLE, films=films, ratings=split.treatment, held_out=split.held_out, lists=lists)
