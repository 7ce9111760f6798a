from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from exoplanet.environment import BASE_DIR
from sessions_app import selectors
from sessions_app.models import Host
from sessions_app.queue import presence
from sessions_app.queue.status import queue_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import sys, time
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from sessions_app.queue.presence import announce
for name in sys.argv[2:]:
    announce(name)
print(flush=True)
time.sleep(600)
"""


def workers_present() -> int:
    return queue_facts().workers


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process in which two workers announce themselves."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), "one", "two"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=BASE_DIR,
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def wait_for(workers: int, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (present := workers_present()) != workers:
        assert time.monotonic() < until, f"{present} workers, not {workers}"
        time.sleep(0.01)


def test_without_workers_nobody_is_present() -> None:
    assert workers_present() == 0


def test_a_lock_of_somebody_else_is_no_worker() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(1, 0)")
        try:
            assert workers_present() == 0
        finally:
            cursor.execute("SELECT pg_advisory_unlock_all()")


def test_workers_are_present_until_they_are_killed_and_then_gone_at_once(
    process: subprocess.Popen[bytes],
) -> None:
    wait_for(2, seconds=10)
    assert selectors.health().problems == ()
    process.kill()
    wait_for(0, seconds=1)
    assert selectors.health().problems != ()


@pytest.mark.long
def test_a_worker_that_lost_its_connection_takes_it_up_again(
    process: subprocess.Popen[bytes],
) -> None:
    wait_for(2, seconds=10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted"
        )
    assert workers_present() == 0
    wait_for(2, seconds=15)
    assert process.poll() is None


def test_workers_are_counted_on_their_own_hosts(settings: SettingsWrapper) -> None:
    roles = presence.Role
    settings.EXOPLANET_HOST_NAME = "a"
    of_a = [connection.copy() for _ in range(2)]
    for holder in of_a:
        presence.share(holder, roles.WORKER)
    presence.share(of_a[0], roles.BUSY)
    settings.EXOPLANET_HOST_NAME = "b"
    of_b = connection.copy()
    presence.share(of_b, roles.WORKER)
    presence.share(of_b, roles.EVIDENCE_WORKER)
    try:
        facts = queue_facts()
        assert (facts.workers, facts.busy, facts.evidence_workers) == (3, 1, 1)
        of_host = {name: facts.of_host(presence.host_number(name)) for name in ("a", "b", "c")}
        assert [(of.workers, of.busy, of.evidence_workers) for of in of_host.values()] == [
            (2, 1, 0),
            (1, 0, 1),
            (0, 0, 0),
        ]
        assert facts.here() == of_host["b"]
    finally:
        for holder in (*of_a, of_b):
            holder.close()


def test_a_host_is_known_by_its_name_and_told_when_its_workers_are_gone(
    settings: SettingsWrapper,
) -> None:
    settings.EXOPLANET_HOST_NAME = "a"
    elsewhere, here = connection.copy(), connection.copy()
    presence.share(here, presence.Role.WORKER)
    number = presence.host_number("b")
    Host.objects.create(
        number=number, name="b", roles=["workers"], version="1", started_at=timezone.now()
    )
    assert presence.taken_alone(elsewhere, presence.Role.HOST, host=number)
    try:
        assert presence.present_hosts() == {number}
        names = {host.name: host.is_supervised for host in queue_facts().hosts}
        # Nobody said how the other one is called.
        assert names == {"b": True, f"{presence.host_number('a'):08x}": False}
        assert "No worker is running on host b, whose part it is to run some." in (
            selectors.health().warnings
        )
        # The name is taken.
        assert not presence.taken_alone(here, presence.Role.HOST, host=number)
        Host.objects.update(roles=["web"])
        assert not any("host b" in sentence for sentence in selectors.health().warnings)
    finally:
        elsewhere.close()
        here.close()
