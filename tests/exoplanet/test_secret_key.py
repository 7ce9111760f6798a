"""The secret key."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from exoplanet.secret_key import checked_key, given_key, kept_key

if TYPE_CHECKING:
    from pathlib import Path

STRONG = "qJ4-vYb9zT7xW2nR8kLm5pHs3dGf6cAe1uVo0iXtZyBwQrNjKh"


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    key = kept_key(tmp_path)
    assert checked_key(key) == key
    assert kept_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert kept_key(tmp_path / "a") != kept_key(tmp_path / "b")


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: kept_key(tmp_path), range(32)))
    assert len(keys) == 1


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short", encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match="is damaged; delete it and a new one is made"):
        kept_key(tmp_path)


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(ImproperlyConfigured, match="can be neither read nor made: Is a directory"):
        kept_key(tmp_path)


def test_a_strong_key_is_taken() -> None:
    assert checked_key(STRONG) == STRONG


@pytest.mark.parametrize("key", [STRONG[:49], "abcd" * 20, "django-insecure-" + STRONG])
def test_a_weak_key_is_refused(key: Any) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        checked_key(key)
    assert str(refusal.value) == (
        "EXOPLANET_SECRET_KEY is too weak for a server without debug: give at least 50 random "
        'characters, 5 of them distinct, that do not begin with "django-insecure-", '
        "or leave it out and one is made."
    )


def test_a_key_in_a_file_that_is_named_is_taken_and_never_made(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(ImproperlyConfigured) as refusal:
        given_key(path)
    assert str(refusal.value) == (
        f"The secret key {path} that EXOPLANET_SECRET_KEY_FILE names cannot be read: "
        "No such file or directory."
    )
    assert not path.exists()
    path.write_text(f"{STRONG}\n", encoding="ascii")
    assert given_key(path) == STRONG
