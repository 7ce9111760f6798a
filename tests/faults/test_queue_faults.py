"""Faults of the queue, the disk and the user's patience, against a real cluster."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.playground import FIT, SHORT, Playground, assert_gone, await_some
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="its faults are made as Linux makes them"),
]

SESSION = "/api/v1/training-sessions/{}"
NO_ROOM_FOR_THE_FILE = "The server has no room for the file at the moment; send it again later."
NO_ROOM = "The server's disk has no room left for the session's files."


WAKE_A_WORKER = """
from django_q.tasks import async_task
async_task("sessions_app.tasks.run_next")
"""


def wake_a_worker(playground: Playground) -> None:
    """Let a worker look for work, as if it had been woken once too often."""
    playground.command("shell", "--no-imports", "--command", WAKE_A_WORKER)
    await_some(lambda: not playground.rows("SELECT 1 FROM django_q_ormq"))


@pytest.mark.fault(
    "a worker that is woken once too often, during the session and after its end",
    "one attempt, one result",
)
def test_a_worker_that_is_woken_twice_for_a_session_runs_it_once(playground: Playground) -> None:
    session_id = playground.train(FIT)
    playground.await_fit(session_id)
    # The other worker while the first one runs it, and either one when it is done.
    wake_a_worker(playground)
    assert playground.await_end(session_id) == "completed"
    result = playground.predictions(session_id)
    wake_a_worker(playground)
    assert playground.history(session_id) == ["completed"]
    assert playground.predictions(session_id) == result


@pytest.mark.fault(
    "SIGSEGV and SIGABRT in a job",
    "failed once, in words; runs again when its user asks for it, and not by itself",
)
@pytest.mark.parametrize(
    "number",
    [signal.SIGSEGV, signal.SIGABRT],
)
def test_a_job_whose_interpreter_crashes_fails_and_the_queue_goes_on(
    playground: Playground, number: signal.Signals
) -> None:
    session_id = playground.train(FIT)
    playground.await_fit(session_id)
    os.kill(playground.job_of(session_id).pid, number)
    assert playground.await_end(session_id) == "failed"
    assert playground.history(session_id) == ["failed"]
    assert playground.error(session_id) == (
        "The job stopped unexpectedly because of an internal error."
    )
    # Only when its user asks for it.
    assert playground.post(f"{SESSION.format(session_id)}/retry").status == 202
    assert playground.await_end(session_id) == "completed"
    assert playground.history(session_id) == ["failed", "completed"]


@pytest.mark.fault(
    "a cancellation during a fit",
    "job and files gone within two seconds; a retry keeps the old attempt; same result",
)
def test_a_cancelled_job_is_gone_within_two_seconds_and_its_user_may_have_it_run_again(
    playground: Playground, undisturbed: list[tuple[Any, ...]]
) -> None:
    session_id = playground.train(FIT)
    playground.await_fit(session_id)
    job, incoming = playground.job_of(session_id), playground.folder / "media" / "incoming"
    assert [*incoming.glob(f"session_{session_id}_*")] != []
    assert playground.post(f"{SESSION.format(session_id)}/cancel").status == 200
    assert_gone([job], seconds=2)
    await_some(lambda: not [*incoming.glob(f"session_{session_id}_*")], seconds=2)
    refused = playground.post(f"{SESSION.format(session_id)}/cancel")
    assert (refused.status, refused.body["detail"]) == (
        409,
        "The session has ended and cannot be cancelled: it is cancelled.",
    )
    assert playground.post(f"{SESSION.format(session_id)}/retry").status == 202
    assert playground.await_end(session_id) == "completed"
    assert playground.history(session_id) == ["cancelled", "completed"]
    assert playground.predictions(session_id) == undisturbed


@contextmanager
def small_disk(folder: Path, *, room: int) -> Iterator[None]:
    """Let a folder be a disk of its own, with all that is in it and a little room [bytes]."""
    with tempfile.TemporaryDirectory() as copied:
        shutil.copytree(folder, copied, dirs_exist_ok=True)
        # Files take whole pages; the filler takes what is too much.
        held = sum(path.stat().st_size + 4096 for path in Path(copied).rglob("*"))
        size = f"size={held + 2**24},mode=755"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode != 0:
            # Nothing may go untested where all of it counts.
            refuse = pytest.fail if os.environ.get("CI") else pytest.skip
            refuse(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
        try:
            shutil.copytree(copied, folder, dirs_exist_ok=True)
            with (folder / "filler").open("wb") as filler:
                os.posix_fallocate(filler.fileno(), 0, shutil.disk_usage(folder).free - room)
            yield
        finally:
            # What still has a file open there lets go of it when it ends.
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.fault(
    "a full disk (16 kB left for uploads, work folders and models)",
    "an upload is refused and a session fails, in words; it runs when there is room",
)
def test_a_full_disk_refuses_an_upload_and_fails_a_session_in_words_until_there_is_room(
    playground: Playground, tmp_path: Path
) -> None:
    file = kepler_file(tmp_path / "large.csv", rows=1000)
    with small_disk(playground.folder / "media", room=16 * 1024):
        with file.open("rb") as rows:
            refused = playground.post(
                "/api/pretrained/predict",
                data={"data_source": "user", "data_format": "kepler"},
                files={"testing_file": rows},
            )
        assert (refused.status, refused.body["error"]) == (507, NO_ROOM_FOR_THE_FILE)
        session_id = playground.train(SHORT)
        assert playground.await_end(session_id) == "failed"
    assert playground.error(session_id) == NO_ROOM
    assert playground.history(session_id) == ["failed"]
    assert playground.post(f"{SESSION.format(session_id)}/retry").status == 202
    assert playground.await_end(session_id) == "completed"


def test_readiness_and_metrics_tell_of_the_cluster_that_is_there(playground: Playground) -> None:
    ready = await_some(lambda: playground.get("/api/v1/ready"))
    assert (ready.status, ready.body["workers"], ready.body["reapers"]) == (200, 2, 1)
    text = playground._wire.get(f"{playground.url}/metrics", timeout=10).text
    assert "exoplanet_workers 2.0" in text
    assert 'exoplanet_sessions{kind="training",status="running"} 0.0' in text


ROLLED_BACK = """
from django.db import transaction
from sessions_app import services
with transaction.atomic():
    session = services.start_training(
        model_type="decision_tree", hyperparameters={}, data=services.ArchiveData(mission="kepler")
    )
    print(session.pk)
    transaction.set_rollback(True)
"""


@pytest.mark.fault(
    "an enqueue whose transaction is rolled back",
    "no session; the queue goes on",
)
def test_a_session_whose_transaction_is_rolled_back_leaves_nothing(
    playground: Playground,
) -> None:
    session_id = playground.command("shell", "--no-imports", "--command", ROLLED_BACK).strip()
    assert len(session_id) == 36
    # What comes after it is run, and it is not.
    assert playground.await_end(playground.train(SHORT)) == "completed"
    assert playground.rows("SELECT 1 FROM sessions_app_session WHERE id = %s", session_id) == []


def test_every_line_of_the_log_is_an_object_and_those_about_a_session_name_it(
    playground: Playground,
) -> None:
    session_id = playground.train(SHORT)
    assert playground.await_end(session_id) == "completed"
    lines = [json.loads(line) for line in (playground.folder / "log").read_text().splitlines()]
    assert {"time", "level", "logger", "message", "session_id"} <= set.intersection(
        *(set(line) for line in lines)
    )
    assert {"exoplanet.up", "Postgres"} <= {line["logger"] for line in lines}
    messages = [line["message"] for line in lines if line["session_id"] == session_id]
    assert {"put into the queue", "attempt 1 begins"} <= set(messages)
