"""A long-running child process: real ones, that sleep."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from exoplanet.environment import BASE_DIR
from exoplanet.supervisor.service import Service, how_it_ended
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

wait_for = partial(wait_until, seconds=20.0)

# A child in its session, and one that has left it.
PARENT = """
import signal, subprocess, sys, time
for away in (False, True):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=away)
{trap}
print("ready", flush=True)
open({ready!r}, "w").close()
time.sleep(60)
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Any]:
    """Start a service with two children of its own."""
    started = []

    def start(trap: str = "") -> Service:
        ready = tmp_path / "ready"
        service = Service(
            name="The parent",
            command=[sys.executable, "-c", PARENT.format(trap=trap, ready=str(ready))],
            env=dict(os.environ),
            cwd=tmp_path,
        )
        service.start()
        started.append(service)
        wait_for(ready.exists)
        return service

    yield start
    for service in started:
        service.wait_and_kill(deadline=0, family=service.family(), hurry=lambda: True)


def await_restart(service: Service, report: Any) -> None:
    dead = service.process

    def restarted() -> bool:
        service.watch(report)
        return service.process is not dead

    wait_for(restarted)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=5)[1]


def stop(service: Service, *, patience: float) -> None:
    family = service.family()
    service.ask_to_stop()
    service.wait_and_kill(deadline=time.monotonic() + patience, family=family, hurry=lambda: False)


def test_a_service_is_stopped_with_all_that_it_started(parent: Any) -> None:
    service = parent()
    family = service.family()
    assert len({process.pid for process in family}) == 3
    stop(service, patience=10)
    assert alive(family) == []


def test_a_service_that_does_not_listen_is_killed(parent: Any) -> None:
    service = parent(trap="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    family = service.family()
    stop(service, patience=0.1)
    assert alive(family) == []


def test_a_service_that_does_nothing_is_restarted_at_once_without_what_it_had_started(
    parent: Any,
) -> None:
    service = parent(trap="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    family = service.family()
    service.restart()
    assert alive(family) == []
    assert service.ended is None
    assert service.process.pid not in {process.pid for process in family}


def test_a_watch_tells_whether_the_service_runs(tmp_path: Path) -> None:
    service = Service(
        name="The reaper", command=["sleep", "60"], env=dict(os.environ), cwd=tmp_path
    )
    assert service.watch(str) is False
    service.start()
    assert service.watch(str) is True
    service.process.kill()
    wait_for(lambda: service.ended is not None)
    assert service.watch(str) is False
    await_restart(service, str)
    assert service.watch(str) is True
    stop(service, patience=5)


def test_a_service_that_dies_is_started_again_with_a_growing_pause(tmp_path: Path) -> None:
    service = Service(
        name="The job queue", command=["false"], env={"PATH": os.defpath}, cwd=tmp_path
    )
    said: list[str] = []
    service.start()
    for _ in range(2):
        wait_for(lambda: service.ended is not None)
        await_restart(service, said.append)
    wait_for(lambda: service.ended is not None)
    service.watch(said.append)
    assert said == [
        f"The job queue ended with exit status 1 and is started again in {pause} s."
        for pause in (1, 2, 4)
    ]


@pytest.mark.long
def test_a_service_that_lived_before_it_died_is_started_again_soon(tmp_path: Path) -> None:
    service = Service(name="", command=["false"], env={"PATH": os.defpath}, cwd=tmp_path)
    said: list[str] = []
    service.start()
    for lived in (0, 0, 30):
        wait_for(lambda: service.ended is not None)
        service._started -= lived
        await_restart(service, said.append)
    service.wait()
    assert [sentence.split()[-2] for sentence in said] == ["1", "2", "1"]


def test_what_a_dead_service_leaves_behind_does_not_work_on_beside_its_successor(
    parent: Any,
) -> None:
    service = parent()
    in_session = [p for p in service.family() if os.getsid(p.pid) == service.process.pid]
    assert len({process.pid for process in in_session}) == 2
    service.process.kill()
    wait_for(lambda: service.ended is not None)
    service.watch(lambda _line: None)
    assert alive(in_session) == []


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_a_service_dies_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from exoplanet.supervisor.service import Service\n"
        "service = Service(name='', command=['sleep', '60'], env=dict(os.environ), cwd=Path('/'))\n"
        "service.start(); print(service.process.pid, flush=True); time.sleep(60)"
    )
    supervisor = psutil.Popen(
        [sys.executable, "-c", script],
        cwd=BASE_DIR,
        stdout=-1,
        text=True,
    )
    child = psutil.Process(int(supervisor.stdout.readline()))
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    child.wait(10)


def test_an_end_is_told_in_words() -> None:
    assert how_it_ended(3) == "ended with exit status 3"
    assert how_it_ended(-signal.SIGKILL) == "was ended by SIGKILL"
