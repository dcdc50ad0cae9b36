"""Interleaved and logged traffic as a report: verdicts, checks, and its three forms."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest
import scipy.stats

from stats import (
    Arm,
    ArmlessReport,
    ArmOutcomes,
    Demands,
    Design,
    InvalidDesignError,
    LoggedImpressions,
    LoggedPolicy,
    OffPolicySums,
    OtherDesigns,
    Outcomes,
    Report,
    Run,
    TeamBalance,
    TeamDraft,
    build_armless_report,
    build_report,
    render_html,
    render_text,
    report_to_json,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def draft(
    wins: int, losses: int, *, ties: int = 10, idle: int = 100, balance: TeamBalance | None = None
) -> TeamDraft:
    """Visitors who made one click more on the treatment's films, on the control's; alike; none."""
    return TeamDraft(
        "control", "treatment", (0, 1, 1, 0), (1, 0, 1, 0), (wins, losses, ties, idle), balance=balance
    )


def logged(
    *, gain: float = 1.0, n: int = 4_000, target: Sequence[float] = (0.2, 0.8), seed: int = 1
) -> LoggedPolicy:
    """Two films shown evenly; the second is clicked `gain` times as often as the first."""
    rng = np.random.default_rng(seed)
    films = rng.integers(0, 2, n)
    clicked = rng.random(n) < np.where(films == 1, 0.1 * gain, 0.1)
    return LoggedPolicy(
        OffPolicySums.from_logged(
            LoggedImpressions(
                clicked * 1.0, np.full(n, 0.5), np.array(target)[films], rng.integers(0, n // 3, n)
            )
        )
    )


def report(others: OtherDesigns, **demands: object) -> ArmlessReport:
    return build_armless_report(Run("file.csv"), others, Demands(**demands), generated_at=NOW)  # type: ignore[arg-type]  # its own fields


@pytest.mark.parametrize(
    ("wins", "losses", "alternative", "code", "words"),
    [
        (
            70,
            40,
            "greater",
            "ship",
            "Ship treatment: of 110 visitors who preferred one model's films, 63.64%",
        ),
        (40, 70, "greater", "keep-control", "Keep control: of 110"),
        (40, 70, "two-sided", "keep-control", "two-sided p = 0.005"),
        (40, 70, "less", "keep-control", "one-sided"),
        (70, 40, "two-sided", "ship", "two-sided p = 0.005"),
        (52, 48, "greater", "inconclusive", "Inconclusive: no preference is shown; of 100"),
        (1, 0, "greater", "inconclusive", "no test can be made; 1 of 111 visitors"),
        (0, 0, "greater", "inconclusive", "0 of 110 visitors"),
        (12, 0, "greater", "ship", "100.00% preferred treatment's"),
    ],
)
def test_visitors_decide_by_the_sign_test(
    wins: int, losses: int, alternative: str, code: str, words: str
) -> None:
    """Scipy's binomtest says what the sentence says, to four digits."""
    found = report(OtherDesigns(draft(wins, losses)), alternative=alternative)
    assert found.verdict.code == code
    assert words in found.verdict.sentence
    assert found.failed_check == ""
    if wins + losses > 1:
        p_value = scipy.stats.binomtest(wins, wins + losses, 0.5, alternative).pvalue
        assert (f"p = {p_value:.4f}" if p_value >= 0.0001 else "p < 0.0001") in found.verdict.sentence


def test_an_unfair_draft_is_invalid() -> None:
    found = report(OtherDesigns(draft(70, 40, balance=TeamBalance(1_000, 1_300, 1e-9))))
    assert found.verdict.code == "invalid"
    assert "1,000 films of control and 1,300 of treatment" in found.failed_check
    assert "FAILED" in render_text(found)
    assert report(OtherDesigns(draft(70, 40, balance=TeamBalance(1_000, 1_020, 0.4)))).verdict.code == "ship"


@pytest.mark.parametrize(
    ("gain", "code", "words"),
    [
        (2.0, "inconclusive", "Worth an A/B test, not yet a decision"),
        (0.3, "keep-control", "Keep the logging policy"),
        (1.0, "inconclusive", "no difference is shown"),
    ],
)
def test_a_log_alone_ships_nothing(gain: float, code: str, words: str) -> None:
    found = report(OtherDesigns(logged=logged(gain=gain)))
    assert found.verdict.code == code
    assert words in found.verdict.sentence
    assert "(SNIPS)" in found.verdict.sentence


def test_chances_that_do_not_fit_the_log_are_invalid() -> None:
    """The target chances add up to 1.6, so that weights have mean 1.6."""
    found = report(OtherDesigns(logged=logged(target=(0.8, 0.8))))
    assert found.verdict.code == "invalid"
    assert "has mean 1.6 (in all impressions alike) and must have 1" in found.failed_check


def test_preference_decides_where_there_are_both() -> None:
    assert report(OtherDesigns(draft(70, 40), logged(gain=0.3))).verdict.code == "ship"
    assert report(OtherDesigns(draft(70, 40), logged(target=(0.9, 0.9)))).verdict.code == "invalid"


def test_thin_overlap_is_warned_of() -> None:
    """A target policy that shows one film in a hundred of the log's; one impression with most weight."""
    n = 2_000
    films = np.arange(n) % 100 == 0
    clicked = (np.arange(n) % 200 == 0) * 1.0
    impressions = LoggedImpressions(clicked, np.where(films, 0.01, 0.99), np.where(films, 1.0, 0.0))
    found = report(OtherDesigns(logged=LoggedPolicy(OffPolicySums.from_logged(impressions))))
    assert found.others.off_policy is not None
    text = " ".join(render_text(found).split())
    assert "WARNING: weighted, the 2,000 impressions are worth 20; under 100" in text
    assert "thin overlap" in text
    assert found.verdict.sentence.startswith("Inconclusive: the log cannot tell; weighted, the 2,000")
    rewards = np.arange(50) % 2.0
    one = LoggedImpressions(rewards, np.r_[0.01, np.full(49, 0.5)], np.full(50, 0.5))
    heavy = report(OtherDesigns(logged=LoggedPolicy(OffPolicySums.from_logged(one)))).others.off_policy
    assert heavy is not None
    assert any("one impression has 50.51% of all weight (weight 50)" in text for text in heavy.warnings)


def test_a_target_policy_that_shows_no_logged_film_has_no_value() -> None:
    found = report(OtherDesigns(logged=logged(target=(0.0, 0.0))))
    assert found.verdict.code == "invalid"  # the weights' mean is 0
    document = report_to_json(found)["off_policy"]
    assert document["estimates"] == []
    assert "none of the logged films" in document["missing"]
    assert "none of the logged films" in " ".join(render_text(found).split())


@pytest.mark.parametrize(
    ("rewards", "words"),
    [
        (np.ones(200), "all visitors earned at the same rate"),
        ((np.arange(200) < 8) * (np.arange(200) % 2), "4 of the 5 rewarded impressions"),
        ((np.arange(200) % 4 == 0) * 1, "0 of the 5 rewarded impressions"),
    ],
)
def test_thin_logs_have_no_interval_of_nothing(
    rewards: np.ndarray[tuple[int], np.dtype[np.float64]], words: str
) -> None:
    """Only every other impression is one that the target policy would show."""
    shown = np.arange(200) % 2.0
    impressions = LoggedImpressions(rewards.astype(float), np.full(200, 0.5), shown)
    found = report(OtherDesigns(logged=LoggedPolicy(OffPolicySums.from_logged(impressions))))
    assert found.verdict.code == "inconclusive"
    assert words in found.verdict.sentence
    assert report_to_json(found)["off_policy"]["estimates"] == []


def test_rewards_that_are_no_rates_are_printed_as_means() -> None:
    rng = np.random.default_rng(6)
    impressions = LoggedImpressions(rng.exponential(900, 500), np.full(500, 0.5), rng.choice([0.3, 0.7], 500))
    text = render_text(report(OtherDesigns(logged=LoggedPolicy(OffPolicySums.from_logged(impressions)))))
    assert "%" not in next(line for line in text.splitlines() if "as logged" in line)


def test_nothing_to_report_is_refused() -> None:
    with pytest.raises(InvalidDesignError, match="nothing to report"):
        report(OtherDesigns())
    with pytest.raises(InvalidDesignError, match="alpha is 5"):
        report(OtherDesigns(draft(1, 1)), alpha=5)


# Its forms.

BOTH = OtherDesigns(draft(70, 40, balance=TeamBalance(900, 905, 0.9)), logged(gain=2.0))


def beside_arms(others: OtherDesigns) -> Report:
    arms = (ArmOutcomes(Arm("control", 925, 66)), ArmOutcomes(Arm("treatment", 925, 104)))
    return build_report(Outcomes(Run("r"), arms), Design(), generated_at=NOW, others=others)


@pytest.mark.parametrize("found", [report(BOTH), beside_arms(BOTH)], ids=["alone", "beside arms"])
def test_text_fits_80_columns_and_json_is_json(found: Report | ArmlessReport) -> None:
    text = render_text(found)
    assert " ".join(text.split()).startswith(found.verdict.sentence)
    assert max(map(len, text.splitlines())) <= 80
    assert text.isascii()
    assert "A preference side by side is no difference in CTR" in " ".join(text.split())
    document = json.loads(json.dumps(report_to_json(found), allow_nan=False))
    assert document["interleaving"]["n_treatment"] == 70
    assert document["interleaving"]["p_value"] == pytest.approx(
        scipy.stats.binomtest(70, 110, 0.5, "greater").pvalue, rel=1e-9
    )
    assert [one["method"] for one in document["off_policy"]["estimates"]] == ["IPS", "SNIPS"]


def test_both_kinds_of_report_have_the_same_fields() -> None:
    assert set(report_to_json(report(BOTH))) == set(report_to_json(beside_arms(OtherDesigns())))
    assert report_to_json(beside_arms(OtherDesigns()))["interleaving"] is None
    assert report_to_json(beside_arms(OtherDesigns()))["off_policy"] is None


def test_beside_arms_they_change_no_verdict_and_a_failed_check_is_told() -> None:
    plain, with_others = beside_arms(OtherDesigns()), beside_arms(BOTH)
    assert plain.verdict == with_others.verdict
    assert with_others.failed_check == ""
    unfair = beside_arms(OtherDesigns(draft(70, 40, balance=TeamBalance(900, 1_905, 1e-9))))
    assert unfair.verdict == plain.verdict
    assert "900 films of control" in unfair.failed_check


class Texts(HTMLParser):
    """What stands between the tags, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note sections and addresses."""
        found = dict(attrs)
        self.sections += [found["id"] or ""] if tag == "section" else []
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.parametrize("found", [report(BOTH), beside_arms(BOTH)], ids=["alone", "beside arms"])
def test_the_page_has_sections_and_figures_with_text_alternatives(found: Report | ArmlessReport) -> None:
    page = render_html(found)
    texts = Texts()
    texts.feed(page)
    assert texts.addresses == []
    assert "<script" not in page
    places = [texts.sections.index(name) for name in ("interleaving", "off-policy", "rule", "reproduction")]
    assert places == sorted(places)
    for key in ("interleaving", "off-policy"):
        described = re.search(rf'<desc id="figure-{key}-description">([^<]*)</desc>', page)
        assert described
        assert "interval" in described[1]


def test_they_stand_before_the_other_analyses_of_the_arms() -> None:
    texts = Texts()
    texts.feed(render_html(beside_arms(BOTH)))
    order = [
        key for key in texts.sections if key in ("bayesian", "interleaving", "off-policy", "sensitivity")
    ]
    assert order == ["bayesian", "interleaving", "off-policy", "sensitivity"]


def test_hostile_names_are_escaped() -> None:
    name = "<script>alert(1)</script>"
    found = report(OtherDesigns(TeamDraft("control", name, (0, 1), (1, 0), (20, 5))))
    assert "<script" not in render_html(found)
    assert max(map(len, render_text(found).splitlines())) <= 80
