"""Sessions that a worker runs, and what became of them."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psutil

from sessions_app import services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.services import ArchiveData, UploadedData
from tests.sessions_app.results import objects

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from sessions_app.models import PredictionSession, Session, TrainingSession


LONG = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 2000}}
"""A fit that goes on for long enough to be looked at, and to be ended."""


def trained(**changes: Any) -> TrainingSession:
    """Create a small training session and run it to its end."""
    session = created(**changes)
    worker.execute(session.pk)
    session.refresh_from_db()
    return session


def created(**changes: Any) -> TrainingSession:
    request = {
        "model_type": "decision_tree",
        "hyperparameters": {},
        "data": ArchiveData(mission="kepler"),
    }
    return services.start_training(**request | changes)


def predicted(data: ArchiveData | UploadedData) -> PredictionSession:
    session = services.start_prediction(data=data)
    worker.execute(session.pk)
    session.refresh_from_db()
    return session


def rows_of(session: Session) -> list[dict[str, Any]]:
    if not storage.results_folder(session.pk).exists():
        return []
    return [asdict(row) for row in objects(session)]


def assert_nothing_half(session: Session, kept: Callable[[], list[str]]) -> None:
    """A session without a result has no part of one, neither in rows nor in files."""
    session.refresh_from_db()
    assert (session.finished_at is None) is (session.status in {Status.QUEUED, Status.RUNNING})
    assert (session.metrics, session.model) == (None, None)
    assert rows_of(session) == []
    assert not session.progress.filter(percent=100).exists()
    assert not storage.artifact_folder(session.pk).exists()
    assert not storage.results_folder(session.pk).exists()
    assert [name for name in kept() if name.startswith("incoming")] == []
    assert list(storage.media_path("incoming").iterdir()) == []


@dataclass
class Meanwhile:
    """What a thread does once a session has come to its fit."""

    thread: threading.Thread
    jobs: list[psutil.Process]


def running_jobs() -> list[psutil.Process]:
    """Return the processes that a server of ours has forked."""
    servers = [
        process
        for process in psutil.Process().children()
        if "sessions_app.isolation.server" in " ".join(process.cmdline())
    ]
    return [job for server in servers for job in server.children()]


def is_gone(process: psutil.Process) -> bool:
    until = time.monotonic() + 2
    while time.monotonic() < until:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.01)
    return False
