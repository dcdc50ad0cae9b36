import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from experiment import SecretError, load_or_create_secret


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "workspace" / "secret.key"
    secret = load_or_create_secret(path)
    assert len(secret) >= 43  # 32 bytes in base64
    assert load_or_create_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_two_workspaces_have_two_secrets(tmp_path: Path) -> None:
    assert load_or_create_secret(tmp_path / "a") != load_or_create_secret(tmp_path / "b")


def test_those_who_ask_at_once_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        secrets = set(threads.map(lambda _: load_or_create_secret(tmp_path / "secret.key"), range(64)))
    assert len(secrets) == 1


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "0 characters"), (b"short\n", "5 char"), (b"\xff", "ascii")]
)
def test_a_secret_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(SecretError, match=words) as caught:
        load_or_create_secret(path)
    assert "secret.key" in str(caught.value)


def test_a_folder_in_the_place_of_the_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="cannot be used"):
        load_or_create_secret(tmp_path)
