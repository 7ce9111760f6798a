"""The end of every kind of process, in the middle of a fit: a user only waits a little longer."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.playground import (
    FIT,
    LONG_FIT,
    SHORT,
    WORKERS,
    Playground,
    assert_gone,
    await_some,
    kill,
    runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.long,
    pytest.mark.skipif(
        sys.platform != "linux", reason="only Linux tells a child of its parent's death"
    ),
]

Result = list[tuple[Any, ...]]


def fit_through(
    playground: Playground, undisturbed: Result, fault: Callable[[str], object]
) -> None:
    """See a session through a fault in the middle of its fit, and another one behind it."""
    session_id = playground.train(FIT)
    playground.await_fit(session_id)
    behind = playground.train(SHORT)
    fault(session_id)
    assert playground.await_end(session_id) == "completed"
    assert playground.history(session_id) == ["interrupted", "completed"]
    assert playground.predictions(session_id) == undisturbed
    assert playground.await_end(behind) == "completed"


@pytest.mark.fault(
    "kill -9 of a job in the middle of its fit",
    "the worker queues the session again; the result is the undisturbed one, bit for bit",
)
def test_a_job_that_is_killed_runs_again_to_the_same_result(
    playground: Playground, undisturbed: Result
) -> None:
    def fault(session_id: str) -> None:
        kill(playground.job_of(session_id))

    fit_through(playground, undisturbed, fault)


@pytest.mark.fault(
    "kill -9 of a busy worker",
    "its job dies with it, the reaper sees at once that nobody runs the session; same result",
)
def test_the_job_of_a_worker_that_is_killed_ends_with_it_and_runs_again_to_the_same_result(
    playground: Playground, undisturbed: Result
) -> None:
    def fault(session_id: str) -> None:
        worker = playground.worker_of(session_id)
        family = [worker, *worker.children(recursive=True)]
        kill(worker)
        assert_gone(family, seconds=5)

    fit_through(playground, undisturbed, fault)


@pytest.mark.fault(
    "kill -9 of all idle workers, which leaves the queue's pipe locked for ever",
    "the supervisor sees that sessions wait and nobody takes them, and restarts the cluster",
)
def test_when_all_idle_workers_are_killed_the_queue_that_hangs_is_started_again(
    playground: Playground,
) -> None:
    cluster = playground.part("work")
    await_some(lambda: len(playground.idle_workers()) == WORKERS)
    for worker in playground.idle_workers():
        # The one that waits for a task dies with the lock on which all others wait.
        kill(worker)
    session_id = playground.train(SHORT)
    assert playground.await_end(session_id) == "completed"
    assert not runs(cluster)


@pytest.mark.fault(
    "kill -9 of the cluster's main process",
    "all its processes are gone within a second, the next cluster starts without them; same result",
)
def test_a_cluster_whose_main_process_is_killed_is_followed_by_one_without_the_old_workers(
    playground: Playground, undisturbed: Result
) -> None:
    def fault(_: str) -> None:
        cluster = playground.part("work")
        family = [cluster, *cluster.children(recursive=True)]
        assert len(family) >= 5
        kill(cluster)
        # At once and by themselves: nobody has to find them.
        assert_gone(family, seconds=1)

    fit_through(playground, undisturbed, fault)


@pytest.mark.fault(
    "kill -9 of each of the cluster's other processes",
    "it is replaced, or the cluster is; sessions go on",
)
def test_the_cluster_goes_on_whichever_of_its_other_processes_is_killed(
    playground: Playground,
) -> None:
    cluster = playground.part("work")
    (sentinel,) = cluster.children()
    workers = playground.idle_workers()
    # The one that takes tasks and the one that acknowledges them.
    others = [process for process in sentinel.children() if process not in workers]
    assert len(others) == 2
    for process in others:
        kill(process)
    assert playground.await_end(playground.train(SHORT)) == "completed"
    kill(sentinel)
    assert playground.await_end(playground.train(SHORT)) == "completed"
    assert not runs(cluster)


@pytest.mark.fault(
    "kill -9 of Postgres, and its orderly end, during a fit",
    "the job is stopped, Postgres restarted, the session runs again; same result",
)
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGKILL, id="killed"),
        pytest.param(signal.SIGINT, id="stopped"),
    ],
)
def test_a_postgres_that_ends_comes_back_and_the_session_runs_again_to_the_same_result(
    playground: Playground, undisturbed: Result, number: signal.Signals
) -> None:
    fit_through(playground, undisturbed, lambda _: playground.postgres()[0].send_signal(number))
    await_some(lambda: playground.health() == 200)


@pytest.mark.fault(
    "a Postgres that is stopped (SIGSTOP) during a fit and answers nobody",
    "the supervisor, which never waits for an answer, kills it and starts it again; same result",
)
def test_a_postgres_that_answers_no_more_is_started_again_and_the_session_runs_again(
    playground: Playground, undisturbed: Result
) -> None:
    def fault(_: str) -> None:
        processes = playground.postgres()
        for process in processes:
            process.suspend()
        assert_gone(processes, seconds=60)

    fit_through(playground, undisturbed, fault)
    await_some(lambda: playground.health() == 200)


@pytest.mark.fault(
    "SIGTERM to a busy worker, and to the cluster's main process, during a fit",
    "the job is done within the few seconds that it is given, or runs again; same result",
)
@pytest.mark.parametrize("whose", ["worker", "cluster"])
def test_a_sigterm_during_a_fit_costs_the_session_an_attempt_at_most(
    playground: Playground, undisturbed: Result, whose: str
) -> None:
    cluster = playground.part("work")
    session_id = playground.train(FIT)
    playground.await_fit(session_id)
    target = playground.worker_of(session_id) if whose == "worker" else cluster
    target.terminate()
    assert playground.await_end(session_id) == "completed"
    # The cluster gives a running job a few seconds to be done.
    assert playground.history(session_id) in (["completed"], ["interrupted", "completed"])
    assert playground.predictions(session_id) == undisturbed
    assert_gone([target], seconds=30)
    assert playground.await_end(playground.train(SHORT)) == "completed"


@pytest.mark.fault(
    "kill -9 of the reaper",
    "restarted",
)
def test_a_reaper_that_is_killed_is_started_again(playground: Playground) -> None:
    killed = playground.part("reap_sessions")
    kill(killed)
    assert_gone([killed], seconds=5)
    assert playground.part("reap_sessions") != killed


@pytest.mark.fault(
    "SIGTERM to everything during a fit",
    "the session is queued again before Postgres stops, and runs after the next start",
)
def test_a_session_is_queued_again_when_everything_is_stopped_and_runs_after_the_next_start(
    playground: Playground,
) -> None:
    from exoplanet.postgres.server import embedded_postgres

    session_id = playground.train(LONG_FIT)
    waiting = [playground.train(LONG_FIT) for _ in range(2)]
    playground.await_fit(session_id)
    playground.stop()
    with embedded_postgres(playground.folder / "state"):
        statuses = dict(playground.rows("SELECT id::text, status FROM sessions_app_session"))
        assert statuses[session_id] == "queued"
        assert playground.history(session_id) == ["interrupted"]
    playground.start()
    await_some(lambda: playground.history(session_id) == ["interrupted", ""])
    for session in (session_id, *waiting):
        assert playground.post(f"/api/v1/training-sessions/{session}/cancel").status == 200
    assert playground.history(session_id) == ["interrupted", "cancelled"]


@pytest.mark.fault(
    "kill -9 of the supervisor during a fit",
    "no process is left; the next start takes the session up; same result",
)
def test_a_supervisor_that_is_killed_takes_all_with_it_and_the_next_start_takes_all_up(
    playground: Playground, undisturbed: Result
) -> None:
    def fault(_: str) -> None:
        family = playground.supervisor.children(recursive=True)
        kill(playground.supervisor)
        playground.supervisor.wait()
        assert_gone(family, seconds=30)
        playground.start()

    fit_through(playground, undisturbed, fault)
