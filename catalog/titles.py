"""Film titles as MovieLens files them, turned into titles as people read them."""

import re

# MovieLens files an article behind the title: "Matrix, The (1999)", "Haine, La". A closed list, because a
# title may end in a short word after a comma ("Play It Again, Sam"); "I" is left out for that reason too.
_ARTICLES = (
    *("The", "A", "An"),
    *("La", "Le", "Les", "L'", "Un", "Une"),
    *("El", "Los", "Las", "Una"),
    *("Il", "Lo", "Gli"),
    *("Der", "Die", "Das", "Den", "Det", "En", "Ein", "Eine"),
    *("O", "Os", "As"),
)
_YEAR_AT_END = re.compile(r"^(?P<title>.+?)\s*\((?P<year>\d{4})\)$")
_FILED = re.compile(rf"(?P<rest>[^()]+), (?P<article>{'|'.join(_ARTICLES)})(?=\)|$| \()")


def parse_title(filed: str) -> tuple[str, int | None]:
    """Divide a filed title into its display form and its year, None where it has none.

    >>> parse_title("City of Lost Children, The (Cité des enfants perdus, La) (1995)")
    ('The City of Lost Children (La Cité des enfants perdus)', 1995)
    >>> parse_title("Death Note: Desu nôto (2006–2007)")
    ('Death Note: Desu nôto (2006–2007)', None)
    """
    title, year = " ".join(filed.split()), None
    if match := _YEAR_AT_END.match(title):
        title, year = match["title"], int(match["year"])
    return _FILED.sub(_article_first, title), year


def _article_first(match: re.Match[str]) -> str:
    gap = "" if match["article"].endswith("'") else " "
    return f"{match['article']}{gap}{match['rest']}"
