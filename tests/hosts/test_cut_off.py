"""A host that is cut off in the middle of a fit: a real network, whose cable is pulled."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.playground import FIT, assert_gone, await_some
from tests.hosts.hosts import Host
from tests.hosts.tcp_postgres import TcpPostgres
from tests.served import any_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.long, pytest.mark.cluster]

MEDIUM_FIT = {"model_type": "random_forest", "hyperparameters": '{"n_estimators": 500}'}
"""Still going on when the cable is pulled, and soon done when it runs again."""

HERE, THERE = "10.231.7.1", "10.231.7.2"


@dataclass(frozen=True)
class Network:
    """A network namespace behind a cable of its own."""

    name: str

    @property
    def cable(self) -> str:
        return f"{self.name}h"

    def make(self) -> None:
        inside = ("ip", "-n", self.name)
        for command in (
            ("ip", "netns", "add", self.name),
            ("ip", "link", "add", self.cable, "type", "veth", "peer", "eth0", "netns", self.name),
            ("ip", "address", "add", f"{HERE}/30", "dev", self.cable),
            (*inside, "address", "add", f"{THERE}/30", "dev", "eth0"),
            (*inside, "link", "set", "lo", "up"),
            (*inside, "link", "set", "eth0", "up"),
            ("ip", "link", "set", self.cable, "up"),
        ):
            subprocess.run(command, check=True, capture_output=True)

    def remove(self) -> None:
        subprocess.run(["ip", "link", "delete", self.cable], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True)

    def pull(self) -> None:
        subprocess.run(["ip", "link", "set", self.cable, "down"], check=True)

    def plug(self) -> None:
        subprocess.run(["ip", "link", "set", self.cable, "up"], check=True)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root makes networks")
    network = Network(name=f"exo{os.getpid() % 10_000}")
    try:
        network.make()
    except subprocess.CalledProcessError as error:
        network.remove()
        pytest.skip(f"no network can be made here: {error.stderr.decode()}")
    yield network
    network.remove()


@pytest.fixture(scope="module")
def hosts(network: Network) -> Iterator[tuple[Host, Host]]:
    """A host that users reach, and one with workers behind the cable."""
    with tempfile.TemporaryDirectory(prefix="exoplanet cut ", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = TcpPostgres(folder=folder, address="0.0.0.0")
        postgres.start()
        made: list[Host] = []
        try:
            database = postgres.make("cut_off")
            for host, address, roles, within in (
                ("front", "127.0.0.1", ("web", "reaper"), ()),
                ("back", HERE, ("workers",), ("ip", "netns", "exec", network.name)),
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
                        url_of_database=postgres.url(database, host=address),
                    )
                )
            front, back = made
            front.load_small_table()
            front.start()
            back.start()
            yield front, back
        finally:
            network.plug()
            for host in reversed(made):
                host.stop()
            postgres.stop()


def test_a_short_cut_costs_nothing(hosts: tuple[Host, Host], network: Network) -> None:
    front, _ = hosts
    session_id = front.train(FIT)
    front.await_fit(session_id)
    network.pull()
    time.sleep(5)
    network.plug()
    assert front.await_end(session_id) == "completed"
    assert front.history(session_id) == ["completed"]


@pytest.mark.fault(
    "the network of a host that runs a job is gone for a minute",
    "Postgres misses it within half a minute, the reaper queues the session again; the job that was"
    " cut off is ended and writes nothing, and the host works again when it is back",
)
def test_a_host_that_is_cut_off_gives_its_session_back_and_returns(
    hosts: tuple[Host, Host], network: Network
) -> None:
    front, back = hosts
    session_id = front.train(MEDIUM_FIT)
    front.await_fit(session_id)
    job = front.job_of(session_id)
    network.pull()
    await_some(lambda: front.history(session_id) == ["interrupted"], seconds=90)
    assert front.get("/api/health").status == 503
    assert_gone([job], seconds=90)
    network.plug()
    await_some(lambda: front.health() == 200)
    assert front.await_end(session_id) == "completed"
    assert front.history(session_id) == ["interrupted", "completed"]
    assert "lost its connection to the database" in back.log
    assert "started again" not in front.log
    front.assert_all_is_accounted_for()
