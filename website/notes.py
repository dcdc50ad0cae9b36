"""Signed notes: small values that travel with a page or a cookie, and come back unchanged or not at all.

Unlike the tokens of `experiment`, they prove nothing to the simulator and never expire.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import itsdangerous
import msgspec

__all__ = ["read_note", "write_note"]

_NoteT = TypeVar("_NoteT", bound=msgspec.Struct)


def write_note(note: msgspec.Struct, secret: str) -> str:
    """The note as text, fit for a URL, a form field or a cookie; no kind of note passes for another."""
    payload = urlsafe_b64encode(msgspec.msgpack.encode(note)).rstrip(b"=")
    return _signer(type(note), secret).sign(payload).decode()


def read_note(text: str, kind: type[_NoteT], secret: str) -> _NoteT | None:
    """The note that `text` was written from; None if this site did not write it."""
    try:
        payload = _signer(kind, secret).unsign(text)
        return msgspec.msgpack.decode(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)), type=kind)
    except (itsdangerous.BadSignature, UnicodeEncodeError, ValueError):  # an older site's note: ValueError
        return None


def _signer(kind: type[msgspec.Struct], secret: str) -> itsdangerous.Signer:
    return itsdangerous.Signer(secret, salt=f"funflix.note.{kind.__name__}", digest_method=hashlib.sha256)
