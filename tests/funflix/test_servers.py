"""Which servers a workspace starts, and how many processes answer for each."""

import os

import pytest

from experiment import DEFAULT_EXPERIMENT_TOML, parse_experiment
from funflix.errors import SetupError
from funflix.servers import has_builtin, workers_of_a_server


@pytest.mark.parametrize("environment", [{}, {"FUNFLIX_SERVER_WORKERS": ""}])
def test_a_server_has_a_process_for_each_core_and_at_most_eight(environment: dict[str, str]) -> None:
    assert workers_of_a_server(environment) == min(os.cpu_count() or 1, 8)


def test_the_environment_may_ask_for_another_number() -> None:
    assert workers_of_a_server({"FUNFLIX_SERVER_WORKERS": "12"}) == 12


@pytest.mark.parametrize("asked", ["0", "65", "-1", "two", "1.5"])
def test_a_number_that_no_server_can_have_is_refused(asked: str) -> None:
    with pytest.raises(SetupError, match=f"FUNFLIX_SERVER_WORKERS is '{asked}'; give a number"):
        workers_of_a_server({"FUNFLIX_SERVER_WORKERS": asked})


def test_only_variants_without_an_endpoint_of_their_own_need_ours() -> None:
    own = '[[variants]]\nurl = "http://127.0.0.1:9000"\n'
    assert has_builtin(parse_experiment(DEFAULT_EXPERIMENT_TOML))
    one = DEFAULT_EXPERIMENT_TOML.replace("[[variants]]\n", own, 1)
    assert has_builtin(parse_experiment(one))
    assert not has_builtin(parse_experiment(DEFAULT_EXPERIMENT_TOML.replace("[[variants]]\n", own)))
