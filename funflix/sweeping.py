"""How an experiment's verdict would move with the guesses of its population: a table, in closed form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from experiment import CONTROL, load_experiment
from funflix.applications import guide_for
from funflix.driving import patient_clients
from funflix.preparing import prepared_training_set
from funflix.servers import builtin_endpoint
from simulator.behaviour import load_population
from simulator.slates import UserSlates, ask_home_slates
from simulator.sweeping import SweepRow, Variation, sweep_truth, usual_variations
from stats import achieved_power
from website import design_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from catalog import Dataset
    from experiment import Experiment
    from funflix.workspace import Workspace
    from recommender_client import RecommenderClient
    from simulator.behaviour import FilmGuide, Population, Visitors
    from stats import Design

# Of a larger population the first visitors stand for all.
_MOST_VISITORS = 10_000
# Less than this is rounding.
_NO_GAIN = 1e-9


@dataclass(frozen=True, slots=True)
class SweptExperiment:
    """One experiment under one variation of its population.

    Args:
        row: what is true under it.
        ship_chance: the chance that the experiment as planned ends with `ship`, a fraction; None where the
            truth is no gain, the verdict is not by one look at visitor CTR, or calibration failed.
    """

    row: SweepRow
    ship_chance: float | None


def sweep_population(
    workspace: Workspace,
    *,
    seed: int | None = None,
    variations: Callable[[Population], Sequence[Variation]] = usual_variations,
    on_row: Callable[[SweptExperiment], None] = lambda _row: None,
) -> tuple[SweptExperiment, ...]:
    """Compute what is true of the workspace's experiment under variations of its population.

    No visit is made: each row is an expectation in closed form, and takes some seconds.

    Args:
        workspace: prepared; its experiment and population files are used as they are.
        seed: of the visitors; None for that of the population file.
        variations: what to try, of the workspace's population.
        on_row: told each row as it is found.

    Raises:
        SetupError: the workspace has no models, or its data changed.
        ExperimentFileError, PopulationError: a file is at fault.
        RecommenderClientError: a model endpoint gives no usable answer.
    """
    experiment = load_experiment(workspace.experiment)
    population = load_population(workspace.population)
    training_set = prepared_training_set(workspace)
    design, tried = design_of(experiment), variations(population)
    swept: list[SweptExperiment] = []
    with builtin_endpoint(workspace, experiment) as endpoint_url:
        rows = sweep_truth(
            training_set.dataset.films,
            training_set.split.held_out,
            tried,
            _RememberedSlates(experiment, patient_clients(experiment, training_set.dataset, endpoint_url)),
            seed=workspace.seed(seed),
            n_visitors=min(population.crowd.size, _MOST_VISITORS),
            baseline_ctr=experiment.baseline_ctr,
            control=CONTROL,
            guide=_guide(tried, training_set.dataset),
        )
        for row in rows:
            swept.append(SweptExperiment(row, _ship_chance(row, design)))
            on_row(swept[-1])
    return tuple(swept)


def sweep_text(swept: Sequence[SweptExperiment]) -> str:
    """The table for a terminal of 80 columns."""
    lines = [f"{'Varied':<38}{'Control':>9}{'Treatment':>11}{'Difference':>12}{'Ship':>8}"]
    lines += [_line(one) for one in swept]
    lines.append("Ship: chance that the experiment, as planned, ends so; - without a true gain.")
    return "\n".join(lines)


def sweep_json(swept: Sequence[SweptExperiment]) -> list[dict[str, object]]:
    """The same as JSON: by row `changes`, `truth`, `outside_option`, `ship_chance`, `problem`."""
    return [
        {
            "changes": dict(one.row.variation.changes),
            "truth": None if one.row.truth is None else one.row.truth.to_json(),
            "outside_option": one.row.outside_option,
            "ship_chance": one.ship_chance,
            "problem": one.row.problem or None,
        }
        for one in swept
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _RememberedSlates:
    """Home slates of visitors under each arm; each user is asked for once, whatever varies."""

    experiment: Experiment
    clients: Mapping[str, RecommenderClient]
    _known: dict[tuple[str, int], np.ndarray[tuple[int, ...], np.dtype[np.int64]]] = field(
        default_factory=dict
    )

    def __call__(self, visitors: Visitors) -> dict[str, UserSlates]:
        users, firsts, places = np.unique(visitors.user_id, return_index=True, return_inverse=True)
        found = {}
        for arm, client in self.clients.items():
            is_new = np.array([(arm, user) not in self._known for user in users.tolist()])
            if is_new.any():
                asked = visitors.take(firsts[is_new])
                slates = ask_home_slates(client, asked, slate_size=self.experiment.slate_size)
                answers = slates[: len(asked)]
                self._known.update(
                    {(arm, user): slate for user, slate in zip(asked.user_id.tolist(), answers, strict=True)}
                )
            rows = np.array([self._known[arm, user] for user in users.tolist()], dtype=np.int64)
            found[arm] = UserSlates(rows, places)
        return found


def _guide(tried: Sequence[Variation], dataset: Dataset) -> FilmGuide | None:
    """One for all, where any needs it."""
    guides = (guide_for(variation.population, dataset) for variation in tried)
    return next((guide for guide in guides if guide is not None), None)


def _ship_chance(row: SweepRow, design: Design) -> float | None:
    if row.truth is None or design.primary_metric != "visitor_ctr" or design.sequential != "none":
        return None
    gain = -row.truth.difference if design.alternative == "less" else row.truth.difference
    if gain < _NO_GAIN:
        return None
    planned = design.planned
    return achieved_power(
        n_control=planned.n_control,
        n_treatment=planned.n_treatment,
        baseline=next(iter(row.truth.visitor_ctr.values())),
        mde=gain,
        alpha=design.alpha,
        alternative=design.alternative,
    )


def _line(one: SweptExperiment) -> str:
    words, truth = one.row.variation.words, one.row.truth
    if truth is None:
        return f"{words:<38}  {one.row.problem}"
    control, treatment, *_ = truth.visitor_ctr.values()
    chance = "-" if one.ship_chance is None else f"{one.ship_chance:.0%}"
    difference = f"{100 * truth.difference:+.2f} pts"
    return f"{words:<38}{control:>9.2%}{treatment:>11.2%}{difference:>12}{chance:>8}"
