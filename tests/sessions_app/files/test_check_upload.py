"""A file is read where it can harm nobody: not in the web process, and not for long."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING

import psutil
import pytest

from mlcore.jobs.check_upload import UploadCheck, UploadVerdict
from sessions_app.exceptions import RefusedError
from sessions_app.files import check_upload
from sessions_app.files.check_upload import read_apart, refusals_of
from tests.sessions_app.real_rows import drawn, kepler_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

TARGETS = "tests.sessions_app.isolation.targets"


@pytest.fixture(autouse=True, scope="module")
def readers() -> Iterator[None]:
    yield
    check_upload.close()


def check(path: Path, *, to_train_on: bool = False) -> UploadCheck:
    return UploadCheck(
        path=str(path),
        dataset="kepler",
        task="disposition",
        to_train_on=to_train_on,
        label_derived=[],
    )


def read(path: Path, *, to_train_on: bool = False) -> UploadVerdict:
    verdict = read_apart(check(path, to_train_on=to_train_on), field="training_file")
    for refusal in refusals_of(verdict, field="training_file"):
        raise refusal
    return verdict


def refused(path: Path) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read(path)
    assert caught.value.field == "training_file"
    return caught.value


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A table of 60 MB."""
    header, _, rows = drawn("a").to_csv(index=False).partition("\n")
    path = tmp_path / "large"
    with path.open("w") as file:
        file.write(f"{header}\n")
        file.writelines(rows for _ in range(60 * 10**6 // len(rows)))
    return path


def test_what_was_found_is_told(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "a")
    verdict = read(path, to_train_on=True)
    assert verdict.rows == len(drawn("a"))
    assert set(drawn("a").columns) <= set(verdict.given_columns)
    assert verdict.refusal == ""


def test_a_refusal_of_the_reader_is_one_of_the_request(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"%PDF-1.7")
    refusal = refused(tmp_path / "a")
    assert refusal.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert refusal.sentence.startswith("training_file: The file is not a table; expected CSV")
    (tmp_path / "a").write_bytes(b"koi_period\nabout nine\n")
    refusal = refused(tmp_path / "a")
    assert refusal.status == HTTPStatus.BAD_REQUEST
    assert refusal.sentence == (
        'training_file: Column koi_period has "about nine" in row 1, which is not a number; leave'
        " the cell empty where nothing was measured."
    )


@pytest.mark.long
def test_the_process_that_asks_grows_by_nothing(large: Path, tmp_path: Path) -> None:
    read(kepler_file(tmp_path / "a"))
    process = psutil.Process()
    before = process.memory_info().rss
    grown: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            grown.append(process.memory_info().rss - before)

    watching = threading.Thread(target=watch)
    watching.start()
    assert read(large).rows > 100_000
    done.set()
    watching.join()
    assert max(grown) < 10 * 10**6


def test_a_file_that_needs_too_much_memory_is_refused(
    large: Path, settings: SettingsWrapper
) -> None:
    # Less than reading may take where jobs have more.
    settings.EXOPLANET_JOB_MEMORY_MB = 160
    refusal = refused(large)
    assert refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refusal.sentence == (
        "training_file: Reading the file needs more memory than the 160 MB that it may take: send"
        " fewer rows, or only the columns that are needed."
    )


def test_a_file_that_takes_too_long_is_refused_when_its_time_is_over(
    large: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read(kepler_file(tmp_path / "a"))
    monkeypatch.setattr(check_upload, "SECONDS", 0.3)
    began = time.monotonic()
    refusal = refused(large)
    assert time.monotonic() - began < 2
    assert refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refusal.sentence == (
        "training_file: Reading the file takes longer than the 0.3 seconds that it may take: send"
        " it as CSV or Parquet, or fewer rows of it."
    )


def test_a_file_that_crashes_its_reader_costs_nobody_else_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as crashing:
        crashing.setattr(check_upload, "_TARGET", f"{TARGETS}:reads_address_zero")
        refusal = refused(tmp_path / "a")
    assert refusal.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert refusal.sentence == (
        "training_file: The file cannot be read: it is damaged, or not made as its format demands."
    )
    # The operators are told more than the user.
    assert "SIGSEGV" in caplog.text
    assert read(kepler_file(tmp_path / "a")).rows


def isolation_servers() -> set[psutil.Process]:
    """Return the processes that jobs are forked from; a Postgres is a child, too."""
    return {
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "isolation" in str(child.cmdline())
    }


def first_job(servers: set[psutil.Process]) -> psutil.Process:
    """Return the first job that one of the servers forks; it may still have to."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for job in [job for server in servers for job in server.children()]:
            return job
        time.sleep(0.01)
    raise TimeoutError


def test_a_reader_that_was_killed_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_upload.close()
    others = isolation_servers()
    read(kepler_file(tmp_path / "a"))
    monkeypatch.setattr(check_upload, "_TARGET", f"{TARGETS}:announces_itself_and_sleeps")
    servers = isolation_servers() - others
    threading.Thread(target=lambda: first_job(servers).kill()).start()
    refusal = refused(tmp_path / "a")
    assert (refusal.status, refusal.retry_after) == (HTTPStatus.SERVICE_UNAVAILABLE, 1)
    assert refusal.sentence == (
        "training_file: Reading the file was interrupted on the server; send it again."
    )


@pytest.mark.long
def test_a_slow_file_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = kepler_file(tmp_path / "a")
    check_upload.close()
    others = isolation_servers()
    read(small)
    (server,) = isolation_servers() - others
    with ThreadPoolExecutor(1) as beside:
        with monkeypatch.context() as slowly:
            slowly.setattr(check_upload, "_TARGET", f"{TARGETS}:announces_itself_and_sleeps")
            slow = beside.submit(refused, tmp_path / "a")
            job = first_job({server})
        assert read(small).rows
        assert slow.running()
        job.kill()
        assert slow.result().status == HTTPStatus.SERVICE_UNAVAILABLE


def test_a_thread_that_has_ended_takes_no_reader_with_it(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "a")
    rows: list[int] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: rows.append(read(path).rows))
        thread.start()
        thread.join()
    assert rows == [len(drawn("a"))] * 3


def test_nothing_is_left_running_after_the_end(tmp_path: Path) -> None:
    check_upload.close()
    # Other tests of this process may have a server for jobs of their own.
    others = isolation_servers()
    read(kepler_file(tmp_path / "a"))
    assert isolation_servers() > others
    check_upload.close()
    assert isolation_servers() <= others
    assert read(kepler_file(tmp_path / "a")).rows
