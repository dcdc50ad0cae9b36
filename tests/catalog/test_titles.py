import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.titles import parse_title


@pytest.mark.parametrize(
    ("filed", "title", "year"),
    [
        ("Toy Story (1995)", "Toy Story", 1995),
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("Blind Side, The  (2009)", "The Blind Side", 2009),
        ("Superman/Doomsday (2007) ", "Superman/Doomsday", 2007),
        ("Postman, The (Postino, Il) (1994)", "The Postman (Il Postino)", 1994),
        ("American in Paris, An (1951)", "An American in Paris", 1951),
        ("Avventura, L' (Adventure, The) (1960)", "L'Avventura (The Adventure)", 1960),
        ("Good, the Bad and the Ugly, The (1966)", "The Good, the Bad and the Ugly", 1966),
        ("Play It Again, Sam (1972)", "Play It Again, Sam", 1972),
        ("Monsters, Inc. (2001)", "Monsters, Inc.", 2001),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("Babylon 5", "Babylon 5", None),
        ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto (2006–2007)", None),
        ("(1984)", "(1984)", None),
    ],
)
def test_filed_titles_become_display_titles_with_their_year(filed: str, title: str, year: int | None) -> None:
    """Expected titles by hand; all but two of these stand in ml-latest-small."""
    assert parse_title(filed) == (title, year)


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1).filter(lambda title: "," not in title))
def test_a_title_without_comma_stays_as_it_is(title: str) -> None:
    """Letters, digits and punctuation of any script; the year 1234 is cut off again."""
    assert parse_title(f"{title} (1234)") == (title, 1234)
