from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from exoplanet.environment import BASE_DIR
from sessions_app import selectors
from sessions_app.queue.status import queue_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

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
