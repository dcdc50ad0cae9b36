"""The secret that tokens are signed with: made once per workspace, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from experiment.errors import SecretError

_SECRET_BYTES = 32
_SHORTEST = 32


def load_or_create_secret(path: Path) -> str:
    """The secret in the file `path`; made (mode 0600) where there is none yet.

    Processes that start together agree on one secret: the file appears whole, and only once.

    Raises:
        SecretError: the file cannot be read or made, or holds fewer than 32 characters.
    """
    try:
        if not path.exists():
            _create(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(
            f"secret file {str(path)!r} cannot be used: {error}; make it readable, or delete it for a new one"
        ) from error
    if len(secret) < _SHORTEST:
        raise SecretError(
            f"secret file {str(path)!r} holds {len(secret)} characters; a secret has at least {_SHORTEST}: "
            "delete the file and a new one is made"
        )
    return secret


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as file:
        file.write(secrets.token_urlsafe(_SECRET_BYTES) + "\n")
    try:
        os.link(draft, path)  # unlike a rename, a link never replaces what another process made first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
