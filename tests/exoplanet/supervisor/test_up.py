"""`manage.py up`: the whole project as one process, and its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from exoplanet.environment import BASE_DIR
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.cluster


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A state folder and what runs on it."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("EXOPLANET_") and name != "DATABASE_URL"
        }
        return clean | {
            "EXOPLANET_STATE_DIR": str(self.folder / "state"),
            "EXOPLANET_MEDIA_ROOT": str(self.folder / "media"),
            "EXOPLANET_PORT": str(self.port),
            "EXOPLANET_WORKERS": "1",
        }

    def command(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment | variables,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )

    def health(self) -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(
                f"http://localhost:{self.port}/api/health", timeout=10
            ) as answer:
                return json.load(answer)
        except OSError:
            return None

    def begin(self, *, stdout: int, stderr: int) -> psutil.Popen:
        """Run `up`, whatever comes of it."""
        return psutil.Popen(
            [sys.executable, "manage.py", "up"],
            env=self.environment,
            cwd=BASE_DIR,
            stdout=stdout,
            stderr=stderr,
            text=True,
        )

    @contextlib.contextmanager
    def up(self) -> Iterator[tuple[psutil.Popen, str]]:
        """Run `up`; give it and what it said once it is ready."""
        process = self.begin(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            said = ""
            while "Ctrl-C stops everything." not in said:
                line = process.stdout.readline()
                assert line, f"it ended before it was ready:\n{said}"
                said += line
            yield process, said
        finally:
            if process.poll() is None:
                process.terminate()
            # Read to the end: a process whose pipe is full would never stop.
            process.stdout.read()
            process.stdout.close()
            process.wait()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="exoplanet up ") as name:
        Path(name).chmod(0o755)
        yield Place(folder=Path(name), port=free_port())


def runs(process: psutil.Process) -> bool:
    # What a killed process leaves until PID 1 takes note of it is no process any more.
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def part(supervisor: psutil.Popen, word: str) -> psutil.Process | None:
    """Return the child with a word on its command line."""
    for child in supervisor.children():
        with contextlib.suppress(psutil.Error):
            if word in child.cmdline():
                return child
    return None


def kill_and_await_successor(supervisor: psutil.Popen, word: str) -> None:
    killed = part(supervisor, word)
    killed.kill()
    wait_until(lambda: part(supervisor, word) not in {None, killed})


def assert_stopped_by(number: signal.Signals, supervisor: psutil.Popen) -> None:
    family = supervisor.children(recursive=True)
    assert len(family) > 5
    supervisor.send_signal(number)
    assert supervisor.stdout.read().startswith("Stopping.\n")
    assert supervisor.wait(30) == 0
    assert [process for process in family if runs(process)] == []


@pytest.fixture(scope="class")
def running(place: Place) -> Iterator[tuple[psutil.Popen, str]]:
    with place.up() as started:
        yield started


class TestWhileItRuns:
    def test_it_says_what_to_open_and_answers_there(
        self, place: Place, running: tuple[psutil.Popen, str]
    ) -> None:
        _, said = running
        assert f"http://localhost:{place.port}/\n" in said
        assert f"http://localhost:{place.port}/api/v1/docs\n" in said
        assert f"http://localhost:{place.port}/admin/ " in said
        assert "curl -F model_type=random_forest " in said
        assert place.health()["success"] is True

    @pytest.mark.long
    @pytest.mark.usefixtures("running")
    def test_a_command_uses_the_postgres_that_runs(self, place: Place) -> None:
        answer = place.command("migrate", "--check")
        assert (answer.returncode, answer.stderr) == (0, "")
        assert place.health()["success"] is True

    @pytest.mark.long
    @pytest.mark.usefixtures("running")
    def test_a_taken_port_is_one_sentence(self, place: Place) -> None:
        answer = place.command("up", EXOPLANET_STATE_DIR=str(place.folder / "other"))
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr == (
            f"Port {place.port} is taken: stop the program that uses it, "
            "or set EXOPLANET_PORT to another port.\n"
        )

    @pytest.mark.long
    def test_a_state_folder_in_use_is_one_sentence(
        self, place: Place, running: tuple[psutil.Popen, str]
    ) -> None:
        answer = place.command("up", EXOPLANET_PORT=str(free_port()))
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr == (
            f"The state folder {place.folder / 'state'} is in use by process {running[0].pid}: "
            "stop that first, or set EXOPLANET_STATE_DIR to another folder.\n"
        )

    @pytest.mark.long
    @pytest.mark.usefixtures("running")
    def test_a_part_uses_the_postgres_that_runs_and_leaves_it_running(self, place: Place) -> None:
        part = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--role=reaper"],
            env=place.environment | {"EXOPLANET_HOST_NAME": "another"},
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            said = ""
            while "Ctrl-C stops everything." not in said:
                line = part.stdout.readline()
                assert line, said
                said += line
            assert 'Host "another" of Exoplanet Playground runs the reaper.' in said
        finally:
            part.terminate()
            part.communicate()
        assert part.returncode == 0
        assert place.health()["success"] is True

    @pytest.mark.long
    def test_a_queue_that_is_killed_comes_back_without_the_old_workers(
        self, running: tuple[psutil.Popen, str]
    ) -> None:
        supervisor, _ = running
        workers = part(supervisor, "work").children(recursive=True)
        assert workers
        kill_and_await_successor(supervisor, "work")
        assert psutil.wait_procs(workers, timeout=5)[1] == []

    @pytest.mark.long
    def test_a_postgres_that_is_killed_comes_back(
        self, place: Place, running: tuple[psutil.Popen, str]
    ) -> None:
        kill_and_await_successor(running[0], "--listen_addresses=")
        wait_until(lambda: (place.health() or {}).get("success") is True)

    @pytest.mark.long
    def test_no_command_takes_the_place_of_a_postgres_that_is_down(
        self, place: Place, running: tuple[psutil.Popen, str]
    ) -> None:
        supervisor, _ = running
        command = [sys.executable, "manage.py", "migrate", "--check"]
        commands = []
        part(supervisor, "--listen_addresses=").kill()
        # Each comes at another moment of its absence.
        for _ in range(2):
            commands.append(subprocess.Popen(command, env=place.environment, cwd=BASE_DIR))
            time.sleep(0.3)
        assert [process.wait(60) for process in commands] == [0] * 2
        wait_until(lambda: (place.health() or {}).get("success") is True)
        assert part(supervisor, "--listen_addresses=") is not None

    def test_an_interrupt_stops_everything_and_leaves_no_process_behind(
        self, running: tuple[psutil.Popen, str]
    ) -> None:
        # The last of these tests: nothing runs any more.
        assert_stopped_by(signal.SIGINT, running[0])


@pytest.mark.long
def test_a_database_that_cannot_be_reached_is_one_sentence(place: Place) -> None:
    answer = place.command(
        "up",
        EXOPLANET_PORT=str(free_port()),
        DATABASE_URL="postgres://ada:hunter2@127.0.0.1:1/planets",
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("The database that DATABASE_URL names cannot be used: ")
    assert answer.stderr.count("\n") == 1
    assert "hunter2" not in answer.stderr


@pytest.mark.long
def test_a_server_that_came_meanwhile_does_not_share_its_port(place: Place) -> None:
    supervisor = place.begin(stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: part(supervisor, "prepare"))
        with socket.create_server(("127.0.0.1", place.port), reuse_port=True):
            _, said = supervisor.communicate(timeout=60)
    finally:
        if supervisor.poll() is None:
            supervisor.terminate()
            supervisor.communicate()
    assert supervisor.returncode == 1
    assert f"Port {place.port} is taken: " in said


@pytest.mark.long
def test_a_signal_stops_everything_and_leaves_no_process_behind(place: Place) -> None:
    with place.up() as (supervisor, _):
        assert_stopped_by(signal.SIGTERM, supervisor)


@pytest.mark.long
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_a_supervisor_that_is_killed_leaves_no_process_behind(place: Place) -> None:
    with place.up() as (supervisor, _):
        family = supervisor.children(recursive=True)
        supervisor.kill()
        assert psutil.wait_procs(family, timeout=30)[1] == []
