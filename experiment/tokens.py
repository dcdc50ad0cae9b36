"""Signed tokens: what the site hands to a visitor and can trust when it comes back.

A token is `PAYLOAD.SIGNATURE`, both base64url without padding. The payload is the expiry (seconds since
epoch, 5 bytes, left out of cookies) and the token's fields in MessagePack. The signature is keyed BLAKE2b
(RFC 7693, section 2.9) of 16 bytes under a key of its own for each kind of token, so none passes for
another. A page carries dozens of tokens, so signing is kept to a few microseconds: keys are derived once,
and fields are packed without their names.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

import itsdangerous
import msgspec

from experiment.errors import ExpiredTokenError, ForgedTokenError, SwappedTokenError

_EXPIRY_BYTES = 5
_SIGNATURE_BYTES = 16


class ImpressionToken(msgspec.Struct, frozen=True, array_like=True):
    """One film at one position of one slate: the visitor's right to report its click and its view."""

    run_id: str
    visitor_id: str
    attempt: int
    variant: str
    slate_id: str
    surface: str
    movie_id: int
    position: int


class PlayToken(msgspec.Struct, frozen=True, array_like=True):
    """One opened player: the right to report how long it played."""

    run_id: str
    visitor_id: str
    attempt: int
    movie_id: int
    play_id: str


class VisitTicket(msgspec.Struct, frozen=True, array_like=True):
    """The simulator's right to enter the site as one visitor."""

    run_id: str
    visitor_id: str
    user_id: int | None
    attempt: int
    persona: str


class VisitorCookie(msgspec.Struct, frozen=True, array_like=True):
    """Who a browser is; it does not expire, for a visitor must keep their variant."""

    run_id: str
    visitor_id: str
    user_id: int | None
    attempt: int
    is_simulated: bool


Token: TypeAlias = ImpressionToken | PlayToken | VisitTicket | VisitorCookie
_TokenT = TypeVar("_TokenT", ImpressionToken, PlayToken, VisitTicket, VisitorCookie)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class TokenSigner:
    """Signs tokens and checks those that come back; safe to share between threads.

    Args:
        secret: what only the site and the simulator know.
        max_age_s: how long a token is good for after it was signed.
        clock: tells the time of signing.
    """

    def __init__(self, secret: str, *, max_age_s: float, clock: Callable[[], datetime] = _utc_now) -> None:
        self._max_age_s = max_age_s
        self._clock = clock
        self._signers: dict[type[Token], _KindSigner] = {
            kind: _KindSigner(secret, salt=f"funflix.{kind.__name__}")
            for kind in (ImpressionToken, PlayToken, VisitTicket, VisitorCookie)
        }

    def sign(self, token: Token) -> str:
        """The token as text, fit for a URL, a form field or a cookie; it expires `max_age_s` from now."""
        packed = msgspec.msgpack.encode(token)
        if not isinstance(token, VisitorCookie):
            expires_at_s = int(self._clock().timestamp() + self._max_age_s)
            packed = expires_at_s.to_bytes(_EXPIRY_BYTES, "big") + packed
        return self._signers[type(token)].sign(urlsafe_b64encode(packed).rstrip(b"=")).decode()

    def verify_impression(self, text: str, *, now: datetime) -> ImpressionToken:
        """The token that `text` was signed from; raises ForgedTokenError or ExpiredTokenError."""
        return self._verify(text, ImpressionToken, now)

    def verify_play(self, text: str, *, now: datetime) -> PlayToken:
        """The token that `text` was signed from; raises ForgedTokenError or ExpiredTokenError."""
        return self._verify(text, PlayToken, now)

    def verify_ticket(self, text: str, *, now: datetime) -> VisitTicket:
        """The ticket that `text` was signed from; raises ForgedTokenError or ExpiredTokenError."""
        return self._verify(text, VisitTicket, now)

    def verify_cookie(self, text: str) -> VisitorCookie:
        """The cookie that `text` was signed from; raises ForgedTokenError."""
        return _decode(self._signers[VisitorCookie].unpack(text), VisitorCookie)

    def check(self, token: ImpressionToken | PlayToken, visitor: VisitorCookie) -> None:
        """Raise SwappedTokenError unless the token was handed to this very visitor, in this attempt."""
        owner = (token.run_id, token.visitor_id, token.attempt)
        if owner != (visitor.run_id, visitor.visitor_id, visitor.attempt):
            raise SwappedTokenError(
                f"token of visitor {token.visitor_id!r} was shown by visitor {visitor.visitor_id!r}; "
                "a token is good only for the visitor whose page carried it: load the page anew"
            )

    def _verify(self, text: str, kind: type[_TokenT], now: datetime) -> _TokenT:
        packed = self._signers[kind].unpack(text)
        expires_at_s = int.from_bytes(packed[:_EXPIRY_BYTES], "big")
        late_s = now.timestamp() - expires_at_s
        if late_s >= 0:
            raise ExpiredTokenError(f"token expired {late_s:.0f} s ago; load the page anew")
        return _decode(packed[_EXPIRY_BYTES:], kind)


def _decode(packed: bytes, kind: type[_TokenT]) -> _TokenT:
    try:
        return msgspec.msgpack.decode(packed, type=kind)
    except msgspec.DecodeError as error:
        raise ForgedTokenError(
            "token was signed by another version of this site; load the page anew"
        ) from error


class _KeyedBlake2(itsdangerous.signer.SigningAlgorithm):
    """Keyed BLAKE2b: a MAC in one pass, where HMAC needs two."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hashlib.blake2b(value, key=key, digest_size=_SIGNATURE_BYTES).digest()


class _KindSigner(itsdangerous.Signer):
    """A signer that derives its key once, and takes only the one spelling of a signature that it writes."""

    def __init__(self, secret: str, *, salt: str) -> None:
        super().__init__(
            secret, salt, key_derivation="hmac", digest_method=hashlib.sha256, algorithm=_KeyedBlake2()
        )
        self._key = super().derive_key()

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:  # noqa: ARG002  itsdangerous' signature
        return self._key

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        # The base class decodes leniently, so several texts pass for one signature: compare the text itself.
        given = sig if isinstance(sig, bytes) else sig.encode()
        return hmac.compare_digest(self.get_signature(value), given)

    def unpack(self, text: str) -> bytes:
        """The signed bytes in `text`; raises ForgedTokenError."""
        try:
            payload = self.unsign(text)
        except (itsdangerous.BadSignature, UnicodeEncodeError) as error:
            raise ForgedTokenError(
                f"token {text[:40]!r} was not signed by this site; load the page anew"
            ) from error
        return urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
