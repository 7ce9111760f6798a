from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from exoplanet.environment import BASE_DIR
from sessions_app.isolation import JobHost, Outcome

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def host() -> Iterator[JobHost]:
    """A host whose server has imported nothing ahead, so that a fresh one is cheap."""
    with JobHost(modules=()) as host:
        yield host


@pytest.fixture
def run(host: JobHost) -> Run:
    """Run a function of targets.py as a job, patiently unless told otherwise."""

    def run_target(function: str, *, on: JobHost = host, **options: Any) -> Outcome:
        given = {
            "argument": {},
            "on_event": lambda _: None,
            "should_stop": lambda: False,
            "deadline_seconds": 60,
            "memory_limit_bytes": None,
        }
        return on.run(
            target=f"tests.sessions_app.isolation.targets:{function}", **(given | options)
        )

    return run_target


@pytest.fixture
def is_gone() -> Callable[[int], bool]:
    """Whether a process ends within the time that a kill takes to go round on a busy machine."""

    def wait_for_the_end(pid: int, seconds: float = 20.0) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                    return True  # dead; process 1 has yet to notice
            except psutil.NoSuchProcess:
                return True
            time.sleep(0.01)
        return False

    return wait_for_the_end


@pytest.fixture(scope="session")
def project_root() -> Path:
    return BASE_DIR
