"""How many processes answer for a server."""

import os

import pytest

from funflix.errors import SetupError
from funflix.servers import workers_of_a_server


@pytest.mark.parametrize("environment", [{}, {"FUNFLIX_SERVER_WORKERS": ""}])
def test_a_server_has_a_process_for_each_core_and_at_most_eight(environment: dict[str, str]) -> None:
    assert workers_of_a_server(environment) == min(os.cpu_count() or 1, 8)


def test_the_environment_may_ask_for_another_number() -> None:
    assert workers_of_a_server({"FUNFLIX_SERVER_WORKERS": "12"}) == 12


@pytest.mark.parametrize("asked", ["0", "65", "-1", "two", "1.5"])
def test_a_number_that_no_server_can_have_is_refused(asked: str) -> None:
    with pytest.raises(SetupError, match=f"FUNFLIX_SERVER_WORKERS is '{asked}'; give a number"):
        workers_of_a_server({"FUNFLIX_SERVER_WORKERS": asked})
