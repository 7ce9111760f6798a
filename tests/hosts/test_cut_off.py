"""A host that is cut off in the middle of a fit: a real network, whose cable is pulled."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.playground import FIT, assert_gone, await_some
from tests.hosts.hosts import Host
from tests.hosts.tcp_postgres import TcpPostgres
from tests.served import any_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.network import Machine, Network

pytestmark = [pytest.mark.long, pytest.mark.cluster]

MEDIUM_FIT = {"model_type": "random_forest", "hyperparameters": '{"n_estimators": 500}'}
"""Still going on when the cable is pulled, and soon done when it runs again."""


@pytest.fixture(scope="module")
def machine(a_network: Network) -> Machine:
    return a_network.machine()


@pytest.fixture(scope="module")
def hosts(a_network: Network, machine: Machine) -> Iterator[tuple[Host, Host]]:
    """A host that users reach, and one with workers behind the cable."""
    with tempfile.TemporaryDirectory(prefix="exoplanet cut ", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = TcpPostgres(folder=folder, address=a_network.address)
        postgres.start()
        made: list[Host] = []
        try:
            database = postgres.make("cut_off")
            for host, roles, within in (
                ("front", ("web", "reaper"), ()),
                ("back", ("workers",), machine.within),
            ):
                (folder / host).mkdir()
                made.append(
                    Host(
                        folder=folder / host,
                        name=host,
                        roles=roles,
                        within=within,
                        port=any_port(),
                        media=folder / "media",
                        url_of_database=postgres.url(database),
                    )
                )
            front, back = made
            front.load_small_table()
            front.start()
            back.start()
            yield front, back
        finally:
            machine.plug()
            for host in reversed(made):
                host.stop()
            postgres.stop()


def test_a_short_cut_costs_nothing(hosts: tuple[Host, Host], machine: Machine) -> None:
    front, _ = hosts
    session_id = front.train(FIT)
    front.await_fit(session_id)
    machine.pull()
    time.sleep(5)
    machine.plug()
    assert front.await_end(session_id) == "completed"
    assert front.history(session_id) == ["completed"]


@pytest.mark.fault(
    "the network of a host that runs a job is gone for a minute",
    "Postgres misses it within half a minute, the reaper queues the session again; the job that was"
    " cut off is ended and writes nothing, and the host works again when it is back",
)
def test_a_host_that_is_cut_off_gives_its_session_back_and_returns(
    hosts: tuple[Host, Host], machine: Machine
) -> None:
    front, back = hosts
    session_id = front.train(MEDIUM_FIT)
    front.await_fit(session_id)
    job = front.job_of(session_id)
    machine.pull()
    await_some(lambda: front.history(session_id) == ["interrupted"], seconds=90)
    assert front.get("/api/health").status == 503
    assert_gone([job], seconds=90)
    machine.plug()
    await_some(lambda: front.health() == 200)
    assert front.await_end(session_id) == "completed"
    assert front.history(session_id) == ["interrupted", "completed"]
    assert "lost its connection to the database" in back.log
    assert "started again" not in front.log
    front.assert_all_is_accounted_for()
