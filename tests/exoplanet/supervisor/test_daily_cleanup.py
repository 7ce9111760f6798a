from __future__ import annotations

import sys
import time

import pytest

from exoplanet.supervisor.supervisor import Supervisor


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor(report=print)


def test_the_cleanup_runs_once_a_day_and_only_for_as_long_as_it_needs(
    supervisor: Supervisor,
) -> None:
    supervisor._cleanup.command = [sys.executable, "-c", ""]
    supervisor._clean_up_daily()
    assert supervisor._cleanup.process is None
    supervisor._next_cleanup = time.monotonic()
    supervisor._clean_up_daily()
    assert supervisor._next_cleanup == pytest.approx(time.monotonic() + 24 * 3600, abs=10)
    assert supervisor._cleanup.wait() == 0
    process = supervisor._cleanup.process
    supervisor._clean_up_daily()
    assert supervisor._cleanup.process is process


def test_the_cleanup_is_the_command_that_operators_have(supervisor: Supervisor) -> None:
    assert supervisor._cleanup.command[1].endswith("manage.py")
    assert supervisor._cleanup.command[2:] == ["cleanup_sessions"]


def test_a_cleanup_that_fails_is_told_once_and_tried_again_the_next_day() -> None:
    reported: list[str] = []
    supervisor = Supervisor(report=reported.append)
    for status in (3, 0, 3):
        supervisor._cleanup.command = [sys.executable, "-c", f"raise SystemExit({status})"]
        supervisor._next_cleanup = time.monotonic()
        supervisor._clean_up_daily()
        assert supervisor._cleanup.wait() == status
        for _ in range(2):
            supervisor._clean_up_daily()
    sentence = (
        "The cleanup ended with exit status 3, so that more is kept than should be; it runs again"
        " tomorrow, or by `manage.py cleanup_sessions`."
    )
    assert reported == [sentence, sentence]
