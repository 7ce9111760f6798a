"""Files that were shown wait for whoever brought them, for a while and within bounds."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from sessions_app.files import waiting
from sessions_app.files.orphans import find_left_here
from sessions_app.files.pruning import prune_host
from sessions_app.files.upload_handler import Upload
from sessions_app.files.waiting import Visitor

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.usefixtures("media")
ADA = Visitor(key="user:1", origin="user:1")
BOB = Visitor(key="anonymous:b", origin="address:x")


def brought(folder: Path, content: bytes = b"koi_period\n1\n", name: str = "mine.csv") -> Upload:
    path = folder / f"received {time.monotonic_ns()}"
    path.write_bytes(content)
    return Upload(path=path, name=name)


def test_a_file_is_found_again_by_its_token_under_its_own_name(tmp_path: Path) -> None:
    kept = waiting.keep(brought(tmp_path, name="../Ünïcode.csv"), ADA)
    found = waiting.find(kept.token, ADA)
    assert found == kept
    assert found is not None
    assert found.upload.name == "../Ünïcode.csv"
    assert found.upload.path.read_bytes() == b"koi_period\n1\n"
    assert "nïcode" not in str(found.upload.path)


def test_nobody_else_finds_it_not_even_at_the_same_address(tmp_path: Path) -> None:
    kept = waiting.keep(brought(tmp_path), BOB)
    assert waiting.find(kept.token, ADA) is None
    assert waiting.find(kept.token, Visitor(key="anonymous:c", origin=BOB.origin)) is None
    waiting.drop(kept.token, ADA)
    assert waiting.find(kept.token, BOB) is not None


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "WyJhIiwiYiJd:1:x"])
def test_a_token_that_was_made_up_finds_nothing(token: str) -> None:
    assert waiting.find(token, ADA) is None


def test_a_dropped_file_is_gone(tmp_path: Path) -> None:
    kept = waiting.keep(brought(tmp_path), ADA)
    waiting.drop(kept.token, ADA)
    assert not kept.upload.path.exists()
    assert waiting.find(kept.token, ADA) is None


def test_the_oldest_make_room_for_the_newest(tmp_path: Path, settings: SettingsWrapper) -> None:
    settings.EXOPLANET_UPLOAD_LIMIT_MB = 1
    others = waiting.keep(brought(tmp_path), BOB)
    kept = [waiting.keep(brought(tmp_path, b"#" * 900_000), ADA) for _ in range(6)]
    found = [waiting.find(file.token, ADA) is not None for file in kept]
    assert found == [False, False, True, True, True, True]
    assert waiting.find(others.token, BOB) is not None


@pytest.mark.django_db
def test_what_waits_for_long_is_removed_and_what_is_used_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = waiting.keep(brought(tmp_path), ADA)
    assert find_left_here() == []
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + waiting.WAITING_SECONDS + 60)
    (old,) = find_left_here()
    assert old.path == kept.upload.path
    assert prune_host() == [old.name]
    assert waiting.find(kept.token, ADA) is None


def test_looking_for_a_file_makes_it_young_again(tmp_path: Path) -> None:
    kept = waiting.keep(brought(tmp_path), ADA)
    os.utime(kept.upload.path, (0, 0))
    waiting.find(kept.token, ADA)
    assert kept.upload.path.stat().st_mtime > time.time() - 60
