"""Deadlines, stops, and dying workers: nothing is ever left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from sessions_app.isolation import Ending, JobHost

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sessions_app.isolation.conftest import Run

IN_C_CODE = "announces_itself_and_holds_the_interpreter"
SLOW_MODULE = "tests.sessions_app.isolation.takes_minutes_to_import"


def next_server(run: Run) -> int:
    return run("adds", argument={"terms": []}).value["server"]


def test_a_deadline_ends_a_job_deep_inside_c_code(run: Run, is_gone: Callable[[int], bool]) -> None:
    announced = []
    outcome = run(IN_C_CODE, deadline_seconds=1, on_event=announced.append)
    assert outcome.ending is Ending.OVERRAN
    assert outcome.sentence == "The job was not done after the 1 second it may take."
    assert 1 <= outcome.wall_seconds < 30
    assert outcome.cpu_seconds > 0
    assert is_gone(announced[0]["pid"])
    assert next_server(run) == announced[0]["server"]


def test_a_stop_ends_a_job_deep_inside_c_code_within_two_seconds(
    run: Run, is_gone: Callable[[int], bool]
) -> None:
    announced, wished = [], []

    def stop_half_a_second_after_the_event() -> bool:
        if announced and time.monotonic() > announced[0]["at"] + 0.5:
            wished.append(time.monotonic())
        return bool(wished)

    outcome = run(
        IN_C_CODE,
        on_event=lambda event: announced.append(event | {"at": time.monotonic()}),
        should_stop=stop_half_a_second_after_the_event,
    )
    assert time.monotonic() - (announced[0]["at"] + 0.5) < 2
    assert outcome.ending is Ending.STOPPED
    assert outcome.sentence == "The job was stopped on request."
    assert is_gone(announced[0]["pid"])
    assert next_server(run) == announced[0]["server"]


def test_a_server_that_cannot_end_its_job_is_killed_with_it(
    run: Run, is_gone: Callable[[int], bool]
) -> None:
    announced = []

    def hold_the_server(event: dict[str, Any]) -> None:
        announced.append(event)
        os.kill(event["server"], signal.SIGSTOP)

    outcome = run(IN_C_CODE, on_event=hold_the_server, should_stop=lambda: bool(announced))
    assert outcome.ending is Ending.STOPPED
    assert is_gone(announced[0]["pid"])
    assert is_gone(announced[0]["server"])
    assert next_server(run) != announced[0]["server"]


def test_a_job_can_be_stopped_before_its_server_has_started(run: Run) -> None:
    with JobHost(modules=("sklearn.ensemble",)) as host:
        host.warm()
        server = host._server.pid
        outcome = run("adds", on=host, should_stop=lambda: True)
        # There was no job to kill, so the server is kept for the next one.
        assert run("adds", on=host, argument={"terms": []}).value["server"] == server
    assert outcome.ending is Ending.STOPPED
    assert outcome.peak_memory_bytes is None


def test_the_wish_to_stop_is_asked_for_about_five_times_a_second_even_among_many_events(
    run: Run,
) -> None:
    calls = []

    def ask() -> bool:
        calls.append(None)
        return False

    outcome = run("counts_up", argument={"to": 50_000}, should_stop=ask)
    assert 1 <= len(calls) <= outcome.wall_seconds / 0.2 + 1


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_what_a_callback_raises_comes_through_and_leaves_no_job_running(
    run: Run, is_gone: Callable[[int], bool], error: Any
) -> None:
    announced = []

    def fail(event: dict[str, Any]) -> None:
        announced.append(event)
        raise error("from the callback")

    with pytest.raises(error, match="from the callback"):
        run(IN_C_CODE, on_event=fail)
    assert is_gone(announced[0]["pid"])
    assert is_gone(announced[0]["server"])

    def fail_later() -> bool:
        if len(announced) > 1:
            raise error("from the wish")
        return False

    with pytest.raises(error, match="from the wish"):
        run(IN_C_CODE, on_event=announced.append, should_stop=fail_later)
    assert is_gone(announced[1]["pid"])


@pytest.mark.fault(
    "a database that does not answer the worker while a job's deadline passes",
    "the job ends at its deadline all the same",
)
def test_a_deadline_holds_while_the_host_itself_is_kept_waiting(
    run: Run, is_gone: Callable[[int], bool]
) -> None:
    gone_meanwhile = []

    def waits_for_a_database(event: dict[str, Any]) -> None:
        # Longer than the deadline, as a question to a server that was stopped.
        time.sleep(1)
        gone_meanwhile.append(is_gone(event["pid"], 10))

    outcome = run(IN_C_CODE, deadline_seconds=1, on_event=waits_for_a_database)
    assert gone_meanwhile == [True]
    assert outcome.ending is Ending.OVERRAN
    assert outcome.sentence == "The job was not done after the 1 second it may take."


def test_a_server_too_slow_for_the_deadline_is_not_kept(run: Run) -> None:
    with JobHost(modules=("sklearn.ensemble",)) as host:
        host.warm()
        server = host._server.pid
        assert run("adds", on=host, deadline_seconds=0.05).ending is Ending.OVERRAN
        assert not psutil.pid_exists(server)


def test_closing_leaves_no_server(run: Run, is_gone: Callable[[int], bool]) -> None:
    with JobHost(modules=()) as host:
        server = run("adds", on=host, argument={"terms": []}).value["server"]
    assert not psutil.pid_exists(server)


WORKER = """
import json, sys
from sessions_app.isolation import JobHost
modules, function = sys.argv[1].split(), sys.argv[2]
host = JobHost(modules=tuple(modules))
host.warm()
print(json.dumps({"server": host._server.pid}), flush=True)
host.run(
    target="tests.sessions_app.isolation.targets:" + function, argument={"mebibytes": 64},
    on_event=lambda event: print(json.dumps(event), flush=True),
    should_stop=lambda: False, deadline_seconds=600, memory_limit_bytes=2**33,
)
"""


@pytest.mark.parametrize("function", [IN_C_CODE, "announces_itself_and_sleeps"])
def test_a_worker_killed_in_the_middle_of_a_job_leaves_neither_server_nor_job(
    project_root: Path, is_gone: Callable[[int], bool], function: Any
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, "", function], cwd=project_root, stdout=subprocess.PIPE
    ) as worker:
        server = json.loads(worker.stdout.readline())["server"]
        job = json.loads(worker.stdout.readline())
        assert job["server"] == server
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert is_gone(server)
        assert is_gone(job["pid"])


def test_a_worker_killed_while_its_server_still_imports_leaves_no_server(
    project_root: Path, is_gone: Callable[[int], bool]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, SLOW_MODULE, "adds"],
        cwd=project_root,
        stdout=subprocess.PIPE,
    ) as worker:
        server = json.loads(worker.stdout.readline())["server"]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert is_gone(server)


def test_what_a_job_starts_and_leaves_behind_is_ended_with_it(run: Run) -> None:
    outcome = run("leaves_a_child_behind")
    assert outcome.ending is Ending.COMPLETED
    assert not psutil.pid_exists(outcome.value)


def test_nothing_is_leaked_from_job_to_job(run: Run) -> None:
    def open_files(pid: int) -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    first = run("adds", argument={"terms": []}).value
    in_server = open_files(first["server"])
    here = open_files(os.getpid())
    for _ in range(20):
        assert run("adds", argument={"terms": []}).value["server"] == first["server"]
    assert run("raises").ending is Ending.CRASHED
    assert open_files(first["server"]) == in_server
    assert open_files(os.getpid()) == here
    assert psutil.Process(first["server"]).children() == []
