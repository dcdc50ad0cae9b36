"""What `stats` says in English, in German."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from experiment import DEFAULT_EXPERIMENT_TOML
from website.dashboard.sentences import in_language
from website.words import current_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Element, Studio

SMALL = DEFAULT_EXPERIMENT_TOML.replace("mde = 0.04", "mde = 0.15")
GUARDED = "\n[[guardrails]]\nmetric = '{metric}'\nmargin = {margin}\n"
DESIGNS = {
    "before anybody": (DEFAULT_EXPERIMENT_TOML, 0),
    "one visitor": (DEFAULT_EXPERIMENT_TOML, 1),
    "a few": (DEFAULT_EXPERIMENT_TOML, 40),
    "shipped": (SMALL, 220),
    "two-sided": (SMALL.replace('"greater"', '"two-sided"'), 220),
    "against expectation": (SMALL.replace('"greater"', '"less"'), 220),
    "any time": (SMALL.replace('sequential = "none"', 'sequential = "always-valid"'), 60),
    "any time, early": (SMALL.replace('sequential = "none"', 'sequential = "always-valid"'), 20),
    "looks": (SMALL.replace('sequential = "none"', 'sequential = "obrien-fleming"'), 60),
    "looks, early": (SMALL.replace('sequential = "none"', 'sequential = "obrien-fleming"'), 10),
    "by impressions": (SMALL.replace('"visitor_ctr"', '"impression_ctr"'), 220),
    "guarded": (SMALL + GUARDED.format(metric="latency_p95", margin=0.001), 220),
}
_ENGLISH = re.compile(r'<span lang="en">(.*?)</span>')


@pytest.mark.parametrize("name", DESIGNS)
def test_every_sentence_of_a_report_has_a_pattern(
    studio: Studio, record_run: Callable[..., None], name: str
) -> None:
    text, n_visitors = DESIGNS[name]
    record_run(studio, n_visitors, text=text)
    page = studio.person().get("/experiment?run=run-1", headers={"Accept-Language": "de"}).text
    assert _ENGLISH.findall(page) == []
    assert "panel-verdict" in page


def test_a_verdict_in_german(
    studio: Studio, record_run: Callable[..., None], read_page: Callable[[str], Element]
) -> None:
    """Of 400 visitors 20% and 40% clicked: z = 4.3640, p < 0.0001."""
    record_run(studio, 400, text=SMALL)
    answer = studio.person().get("/experiment?run=run-1", headers={"Accept-Language": "de"})
    words = read_page(answer.text).one("p", class_="verdict-sentence").words().replace("\u00a0", " ")
    assert words.startswith(
        "treatment ausliefern: 40,00 % der Besucher haben geklickt, bei control 20,00 %, "
    )
    assert words.endswith("Punkte; einseitig p < 0,0001).")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            (
                "Invalid: the arms (1,020 : 830) do not have the sizes the split intends (sample-ratio "
                "p < 0.0001, alarm under 0.001); 6.2% of control's slates were fallbacks (limit "
                "5%). Find the "
                "cause before reading any result."
            ),
            (
                "Ungültig: die Arme (1.020 : 830) sind nicht so groß, wie die Aufteilung es will "
                "(Stichprobenverhältnis p < 0,0001, Alarm unter 0,001); 6,2 % der Empfehlungen "
                "von control waren "
                "Ersatz (Grenze 5 %). Such die Ursache, bevor du ein Ergebnis liest."
            ),
        ),
        (
            (
                "Keep control: no significant gain, +1.10 points (95% interval -1.40 to +3.60 "
                "points; one-sided "
                "p = 0.1943). The interval rules out a gain of 4 points, the MDE."
            ),
            (
                "control beibehalten: kein signifikanter Anstieg, +1,10 Punkte (95 "
                "%-Konfidenzintervall -1,40 "
                "bis +3,60 Punkte; einseitig p = 0,1943). Das Intervall schließt einen Anstieg "
                "um 4 Punkte, den MDE, "
                "aus."
            ),
        ),
        (
            (
                "Keep control: v1.5 is better, +4.11 points (95% interval +1.49 to +6.74 points; one-sided "
                "p = 0.0011), but a guardrail is not held: latency p95 may be worse by 10 ms or more."
            ),
            (
                "control beibehalten: v1.5 ist besser, +4,11 Punkte (95 %-Konfidenzintervall +1,49 bis +6,74 "
                "Punkte; einseitig p = 0,0011), aber eine Leitplanke ist nicht gehalten: "
                "Wartezeit p95 kann um "
                "10 ms oder mehr schlechter sein."
            ),
        ),
        (
            (
                "Ship b, the only one better of 2: 11.20% against 7.10% of control's, +4.10 points (95% "
                "interval +1.50 to +6.70 points; p = 0.0021 after Dunnett)."
            ),
            (
                "b ausliefern, als einzige von 2 Varianten besser: 11,20 % gegen 7,10 % bei control, +4,10 "
                "Punkte (95 %-Konfidenzintervall +1,50 bis +6,70 Punkte; p = 0,0021 nach Dunnett)."
            ),
        ),
        (
            (
                "Keep control: none of 2 treatments is significantly better (b +1.10 points, p = 0.1900; "
                "c -0.20 points, p = 0.8000; after Dunnett)."
            ),
            (
                "control beibehalten: keine von 2 Varianten ist signifikant besser (b +1,10 Punkte, "
                "p = 0,1900; c -0,20 Punkte, p = 0,8000; nach Dunnett)."
            ),
        ),
    ],
)
def test_sentences_are_translated_with_what_stands_in_them(studio: Studio, english: str, german: str) -> None:
    with studio.app.test_request_context("/experiment", headers={"Accept-Language": "de"}):
        assert in_language(english).replace("\u00a0", " ") == german


def test_a_sentence_without_a_pattern_stays_english_and_says_so(studio: Studio) -> None:
    with studio.app.test_request_context("/experiment", headers={"Accept-Language": "de"}):
        assert in_language("All <is> well.") == '<span lang="en">All &lt;is&gt; well.</span>'
        assert in_language("Invalid: the cat ate it. Find the cause before reading any result.").startswith(
            '<span lang="en">Invalid'
        )
    with studio.app.test_request_context("/experiment"):
        assert current_language() == "en"
        assert in_language("All <is> well.") == "All <is> well."
