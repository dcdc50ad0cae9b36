import hashlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment import (
    DEFAULT_EXPERIMENT_TOML,
    Design,
    ExperimentFileError,
    Guardrail,
    Shadow,
    Variant,
    experiment_hash,
    load_experiment,
    parse_experiment,
)

VARIANTS = """
[[variants]]
name = "control"
model = "old"
[[variants]]
name = "treatment"
model = "new"
"""
LEAST = '[experiment]\nname = "e"\nsalt = "s"' + VARIANTS


def refusal(text: str) -> str:
    """What is said about a file that must be refused."""
    with pytest.raises(ExperimentFileError) as caught:
        parse_experiment(text, source="my.toml")
    return str(caught.value)


def test_the_shipped_experiment_is_that_of_the_design() -> None:
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    assert (experiment.name, experiment.assignment, experiment.primary_metric) == (
        "newer-data",
        "visitor",
        "visitor_ctr",
    )
    assert (experiment.baseline_ctr, experiment.slate_size, experiment.holdout) == (0.07, 6, 0.0)
    assert experiment.design == Design(
        alternative="greater", alpha=0.05, power=0.9, mde=0.04, sequential="none"
    )
    assert experiment.variants == (
        Variant(name="control", model="older-svd"),
        Variant(name="treatment", model="newer-ease"),
    )


def test_what_is_left_out_has_its_default() -> None:
    experiment = parse_experiment(LEAST)
    assert experiment.design == Design()
    assert experiment.variant("control") == Variant(
        name="control", weight=1.0, url="builtin", protocol="open_inference", model="old", timeout_s=0.3
    )
    assert experiment.shadows == experiment.guardrails == ()


def test_the_intended_shares_are_the_weights_over_their_sum() -> None:
    experiment = parse_experiment(LEAST.replace('model = "new"', 'model = "new"\nweight = 3'))
    assert experiment.shares == {"control": 0.25, "treatment": 0.75}


def test_shadows_and_guardrails_are_read() -> None:
    text = (
        LEAST
        + '[[shadows]]\nname = "als"\nmodel = "als"\n[[guardrails]]\nmetric = "latency_p95"\nmargin = 20.0'
    )
    experiment = parse_experiment(text)
    assert experiment.shadows == (Shadow(name="als", model="als"),)
    assert experiment.guardrails == (Guardrail(metric="latency_p95", margin=20.0),)


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ('slat = "s"', 'salt = "s"', ("[experiment] slat", "'s'", "unknown key", "did you mean 'salt'?")),
        ("", 'salt = "s"', ("[experiment] salt", "missing")),
        ("salt = 3", 'salt = "s"', ("[experiment] salt", "3", "expected `str`")),
        ('name = ""', 'name = "e"', ("[experiment] name", "''", "1 to 100")),
        ('salt = "s"\nassignment = "visitors"', 'salt = "s"', ("'visitors'", "did you mean 'visitor'?")),
        ('salt = "s"\nprimary_metric = "x"', 'salt = "s"', ("'x'", "visitor_ctr, impression_ctr")),
        ('salt = "s"\nbaseline_ctr = 7', 'salt = "s"', ("baseline_ctr", "7", "fraction")),
        ('salt = "s"\nbaseline_ctr = nan', 'salt = "s"', ("baseline_ctr", "nan")),
        ('salt = "s"\nslate_size = 0', 'salt = "s"', ("slate_size", "0", "1 to 60")),
        ('salt = "s"\nslate_size = 61', 'salt = "s"', ("slate_size", "61", "1 to 60")),
        ('salt = "s"\nslate_size = 6.5', 'salt = "s"', ("slate_size", "6.5", "`int`")),
        ('salt = "s"\nholdout = 1.0', 'salt = "s"', ("holdout", "1.0", "below 1")),
        ('salt = "s"\n[design]\nalpha = 0', 'salt = "s"', ("[design] alpha", "0", "above 0")),
        ('salt = "s"\n[design]\nalpha = 0.9\npower = 0.8', 'salt = "s"', ("power", "0.8", "above alpha")),
        ('salt = "s"\n[design]\nmde = 0.95', 'salt = "s"', ("mde", "0.95", "1.02")),
        (
            'salt = "s"\n[design]\nalternative = "less"\nmde = 0.07',
            'salt = "s"',
            ("mde", "0.07", "above 0"),
        ),
        ('salt = "s"\n[design]\npowr = 0.9', 'salt = "s"', ("[design] powr", "did you mean 'power'?")),
        ('salt = "s"\n[desing]\npower = 0.9', 'salt = "s"', ("desing", "did you mean 'design'?")),
        ('model = "old"\nweight = 0', 'model = "old"', ("[[variants]] 1 weight", "0", "above 0")),
        ('model = "new"\nweight = -1', 'model = "new"', ("[[variants]] 2 weight", "-1")),
        ('model = "new"\nweight = inf', 'model = "new"', ("[[variants]] 2 weight", "inf")),
        ('model = "new"\nweight = "1"', 'model = "new"', ("[[variants]] 2 weight", "'1'", "`float`")),
        ('model = "new"\nurl = "ftp://x"', 'model = "new"', ("[[variants]] 2 url", "'ftp://x'", "builtin")),
        ('model = "new"\nurl = "http://"', 'model = "new"', ("url", "'http://'")),
        ('model = "new"\nurl = "http://x:99999"', 'model = "new"', ("url", "99999")),
        ('model = "new"\nprotocol = "sheldon"', 'model = "new"', ("protocol", "did you mean 'seldon'?")),
        ('model = "new"\ntimeout_s = 0', 'model = "new"', ("timeout_s", "0", "60 seconds")),
        ('model = "../etc"', 'model = "new"', ("[[variants]] 2 model", "'../etc'")),
        ('name = "control"', 'name = "treatment"', ("[[variants]] name", "'control'", "unique")),
        ('name = "holdout"', 'name = "treatment"', ("[[variants]] 2 name", "'holdout'")),
        ('name = "A B"', 'name = "treatment"', ("[[variants]] 2 name", "'A B'")),
        ('name = "kontrol"', 'name = "control"', ("[[variants]] name", "'kontrol'", "'control'")),
        ('colour = "red"\nname = "treatment"', 'name = "treatment"', ("[[variants]] 2 colour", "unknown")),
    ],
)
def test_a_broken_rule_is_named_with_file_key_value_and_rule(
    wrong: str, right: str, words: tuple[str, ...]
) -> None:
    message = refusal(LEAST.replace(right, wrong))
    assert "\n" not in message
    for word in ("my.toml", *words):
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("experiment", "missing")),
        ("experiment = 3\nvariants = []", ("[experiment] = 3", "table")),
        ("name = 'e'", ("name", "unknown key")),
        ("[experiment", ("not TOML", "Expected ']'")),
        (LEAST.replace("[[variants]]", "[variants]", 1), ("not TOML",)),
        ("[experiment]\nname='e'\nsalt='s'\n[variants]\nname='control'", ("variants", "double brackets")),
        ("variants = [3, 4]\n[experiment]\nname='e'\nsalt='s'", ("[[variants]] 1 = 3", "table")),
        ("variants = []\n[experiment]\nname='e'\nsalt='s'", ("[[variants]]", "at least 2")),
        (LEAST + '[[shadows]]\nname="control"\nmodel="m"', ("[[shadows]] 1 name", "variant")),
        (LEAST + '[[guardrails]]\nmetric="bounce_rate"\nmargin=-0.1', ("[[guardrails]] 1 margin", "-0.1")),
        (LEAST + '[[guardrails]]\nmetric="bounce_rate"\nmargin=1.0', ("1 margin", "1.0", "below 1")),
        (
            LEAST + '[[guardrails]]\nmetric="bouncerate"\nmargin=0.1',
            ("1 metric", "did you mean 'bounce_rate'?"),
        ),
        (LEAST + "[design]\nn_looks = 0", ("[design] n_looks", "0", "1 to 100")),
        (LEAST + "[design]\ndesign_effect = 0.0", ("[design] design_effect", "0.0", "pilot")),
        (
            LEAST.replace("[experiment]", '[experiment]\nprimary_metric = "impression_ctr"')
            + '[design]\nsequential = "pocock"',
            ("[design] sequential", "'pocock'", "visitors who clicked"),
        ),
        (
            LEAST + '[[variants]]\nname="third"\nmodel="m"\n[design]\nsequential = "always-valid"',
            ("[design] sequential", "compares two variants"),
        ),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused_in_words(text: str, words: tuple[str, ...]) -> None:
    message = refusal(text)
    for word in ("my.toml", *words):
        assert word in message


@given(
    st.recursive(st.text(max_size=3) | st.integers() | st.floats() | st.booleans(), st.lists, max_leaves=3)
)
def test_any_value_of_any_key_is_read_or_refused(value: object) -> None:
    """Never another exception than ours, whatever stands in a file; what is read is what stands there."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    for key in ("name", "salt", "baseline_ctr", "slate_size", "holdout", "assignment"):
        table = {"name": "'e'", "salt": "'s'"} | {key: text}
        lines = "\n".join(f"{name} = {text}" for name, text in table.items())
        try:
            experiment = parse_experiment(f"[experiment]\n{lines}{VARIANTS}")
        except ExperimentFileError as refused:
            assert key in str(refused) or "not TOML" in str(refused)  # noqa: PT017 - either end is right
        else:
            assert getattr(experiment, key) == tomllib.loads(lines)[key]


def test_a_file_is_loaded_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "experiment.toml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text(LEAST, encoding=encoding)
        assert load_experiment(path) == parse_experiment(LEAST)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    for name in ("absent.toml", "latin.toml"):
        with pytest.raises(ExperimentFileError, match=name):
            load_experiment(tmp_path / name)


def test_the_hash_is_sha256_of_the_text() -> None:
    assert experiment_hash("é") == hashlib.sha256("é".encode()).hexdigest()


def test_an_unknown_variant_is_answered_with_those_there_are() -> None:
    with pytest.raises(LookupError, match=r"'b'.*control, treatment"):
        parse_experiment(LEAST).variant("b")
