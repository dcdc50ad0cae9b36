import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from experiment import (
    ExpiredTokenError,
    ForgedTokenError,
    ImpressionToken,
    PlayToken,
    SwappedTokenError,
    TokenSigner,
    VisitorCookie,
    VisitTicket,
)

SIGNED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789abcdef"
SIGNER = TokenSigner(SECRET, max_age_s=3600, clock=lambda: SIGNED_AT)
IMPRESSION = ImpressionToken("run-1", "v1", 1, "treatment", "slate-1", "home", 296, 3)
PLAY = PlayToken("run-1", "v1", 1, 296, "play-1")
TICKET = VisitTicket("run-1", "v1", None, 1, "film buff")
COOKIE = VisitorCookie("run-1", "v1", 12, 1, is_simulated=True)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-(2**63), 2**63 - 1)
impressions = st.builds(ImpressionToken, words, words, numbers, words, words, words, numbers, numbers)
visitors = st.builds(VisitorCookie, words, words, st.none() | numbers, numbers, st.booleans())
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(impressions, visitors)
def test_what_is_signed_is_what_is_verified(impression: ImpressionToken, visitor: VisitorCookie) -> None:
    assert SIGNER.verify_impression(SIGNER.sign(impression), now=SIGNED_AT) == impression
    assert SIGNER.verify_cookie(SIGNER.sign(visitor)) == visitor


def test_plays_and_tickets_are_verified_too() -> None:
    assert SIGNER.verify_play(SIGNER.sign(PLAY), now=SIGNED_AT) == PLAY
    assert SIGNER.verify_ticket(SIGNER.sign(TICKET), now=SIGNED_AT) == TICKET


def test_another_process_with_the_same_secret_verifies() -> None:
    other = TokenSigner(SECRET, max_age_s=1)
    assert other.verify_impression(SIGNER.sign(IMPRESSION), now=SIGNED_AT) == IMPRESSION


@given(st.data())
def test_a_token_with_any_character_changed_is_forged(data: st.DataObject) -> None:
    text = SIGNER.sign(IMPRESSION)
    index = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(ALPHABET + ".=+/ \n") | st.characters())
    assume(character != text[index])
    with pytest.raises(ForgedTokenError):
        SIGNER.verify_impression(text[:index] + character + text[index + 1 :], now=SIGNED_AT)


@given(st.data())
def test_a_token_with_anything_added_or_cut_is_forged(data: st.DataObject) -> None:
    text = SIGNER.sign(IMPRESSION)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    insert = data.draw(st.sampled_from(["", "A", "=", "==", " ", "\n", ".", "\x00", "é"]))
    changed = text[:start] + insert + text[end:]
    assume(changed != text)
    with pytest.raises(ForgedTokenError):
        SIGNER.verify_impression(changed, now=SIGNED_AT)


@given(st.text(max_size=200))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    for verify in (SIGNER.verify_impression, SIGNER.verify_play, SIGNER.verify_ticket):
        with pytest.raises(ForgedTokenError):
            verify(text, now=SIGNED_AT)
    with pytest.raises(ForgedTokenError):
        SIGNER.verify_cookie(text)


def test_every_other_spelling_of_the_same_signature_is_forged() -> None:
    """Base64 ignores 4 bits of the last of 22 characters: 15 other texts decode to the same signature."""
    text = SIGNER.sign(IMPRESSION)
    payload, signature = text.split(".")
    meaning = base64.urlsafe_b64decode(signature + "==")
    others = [
        signature[:-1] + character
        for character in ALPHABET
        if base64.urlsafe_b64decode(signature[:-1] + character + "==") == meaning
        and character != signature[-1]
    ]
    assert len(others) == 15
    for other in (*others, signature + "=", signature + "==", signature[:5] + "!" + signature[5:]):
        with pytest.raises(ForgedTokenError):
            SIGNER.verify_impression(f"{payload}.{other}", now=SIGNED_AT)


def test_a_token_signed_with_another_secret_is_forged() -> None:
    stranger = TokenSigner(SECRET[::-1], max_age_s=3600, clock=lambda: SIGNED_AT)
    with pytest.raises(ForgedTokenError):
        SIGNER.verify_impression(stranger.sign(IMPRESSION), now=SIGNED_AT)


def test_a_token_of_one_kind_does_not_pass_for_another() -> None:
    verifiers = {
        ImpressionToken: lambda text: SIGNER.verify_impression(text, now=SIGNED_AT),
        PlayToken: lambda text: SIGNER.verify_play(text, now=SIGNED_AT),
        VisitTicket: lambda text: SIGNER.verify_ticket(text, now=SIGNED_AT),
        VisitorCookie: SIGNER.verify_cookie,
    }
    for token in (IMPRESSION, PLAY, TICKET, COOKIE):
        for kind, verify in verifiers.items():
            if kind is not type(token):
                with pytest.raises(ForgedTokenError):
                    verify(SIGNER.sign(token))


def test_a_token_of_a_version_with_other_fields_is_refused_in_words() -> None:
    packed = (2**32).to_bytes(5, "big") + b"\x91\x01"  # an array of one integer, soundly signed
    text = SIGNER._signers[ImpressionToken].sign(base64.urlsafe_b64encode(packed).rstrip(b"=")).decode()
    with pytest.raises(ForgedTokenError, match="another version"):
        SIGNER.verify_impression(text, now=SIGNED_AT)


def test_a_token_lives_as_long_as_it_should_and_no_longer() -> None:
    text = SIGNER.sign(IMPRESSION)
    last_moment = SIGNED_AT + timedelta(seconds=3599)
    assert SIGNER.verify_impression(text, now=last_moment) == IMPRESSION
    with pytest.raises(ExpiredTokenError, match="expired 0 s ago"):
        SIGNER.verify_impression(text, now=SIGNED_AT + timedelta(seconds=3600))
    for verify in (SIGNER.verify_play, SIGNER.verify_ticket):
        with pytest.raises(ExpiredTokenError):
            verify(
                SIGNER.sign(PLAY if verify == SIGNER.verify_play else TICKET),
                now=datetime.max.replace(tzinfo=UTC),
            )


@pytest.mark.parametrize(
    "other",
    [
        VisitorCookie("run-2", "v1", 12, 1, is_simulated=True),
        VisitorCookie("run-1", "v2", 12, 1, is_simulated=True),
        VisitorCookie("run-1", "v1", 12, 2, is_simulated=True),
    ],
)
def test_a_token_shown_by_another_visitor_run_or_attempt_is_swapped(other: VisitorCookie) -> None:
    for token in (IMPRESSION, PLAY):
        SIGNER.check(token, COOKIE)
        with pytest.raises(SwappedTokenError):
            SIGNER.check(token, other)


def test_each_refusal_has_the_word_it_is_counted_under() -> None:
    reasons = [error.reason for error in (ForgedTokenError, ExpiredTokenError, SwappedTokenError)]
    assert reasons == ["forged", "expired", "swapped"]


@given(impressions)
def test_a_token_fits_a_url_and_a_cookie_unquoted(impression: ImpressionToken) -> None:
    assert set(SIGNER.sign(impression)) <= {*ALPHABET, "."}


def test_a_token_of_ordinary_size_is_short() -> None:
    token = ImpressionToken("sim-20261122-120000-7", "s7-000123", 1, "treatment", "0" * 24, "home", 12345, 3)
    assert len(SIGNER.sign(token)) < 140
