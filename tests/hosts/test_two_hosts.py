"""Several hosts on one database: the web server on one, the workers on others."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.faults.playground import FIT, LONG_FIT, SHORT, WORKERS, await_some, runs
from tests.hosts.hosts import Host
from tests.served import any_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hosts.tcp_postgres import TcpPostgres

pytestmark = [
    pytest.mark.long,
    pytest.mark.cluster,
    pytest.mark.skipif(sys.platform != "linux", reason="signals as Linux knows them"),
]


@pytest.fixture(scope="module")
def make(
    postgres: TcpPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Host]]:
    """Make hosts on one new database and one media folder."""
    folder = tmp_path_factory.mktemp("hosts")
    database = postgres.make("several_hosts")
    made: list[Host] = []

    def make(name: str, *roles: str, **parameters: object) -> Host:
        (folder / name).mkdir()
        made.append(
            Host(
                folder=folder / name,
                name=name,
                roles=roles,
                port=any_port(),
                media=folder / "media",
                url_of_database=postgres.url(database, **parameters),
            )
        )
        return made[-1]

    yield make
    for host in reversed(made):
        host.stop()


@pytest.fixture(scope="module")
def front(make: Callable[..., Host]) -> Host:
    """The host that users reach."""
    front = make("front", "web", "reaper", sslmode="disable")
    front.load_small_table()
    front.start()
    return front


@pytest.fixture(scope="module")
def back(make: Callable[..., Host], postgres: TcpPostgres, front: Host) -> Host:
    """A host with workers, which reaches the database by TLS where it can."""
    secure = {"sslmode": "verify-full", "sslrootcert": postgres.authority}
    back = make("back", "workers", **(secure if postgres.speaks_tls else {}))
    back.start()
    return back


@pytest.fixture
def spare(make: Callable[..., Host], front: Host) -> Iterator[Host]:
    """Another host with workers."""
    spare = make(f"spare{any_port()}", "workers")
    spare.start()
    yield spare
    spare.stop()


def metrics(front: Host) -> dict[str, float]:
    text = front._wire.get(f"{front.url}/metrics", timeout=60).text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def family(host: Host) -> set[int]:
    return {process.pid for process in host.supervisor.children(recursive=True)}


def test_a_host_without_workers_says_so_and_accepts_sessions(front: Host) -> None:
    assert "The web server answers, but reports that it is not well (503)" in front.log
    assert 'Host "front" of Exoplanet Playground runs the web server and the reaper.' in front.log
    assert "No worker is running" in front.get("/api/health").body["message"]


def test_what_one_host_accepts_another_one_runs(front: Host, back: Host) -> None:
    session_id = front.train(SHORT)
    assert front.await_end(session_id) == "completed"
    assert front.result(session_id)["success"] is True
    assert front.get("/api/health").status == 200
    samples = metrics(front)
    assert samples['exoplanet_host_workers{host="back",lane="first_answers"}'] == WORKERS
    assert samples['exoplanet_host_workers{host="back",lane="evidence"}'] == 1
    assert samples['exoplanet_host_workers{host="front",lane="first_answers"}'] == 0
    assert samples['exoplanet_host_up{host="front"}'] == 1
    assert samples["exoplanet_workers"] == WORKERS
    # Each starts only what its roles are.
    words = [" ".join(child.cmdline()) for child in front.supervisor.children()]
    assert [any(part in line for line in words) for part in ("granian", "reap_", " work")] == [
        True, True, False,
    ]  # fmt: skip


@pytest.mark.fault(
    "kill -9 of everything on a host that runs a job, the web server and the reaper being on"
    " another one",
    "the reaper queues the session again, and a third host runs it to the same result; nothing else"
    " is touched",
)
def test_a_host_that_dies_leaves_its_session_to_another_one(
    front: Host, back: Host, make: Callable[..., Host]
) -> None:
    undisturbed = front.train(FIT)
    assert front.await_end(undisturbed) == "completed"
    before = family(front)
    session_id = front.train(FIT)
    front.await_fit(session_id)
    assert front.worker_of(session_id).pid in family(back)
    back.vanish()
    # Nobody waits for a heartbeat to be overdue.
    await_some(lambda: front.history(session_id) == ["interrupted"], seconds=20)
    assert front.get("/api/health").status == 503
    third = make("third", "workers")
    third.start()
    assert front.await_end(session_id) == "completed"
    assert front.history(session_id) == ["interrupted", "completed"]
    assert front.predictions(session_id) == front.predictions(undisturbed)
    assert family(front) >= before
    # It comes back under its own name.
    back.start()
    third.stop()
    front.assert_all_is_accounted_for()


def test_a_wedged_queue_is_started_again_by_its_own_host_and_by_no_other(
    front: Host, back: Host, spare: Host
) -> None:
    stop_queue(back)
    running = [front.train(LONG_FIT) for _ in range(WORKERS)]
    for session_id in running:
        front.await_fit(session_id)
        assert front.worker_of(session_id).pid in family(spare)
    waiting = front.train(SHORT)
    # The queue that was stopped has two free workers, as far as anybody can see.
    assert front.await_end(waiting) == "completed"
    assert "The job queue takes no work although sessions wait and is started again." in back.log
    assert "started again" not in spare.log + front.log
    # The healthy neighbour's jobs run on.
    assert [front.history(session_id) for session_id in running] == [[""]] * WORKERS
    for session_id in running:
        assert front.worker_of(session_id).pid in family(spare)
        assert front.post(f"/api/v1/training-sessions/{session_id}/cancel").status < 300


def stop_queue(host: Host) -> None:
    """Stop every process of a host's queue, which looks as if it lived."""
    main = host.part("work")
    processes = [main, *main.children(recursive=True)]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    await_some(lambda: all(p.status() == psutil.STATUS_STOPPED for p in processes if runs(p)))
