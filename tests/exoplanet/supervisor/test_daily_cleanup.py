from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from exoplanet.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from exoplanet.supervisor.daily_cleanup import DailyCleanup


@pytest.fixture
def reported() -> list[str]:
    return []


@pytest.fixture
def cleanup(reported: list[str]) -> DailyCleanup:
    return Supervisor(report=reported.append)._cleanup


def test_the_cleanup_runs_once_a_day_and_only_for_as_long_as_it_needs(
    cleanup: DailyCleanup,
) -> None:
    cleanup.service.command = [sys.executable, "-c", ""]
    cleanup.look()
    assert cleanup.service.process is None
    cleanup._next_time = time.monotonic()
    cleanup.look()
    assert cleanup._next_time == pytest.approx(time.monotonic() + 24 * 3600, abs=10)
    assert cleanup.service.wait() == 0
    process = cleanup.service.process
    cleanup.look()
    assert cleanup.service.process is process


def test_the_cleanup_is_the_command_that_operators_have(cleanup: DailyCleanup) -> None:
    assert cleanup.service.command[1].endswith("manage.py")
    assert cleanup.service.command[2:] == ["cleanup_sessions"]


def test_a_cleanup_that_fails_is_told_once_and_tried_again_the_next_day(
    cleanup: DailyCleanup, reported: list[str]
) -> None:
    for status in (3, 0, 3):
        cleanup.service.command = [sys.executable, "-c", f"raise SystemExit({status})"]
        cleanup._next_time = time.monotonic()
        cleanup.look()
        assert cleanup.service.wait() == status
        for _ in range(2):
            cleanup.look()
    sentence = (
        "The cleanup ended with exit status 3, so that more is kept than should be; it runs again"
        " tomorrow, or by `manage.py cleanup_sessions`."
    )
    assert reported == [sentence, sentence]
