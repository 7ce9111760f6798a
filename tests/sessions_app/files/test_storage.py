from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from exoplanet.environment import BASE_DIR
from sessions_app.files import disk, storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / f"upload {uuid.uuid4()}"
        path.write_bytes(content)
        return path

    return write


def test_a_kept_file_lies_whole_at_its_name_and_nowhere_else(
    media: Path, written: Callable[[bytes], Path]
) -> None:
    path = written(b"rows")
    assert storage.keep_file(path, "uploads/one") == "uploads/one"
    assert (media / "uploads" / "one").read_bytes() == b"rows"
    assert storage.media_path("uploads/one") == media / "uploads" / "one"
    assert not path.exists()


def test_a_kept_file_replaces_the_old_one_whole(
    media: Path, written: Callable[[bytes], Path]
) -> None:
    storage.keep_file(written(b"a long old file"), "uploads/one")
    storage.keep_file(written(b"new"), "uploads/one")
    assert (media / "uploads" / "one").read_bytes() == b"new"


def test_others_cannot_read_a_kept_file(media: Path, written: Callable[[bytes], Path]) -> None:
    path = written(b"rows")
    path.chmod(0o666)
    storage.keep_file(path, "uploads/one")
    assert stat.S_IMODE((media / "uploads" / "one").stat().st_mode) == 0o640


def test_a_file_that_cannot_be_kept_leaves_the_old_one(
    media: Path, written: Callable[[bytes], Path], tmp_path: Path
) -> None:
    storage.keep_file(written(b"old"), "uploads/one")
    with pytest.raises(FileNotFoundError):
        storage.keep_file(tmp_path / "gone", "uploads/one")
    assert (media / "uploads" / "one").read_bytes() == b"old"


@pytest.mark.long
def test_a_process_that_is_killed_at_any_moment_leaves_the_old_or_the_new_file(
    media: Path, tmp_path: Path
) -> None:
    # It replaces a file of one letter's repetition by the next one's, for ever.
    code = """
import itertools, sys
from pathlib import Path
from django.conf import settings
settings.configure(MEDIA_ROOT=sys.argv[1])
from sessions_app.files import disk, storage
for letter in itertools.cycle(b"abcdefgh"):
    with storage.unfinished_file() as path:
        path.write_bytes(bytes([letter]) * 300_000)
        storage.keep_file(path, "datasets/one")
    print(flush=True)
"""
    for rounds in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(media)],
            stdout=subprocess.PIPE,
            cwd=BASE_DIR,
        ) as process:
            assert process.stdout is not None
            for _ in range(1 + rounds):
                process.stdout.readline()
            process.kill()
        content = (media / "datasets" / "one").read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1


def test_an_unfinished_file_is_gone_after_an_error(media: Path) -> None:

    def fail_halfway() -> None:
        with storage.unfinished_file() as path:
            path.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_an_unfinished_file_is_gone_when_it_was_not_kept_and_stays_when_it_was(
    media: Path, kept: Callable[[], list[str]]
) -> None:
    with storage.unfinished_file() as path:
        path.write_bytes(b"left")
    assert kept() == []
    with storage.unfinished_file() as path:
        path.write_bytes(b"kept")
        storage.keep_file(path, "datasets/one")
    assert kept() == ["datasets/one"]


def test_two_unfinished_files_never_share_a_name(media: Path) -> None:
    with storage.unfinished_file() as one, storage.unfinished_file() as other:
        assert one != other
        # A rename within one file system is what makes keeping atomic.
        assert one.is_relative_to(media)


def test_a_work_folder_is_gone_after_its_job_whatever_happened(media: Path) -> None:
    session_id = uuid.uuid4()

    def fail_halfway() -> None:
        with storage.work_folder(session_id) as folder:
            assert folder.is_dir()
            (folder / "artifact").mkdir()
            (folder / "artifact" / "model").write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with storage.work_folder(session_id) as folder:
        (folder / "predictions").write_bytes(b"rows")
    assert list((media / "incoming").iterdir()) == []


def test_a_work_folder_that_a_dead_worker_left_is_found_by_its_session_and_removed(
    media: Path,
) -> None:
    dead, other = uuid.uuid4(), uuid.uuid4()
    (media / "incoming" / "session_of_somebody").mkdir(parents=True)
    with storage.work_folder(dead) as folder, storage.work_folder(other) as others:
        (folder / "predictions").write_bytes(b"half")
        assert storage.sessions_with_work_folders() == {dead, other}
        storage.remove_work_folders(dead)
        assert (folder.exists(), others.exists()) == (False, True)
        assert storage.sessions_with_work_folders() == {other}


def test_a_kept_folder_replaces_what_an_earlier_attempt_left(media: Path) -> None:
    session_id = uuid.uuid4()
    target = storage.artifact_folder(session_id)
    assert target == media / "artifacts" / str(session_id)
    for names in (("old", "both"), ("new", "both")):
        with storage.work_folder(session_id) as folder:
            made = folder / "artifact"
            (made / "deep").mkdir(parents=True)
            for name in names:
                (made / "deep" / name).write_text(names[0])
            storage.keep_folder(made, target)
    assert sorted(path.name for path in (target / "deep").iterdir()) == ["both", "new"]
    assert (target / "deep" / "both").read_text() == "new"


@pytest.mark.long
def test_a_process_that_is_killed_at_any_moment_leaves_a_whole_folder_or_none(
    media: Path,
) -> None:
    # It replaces a folder of two equal files by the next one, for ever.
    code = """
import itertools, sys, uuid
from django.conf import settings
settings.configure(MEDIA_ROOT=sys.argv[1])
from sessions_app.files import disk, storage
for letter in itertools.cycle(b"abcdefgh"):
    session_id = uuid.UUID(int=1)
    with storage.work_folder(session_id) as folder:
        (folder / "artifact" / "deep").mkdir(parents=True)
        for name in ("one", "deep/other"):
            (folder / "artifact" / name).write_bytes(bytes([letter]) * 100_000)
        storage.keep_folder(folder / "artifact", storage.artifact_folder(session_id))
    print(flush=True)
"""
    target = storage.artifact_folder(uuid.UUID(int=1))
    survived = 0
    for rounds in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(media)],
            stdout=subprocess.PIPE,
            cwd=BASE_DIR,
        ) as process:
            assert process.stdout is not None
            for _ in range(1 + rounds):
                process.stdout.readline()
            process.kill()
        if target.exists():
            survived += 1
            one, other = (target / "one").read_bytes(), (target / "deep" / "other").read_bytes()
            assert one == other
            assert len(one) == 100_000
            assert len(set(one)) == 1
    assert survived


def test_what_is_kept_is_forced_to_the_disk_with_every_folder_above_it(
    media: Path, written: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[tuple[str, bool]] = []
    force = disk.force_to_disk

    def noted(path: Path) -> None:
        force(path)
        forced.append((str(path.relative_to(media.parent)), (media / "uploads/a/one").exists()))

    monkeypatch.setattr(disk, "force_to_disk", noted)
    path = written(b"rows")
    storage.keep_file(path, "uploads/a/one")
    # The new folders, then the content before the rename, then the name after it.
    assert forced == [
        ("media", False),
        ("media/uploads", False),
        (path.name, False),
        ("media/uploads/a", True),
    ]


def test_only_an_open_marked_file_is_in_use(media: Path) -> None:
    path = media / "upload"
    assert not storage.is_in_use(path)
    with path.open("wb") as file:
        assert not storage.is_in_use(path)
        storage.mark_in_use(file)
        storage.mark_in_use(file)
        assert storage.is_in_use(path)
        storage.keep_file(path, "uploads/kept")
        assert storage.is_in_use(media / "uploads/kept")
    assert not storage.is_in_use(media / "uploads/kept")


def test_removing_takes_a_file_a_folder_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    for name in ("file", "folder", "gone"):
        storage.remove(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_the_digest_is_that_of_the_whole_file(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    path = tmp_path / "file"
    path.write_bytes(content[:size])
    assert storage.sha256_of(path) == hashlib.sha256(content[:size]).hexdigest()
