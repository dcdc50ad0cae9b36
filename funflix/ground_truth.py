"""What is true of a run: what its visitors think of films, and what every arm would truly achieve."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from experiment import CONTROL
from funflix.applications import guide_for
from funflix.driving import patient_clients
from simulator.agreement import score_agreement
from simulator.behaviour import Mind, draw_visitors, fit_truth, people
from simulator.calibration import Calibration, calibrate, true_visitor_ctr
from simulator.references import is_reference_affordable, reference_slates
from simulator.slates import ask_home_slates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiment import Experiment
    from funflix.preparing import TrainingSet
    from recommender_client import RecommenderClient
    from simulator.behaviour import Population, Visitors


# So many visitors know the true CTR of a population to 0.0002; more would only take memory.
_MOST_JUDGES = 200_000


def establish_truth(
    training_set: TrainingSet,
    experiment: Experiment,
    population: Population,
    *,
    seed: int,
    n_visitors: int,
    endpoint_url: str,
) -> Calibration:
    """Calibrate the control, and compute what every arm would truly achieve over the population's people.

    Args:
        training_set: films and ratings.
        experiment: its variants are asked for their slates.
        population: who visits.
        seed: of the visitors and all they do.
        n_visitors: how many the run sends.
        endpoint_url: our own model endpoint; must be running where a variant uses it.

    Raises:
        CalibrationError: no outside option gives the control its baseline.
        TruthError, PopulationError: there is no such truth on this data.
        RecommenderClientError: an arm gives no usable answer.
    """
    truth = fit_truth(training_set.dataset.films, training_set.split.held_out, population, seed=seed)
    # Truth is a matter of the population, so that a short run of it has the same.
    n_drawn = max(population.crowd.size, min(n_visitors, _MOST_JUDGES))
    visitors = draw_visitors(population, truth, n_visitors=n_drawn, seed=seed)
    judges = people(population, visitors)
    clients = patient_clients(experiment, training_set.dataset, endpoint_url)
    slates = {
        name: ask_home_slates(client, judges, slate_size=experiment.slate_size)
        for name, client in clients.items()
    }
    guide = guide_for(population, training_set.dataset)
    mind = Mind(population=population, truth=truth, seed=seed, outside_option=0.0, guide=guide)
    calibration = calibrate(mind, judges, slates, control=CONTROL, baseline_ctr=experiment.baseline_ctr)
    return _framed(calibration, judges, training_set, clients, slate_size=experiment.slate_size)


def _framed(
    calibration: Calibration,
    judges: Visitors,
    training_set: TrainingSet,
    clients: Mapping[str, RecommenderClient],
    *,
    slate_size: int,
) -> Calibration:
    """With the reference arms, where they can be afforded, and how model scores agree with the truth."""
    mind = calibration.mind
    references: dict[str, float] = {}
    if is_reference_affordable(mind.truth, judges.user_id):
        slates = reference_slates(
            mind.truth,
            mind.population,
            judges,
            training_set.split.treatment,
            slate_size=slate_size,
            seed=mind.seed,
        )
        references = {arm: true_visitor_ctr(mind, judges, shown) for arm, shown in slates.items()}
    found = {name: score_agreement(client, mind.truth, judges) for name, client in clients.items()}
    agreement = {name: known for name, known in found.items() if known is not None}
    return replace(calibration, truth=replace(calibration.truth, references=references, agreement=agreement))


def truth_in_words(calibration: Calibration, experiment: Experiment) -> list[str]:
    """The true CTRs, a line for the arms, and one for the reference arms where they were computed."""
    truth = calibration.truth
    arms = (
        f"true visitor CTR of this population: {_rates(truth.visitor_ctr)} "
        f"(calibrated to a baseline of {experiment.baseline_ctr:.0%})"
    )
    if not truth.references:
        return [arms]
    return [arms, f"reference arms, never shown: {_rates(truth.references)}"]


def _rates(visitor_ctr: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {rate:.2%}" for name, rate in visitor_ctr.items())
