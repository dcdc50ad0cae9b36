import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from stats import (
    Arm,
    ArmOutcomes,
    Design,
    Outcomes,
    Report,
    Run,
    Truth,
    build_report,
    render_html,
    render_text,
    report_to_json,
)

MakeReport = Callable[..., Report]
HOSTILE = "<script>alert(1)</script>&\"'"


class OpenTags(HTMLParser):
    """Collects the tags a page uses and checks that they nest."""

    VOID = frozenset({"meta", "path", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.used: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's
        """Note the tag, and that it waits for its end."""
        self.used.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's
        """Note the tag."""
        self.used.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost open tag ends."""
        assert self.open.pop() == tag


def test_the_verdict_sentence_comes_first_and_no_line_passes_80_columns(make_report: MakeReport) -> None:
    report = make_report((925, 66), (925, 104))
    text = render_text(report)
    assert " ".join(text.split()).startswith(report.verdict.sentence)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.isascii()
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_long_names_wrap_in_any_width(make_report: MakeReport, width: int) -> None:
    run = Run(
        "run-" + "x" * 150, experiment="an experiment of many words " * 5, settings={"key": "value " * 60}
    )
    text = render_text(make_report((925, 66), (925, 104), run=run), width=width)
    assert max(len(line) for line in text.splitlines()) <= width


def test_a_name_that_is_not_ascii_is_shown_or_escaped_as_asked() -> None:
    design = Design(weights={"contrôle": 1.0, "neu": 1.0}, control="contrôle")
    arms = (ArmOutcomes(Arm("contrôle", 925, 66)), ArmOutcomes(Arm("neu", 925, 104)))
    report = build_report(Outcomes(Run("r"), arms), design, generated_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert "contrôle" in render_text(report)
    escaped = render_text(report, ascii_only=True)
    assert escaped.isascii()
    assert "contr\\xf4le" in escaped
    assert max(len(line) for line in escaped.splitlines()) <= 80


def test_the_sections_stand_in_the_order_of_the_design(make_report: MakeReport) -> None:
    text = render_text(make_report((925, 66), (925, 104)))
    titles = [
        "DESIGN",
        "TRUST CHECKS",
        "PRIMARY METRIC",
        "EACH ARM AGAINST",
        "SECONDARY METRIC",
        "ESTIMATE AGAINST",
    ]
    titles += ["DECISION RULE", "REPRODUCTION"]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert "WRONG, for comparison only" in text


def test_a_failed_check_is_a_word_not_a_colour(make_report: MakeReport) -> None:
    text = render_text(make_report((925, 66), (925, 104), n_crossovers=3))
    assert re.search(r"FAILED +visitors in two variants +3", text)


def test_failed_attempts_stand_by_arm_in_text_page_and_json() -> None:
    """12 in control, 1,340 in treatment; nothing is said where nobody kept count."""
    design = Design(weights={"control": 1.0, "treatment": 1.0})

    def report_on(*n_failed: int | None) -> Report:
        arms = tuple(
            ArmOutcomes(Arm(variant, 925, 66), n_failed_attempts=n)
            for variant, n in zip(design.variants, n_failed, strict=True)
        )
        return build_report(Outcomes(Run("r"), arms), design, generated_at=datetime(2026, 1, 1, tzinfo=UTC))

    counted = report_on(12, 1_340)
    for rendered in (render_text(counted), render_html(counted)):
        assert "failed attempts by arm" in rendered
        assert "control 12, treatment 1,340" in rendered
    assert report_to_json(counted)["health"]["failed_attempts"] == {"control": 12, "treatment": 1_340}
    assert "failed attempts" not in render_text(report_on(None, None))
    assert report_to_json(report_on(None, None))["health"]["failed_attempts"] == {}


def test_repeated_clicks_stand_among_the_trust_checks() -> None:
    def report_on(n: int | None) -> Report:
        arms = (ArmOutcomes(Arm("control", 925, 66)), ArmOutcomes(Arm("treatment", 925, 104)))
        return build_report(
            Outcomes(Run("r"), arms, n_repeated_clicks=n),
            Design(),
            generated_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    for rendered in (render_text(report_on(1_203)), render_html(report_on(1_203))):
        assert "repeated clicks refused" in rendered
        assert "1,203 in all arms; a click counts once" in rendered
    assert report_to_json(report_on(1_203))["health"]["repeated_clicks_refused"] == 1_203
    assert report_to_json(report_on(1_203))["health"]["repeated_clicks_by_arm"] == {}
    assert "repeated clicks" not in render_text(report_on(None))
    assert report_to_json(report_on(None))["health"]["repeated_clicks_refused"] is None


def test_reproduction_names_seed_run_and_hash(make_report: MakeReport) -> None:
    text = render_text(make_report((925, 66), (925, 104)))
    for name, value in [("seed", "7"), ("run", "run-7"), ("engine", "http"), ("experiment", "newer-data")]:
        assert re.search(rf"^  {name} +{value}$", text, re.MULTILINE)
    assert "5f5f5f" in text


def test_the_page_is_one_well_formed_file_that_fetches_nothing(make_report: MakeReport) -> None:
    page = render_html(make_report((925, 66), (925, 104)))
    tags = OpenTags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe"} & set(tags.used)
    assert not re.search(r"(src|href)\s*=|url\(|@import|https?:", page)
    for feature in ("prefers-color-scheme: dark", "@media print", 'lang="en"', "<main>"):
        assert feature in page


def test_the_figures_have_text_alternatives_with_their_numbers(make_report: MakeReport) -> None:
    page = render_html(make_report((925, 66), (925, 104)))
    figures = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]  # noqa: S314 - our own
    assert len(figures) == 2
    for figure in figures:
        ids = {element.get("id") for element in figure.iter()}
        assert figure.get("role") == "img"
        assert set((figure.get("aria-labelledby") or "").split()) <= ids
    descriptions = [figure.findtext("desc") or "" for figure in figures]
    assert "control 7.14%, interval 5.65% to 8.98%, truth 7.01%" in descriptions[0]
    assert "difference +4.11 points, interval +1.48 to +6.76 points, truth +3.79 points" in descriptions[1]
    assert "MDE 4 points" in descriptions[1]


def test_a_whisker_runs_from_low_over_the_estimate_to_high(make_report: MakeReport) -> None:
    page = render_html(make_report((925, 66), (925, 104)))
    whiskers = re.findall(r'class="whisker" d="M([\d.]+) [\d.]+v14v-7H([\d.]+)v-7v14"', page)
    dots = re.findall(r'class="dot" cx="([\d.]+)"', page)
    assert len(whiskers) == len(dots) == 3
    for (low, high), dot in zip(whiskers, dots, strict=True):
        assert 0 < float(low) < float(dot) < float(high) < 640


def test_a_report_without_data_has_no_figure_of_it(make_report: MakeReport) -> None:
    page = render_html(make_report((0, 0), (0, 0)))
    assert "<svg" not in page
    assert "no visitor was exposed" in page


def test_hostile_names_are_escaped(make_report: MakeReport) -> None:
    run = Run(HOSTILE, experiment=HOSTILE, settings={HOSTILE: HOSTILE}, truth=Truth({HOSTILE: 0.1}))
    design = replace(Design(), weights={"control": 1.0, HOSTILE: 1.0})
    report = make_report((925, 66), (925, 104))
    arms = (ArmOutcomes(Arm("control", 925, 66)), ArmOutcomes(Arm(HOSTILE, 925, 104)))
    page = render_html(build_report(Outcomes(run, arms), design, generated_at=report.generated_at))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
