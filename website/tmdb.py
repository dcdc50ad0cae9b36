"""Posters of TMDB, The Movie Database, for who has a key of theirs; off by default.

The server fetches a poster when it is first asked for and keeps it in the workspace, so visitors' browsers
meet nobody but this site. Whatever goes wrong, the drawn poster stands in: no page waits for it or fails.

Source: https://developer.themoviedb.org/reference/movie-details, and "Image Basics" there.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

__all__ = ["TMDB_NOTICE", "Picture", "TmdbPosters"]

TMDB_NOTICE = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""What TMDB's terms of use want said, in these words."""

_API_URL = "https://api.themoviedb.org"
_IMAGE_URL = "https://image.tmdb.org/t/p/w342"
_TIMEOUT_S = 2.0
_MOST_BYTES = 2 * 1024 * 1024
_MOST_AT_ONCE = 3  # of a server process's threads; the others go on serving pages
_REST_S = 30.0  # after a failure, before TMDB is asked again
_POSTER_PATH = re.compile(r"/[A-Za-z0-9_-]{1,100}\.(?:jpg|png)")
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_NOT_FOUND = 404
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image and its media type."""

    content: bytes
    media_type: str


class _NoPosterError(LookupError):
    """TMDB knows no poster of this film."""


class TmdbPosters:
    """Real posters by `movie_id`; safe to share between threads, and its folder between processes.

    Args:
        key: an API key (v3), or a read access token (v4), which begins with "eyJ".
        tmdb_ids: the films' ids at TMDB.
        folder: where images are kept; an empty file says that a film has none.
        api_url: where films are described.
        image_url: where images lie.
        session: asks; one of its own without.
    """

    def __init__(
        self,
        key: str,
        tmdb_ids: Mapping[int, int],
        folder: Path,
        *,
        api_url: str = _API_URL,
        image_url: str = _IMAGE_URL,
        session: requests.Session | None = None,
    ) -> None:
        self._tmdb_ids = tmdb_ids
        self._folder = folder
        self._api_url, self._image_url = api_url, image_url
        self._session = session or requests.Session()
        is_token = key.startswith("eyJ")
        self._headers = {"Authorization": f"Bearer {key}"} if is_token else {}
        self._parameters = {} if is_token else {"api_key": key}
        self._turns = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._rests_until_s = 0.0

    def has(self, movie_id: int) -> bool:
        """Whether TMDB may have a poster of this film."""
        return movie_id in self._tmdb_ids

    def picture(self, movie_id: int) -> Picture | None:
        """The poster, from the folder or else from TMDB; None where the drawn one is to stand in."""
        tmdb_id = self._tmdb_ids.get(movie_id)
        if tmdb_id is None:
            return None
        path = self._folder / str(tmdb_id)
        try:
            return _picture_of(path.read_bytes())
        except FileNotFoundError:
            content = self._fetched(tmdb_id)
        if content is None:
            return None
        _keep(path, content)
        return _picture_of(content)

    def _fetched(self, tmdb_id: int) -> bytes | None:
        """The image, empty if TMDB has none; None if it is not to be had now."""
        if time.monotonic() < self._rests_until_s or not self._turns.acquire(blocking=False):
            return None
        try:
            return self._download(tmdb_id)
        except _NoPosterError:
            return b""
        except (requests.RequestException, ValueError) as error:
            self._rests_until_s = time.monotonic() + _REST_S
            # The error's own text would hold the address, and with it the key.
            _LOGGER.warning(
                "no poster of TMDB film %d (%s); drawn ones stand in, TMDB is asked again in %.0f s",
                tmdb_id,
                type(error).__name__,
                _REST_S,
            )
            return None
        finally:
            self._turns.release()

    def _download(self, tmdb_id: int) -> bytes:
        address = f"{self._api_url}/3/movie/{tmdb_id}"
        described = self._session.get(
            address, params=self._parameters, headers=self._headers, timeout=_TIMEOUT_S
        )
        if described.status_code == _NOT_FOUND:
            raise _NoPosterError
        described.raise_for_status()
        film = described.json()
        poster_path = film.get("poster_path", "") if isinstance(film, dict) else ""
        if poster_path is None:
            raise _NoPosterError
        if not isinstance(poster_path, str) or not _POSTER_PATH.fullmatch(poster_path):
            raise ValueError("poster_path is no name of an image")
        return self._image(f"{self._image_url}{poster_path}")

    def _image(self, address: str) -> bytes:
        """An image whole, within time and size, and of a type we serve."""
        deadline_s = time.monotonic() + _TIMEOUT_S
        content = b""
        with self._session.get(address, timeout=_TIMEOUT_S, stream=True) as answer:
            answer.raise_for_status()
            for piece in answer.iter_content(64 * 1024):
                content += piece
                if len(content) > _MOST_BYTES or time.monotonic() > deadline_s:
                    raise ValueError("the image is too large or too slow")
        if _picture_of(content) is None:
            raise ValueError("neither JPEG nor PNG")
        return content


def _picture_of(content: bytes) -> Picture | None:
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return Picture(content, media_type)
    return None


def _keep(path: Path, content: bytes) -> None:
    """Store a file whole or not at all; without a disk to write to, TMDB is asked again."""
    partial = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        _LOGGER.warning("poster %s cannot be kept: %s", path, error)
