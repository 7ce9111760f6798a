"""What a job can see, and what it cannot."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.isolation import JOB_MODULES, Ending, JobHost

if TYPE_CHECKING:
    from tests.sessions_app.isolation.conftest import Run

THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"]


def test_a_job_has_the_libraries_but_no_django_and_its_server_has_one_thread(
    run: Run, project_root: Path
) -> None:
    with JobHost() as host:
        names = [*JOB_MODULES, "django", "psycopg", "sessions_app.models"]
        modules = run("lists_modules", on=host, argument={"names": names})
        surroundings = run("describes_its_surroundings", on=host, argument={"names": THREADS})
    assert modules.ending is Ending.COMPLETED, modules.traceback
    assert modules.value == list(JOB_MODULES)
    assert surroundings.value == {
        "environment": dict.fromkeys(THREADS, "1"),
        "threads": 1,
        "server_threads": 1,
        "directory": str(project_root),
    }


def test_a_job_inherits_no_open_file_of_the_worker(run: Run) -> None:
    with socket.socket() as connection, JobHost(modules=()) as host:
        connection.set_inheritable(True)
        outcome = run("lists_open_files", on=host)
    files = outcome.value
    assert (files.pop("0"), files.pop("1"), files.pop("2")) == ("/dev/null", "pipe", "pipe")
    assert list(files.values()) == ["pipe"]  # its events


def test_a_job_sees_nothing_of_the_one_before(run: Run) -> None:
    first, second = run("counts_its_calls"), run("counts_its_calls")
    assert (first.value, second.value) == (1, 1)
    seen = run("describes_its_surroundings", argument={"names": ["LEFT_BEHIND", "PYTHONHASHSEED"]})
    assert seen.value["environment"] == {"LEFT_BEHIND": None, "PYTHONHASHSEED": "0"}


def test_a_job_leaves_its_temporary_files_where_it_is_told(run: Run, tmp_path: Path) -> None:
    told = run("leaves_a_temporary_file", temporary=tmp_path)
    assert list(tmp_path.iterdir()) == [Path(told.sentence)]
    # The next one is told nothing.
    elsewhere = Path(run("leaves_a_temporary_file").sentence)
    assert elsewhere.parent == Path(tempfile.gettempdir())
    elsewhere.unlink()


def test_the_second_job_finds_a_warm_server(run: Run) -> None:
    with JobHost(modules=("sklearn.ensemble",)) as host:
        cold = run("adds", on=host, argument={"terms": []})
        warm = run("adds", on=host, argument={"terms": []})
    assert warm.value["server"] == cold.value["server"]
    assert warm.value["pid"] != cold.value["pid"]
    assert warm.wall_seconds < cold.wall_seconds / 4


def test_a_host_can_be_warmed_ahead(run: Run) -> None:
    with JobHost(modules=()) as host:
        host.warm()
        server = host._server.pid
        host.warm()
        assert run("adds", on=host, argument={"terms": []}).value["server"] == server


def test_a_server_that_died_idle_is_replaced(run: Run) -> None:
    with JobHost(modules=()) as host:
        server = run("adds", on=host, argument={"terms": []}).value["server"]
        os.kill(server, signal.SIGKILL)
        outcome = run("adds", on=host, argument={"terms": [1, 1]})
    assert (outcome.ending, outcome.value["sum"]) == (Ending.COMPLETED, 2)
    assert outcome.value["server"] != server


def test_a_server_that_cannot_import_is_a_crash_that_says_why(run: Run) -> None:
    with JobHost(modules=("no_such_module",)) as host:
        outcome = run("adds", on=host)
    assert outcome.ending is Ending.CRASHED
    assert "ModuleNotFoundError: No module named 'no_such_module'" in outcome.traceback


def test_a_host_inherited_over_a_fork_starts_a_server_of_its_own(run: Run) -> None:
    with JobHost(modules=()) as host:
        server = run("adds", on=host, argument={"terms": []}).value["server"]
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                outcome = run("adds", on=host, argument={"terms": [2]})
                host.close()
                os.write(writer, json.dumps(outcome.value).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answers:
            in_child = json.loads(answers.read())
        os.waitpid(child, 0)
        assert in_child["sum"] == 2
        assert in_child["server"] != server
        assert run("adds", on=host, argument={"terms": []}).value["server"] == server


def test_a_daemonic_worker_may_run_jobs(run: Run) -> None:
    def work(answers: Any) -> None:
        with JobHost(modules=()) as host:
            answers.put(run("adds", on=host, argument={"terms": [3]}).value["sum"])

    forking = multiprocessing.get_context("fork")
    answers = forking.SimpleQueue()
    worker = forking.Process(target=work, args=(answers,), daemon=True)
    worker.start()
    assert answers.get() == 3
    worker.join()
    assert worker.exitcode == 0
    worker.close()
    answers.close()


@pytest.mark.long
def test_four_jobs_side_by_side_give_the_same_bits_as_one_alone(run: Run) -> None:
    def digest(_: Any) -> Any:
        with JobHost(modules=()) as host:
            return run("fits_and_digests", on=host, argument={"seed": 7})

    alone = digest(None)
    assert alone.ending is Ending.COMPLETED, alone.traceback
    with ThreadPoolExecutor(4) as workers:
        together = list(workers.map(digest, range(4)))
    assert [outcome.value for outcome in together] == [alone.value] * 4
