import doctest

import catalog
from catalog import titles


def test_the_contents_page_is_sorted_and_complete() -> None:
    """Constants, classes and functions, each group in alphabetical order, as ruff sorts them."""
    assert all(hasattr(catalog, name) for name in catalog.__all__)
    assert len(set(catalog.__all__)) == len(catalog.__all__)


def test_every_error_is_of_the_family_and_of_a_standard_type() -> None:
    standard = (ValueError, LookupError, OSError)
    for name in catalog.__all__:
        if name.endswith("Error") and name != "CatalogError":
            assert issubclass(getattr(catalog, name), catalog.CatalogError)
            assert issubclass(getattr(catalog, name), standard)


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(titles).failed == 0
