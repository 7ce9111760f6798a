"""A server's inside to send things to, and the account of what was sent."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings

from sessions_app import services
from tests.fuzz import account
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_LIMITS = ("READS_PER_MINUTE", "STARTS_PER_MINUTE", "LOGINS_PER_MINUTE", "ACTIVE_SESSIONS")


@pytest.fixture(scope="module")
def unlimited_server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Load a table, publish a model, and take everything back when the last test is done."""
    folder = tmp_path_factory.mktemp("media")
    (folder / "incoming").mkdir()
    table = kepler_file(folder / "table.csv")
    with (
        override_settings(
            MEDIA_ROOT=folder,
            FILE_UPLOAD_TEMP_DIR=folder / "incoming",
            **{f"EXOPLANET_{name}": 10**9 for name in _LIMITS},
        ),
        django_db_blocker.unblock(),
        transaction.atomic(),
        _connection_kept(),
    ):
        services.load_dataset("kepler", file=table, folder=None)
        for name in ("kepler-vetting", "kepler-disposition"):
            assert services.install(name) is not None
        yield folder
        transaction.set_rollback(True)


@contextmanager
def _connection_kept() -> Iterator[None]:
    """Let the end of a request close no connection: all are within one transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table := account.as_markdown():
        terminalreporter.write_line(f"\n{table}\n")
