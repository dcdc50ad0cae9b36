import threading

import recommender_client
from recommender_client import RecommenderClientError
from recommender_client import errors as error_module


def test_the_contents_page_is_sorted_and_each_name_is_there() -> None:
    names = recommender_client.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert all(hasattr(recommender_client, name) for name in names)


def test_every_error_is_exported_drawn_and_has_a_reason_of_its_own() -> None:
    found = [value for value in vars(error_module).values() if isinstance(value, type)]
    errors = [value for value in found if issubclass(value, RecommenderClientError)]
    for error in errors:
        assert error.__name__ in recommender_client.__all__
        assert error.__name__ in (error_module.__doc__ or "")
    assert len({error.reason for error in errors}) == len(errors) == 8


def test_building_a_client_starts_no_thread_and_opens_no_connection() -> None:
    n_threads = threading.active_count()
    recommender_client.create_client("seldon", "http://127.0.0.1:1", "m", timeout_s=1.0)
    assert threading.active_count() == n_threads
