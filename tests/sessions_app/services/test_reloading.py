"""A mission's table that an operator asks for is loaded by a worker, in a process of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ

from sessions_app import services
from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.models import DatasetSnapshot, SnapshotLoad
from sessions_app.services.reloading import underway
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def operator() -> User:
    return User.objects.create_user("ada", is_staff=True)


def test_a_worker_loads_the_table_and_says_how_far_it_is(
    operator: User, tmp_path: Path, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_ARCHIVE_DIR = tmp_path
    kepler_file(tmp_path / "cumulative.csv")
    load = services.ask_to_reload("kepler", by=operator.pk)
    assert OrmQ.objects.get().task["func"] == "sessions_app.tasks.reload_table"
    assert [entry.user for entry in LogEntry.objects.all()] == [operator]
    services.reload_now(load.pk)
    load.refresh_from_db()
    assert (load.percent, load.step, load.error, load.is_new) == (100.0, "Loaded", "", True)
    snapshot = DatasetSnapshot.objects.get()
    assert load.snapshot == snapshot
    assert (snapshot.is_current, snapshot.source) == (True, "folder")
    assert snapshot.rows == sum(snapshot.label_counts.values()) > 200
    # The same table once more is no other snapshot; and a task that comes twice does nothing.
    services.reload_now(load.pk)
    again = services.ask_to_reload("kepler", by=operator.pk)
    services.reload_now(again.pk)
    again.refresh_from_db()
    assert (again.snapshot, again.is_new) == (snapshot, False)
    # What no source has is told, and the table that is there stays.
    (tmp_path / "cumulative.csv").unlink()
    events = services.ask_to_reload("tce", by=operator.pk)
    services.reload_now(events.pk)
    events.refresh_from_db()
    assert "cannot be loaded" in events.error
    assert events.finished_at is not None
    assert DatasetSnapshot.objects.get().is_current


def test_a_table_is_loaded_once_at_a_time_and_a_lost_load_keeps_nobody_waiting(
    operator: User, settings: SettingsWrapper
) -> None:
    load = services.ask_to_reload("kepler", by=operator.pk)
    with pytest.raises(ConflictError, match="is being loaded already"):
        services.ask_to_reload("kepler", by=operator.pk)
    services.ask_to_reload("tess", by=operator.pk)
    assert underway().count() == 2
    most = timedelta(seconds=settings.EXOPLANET_JOB_DEADLINE_SECONDS, minutes=3)
    SnapshotLoad.objects.filter(pk=load.pk).update(started_at=timezone.now() - most)
    waits = services.ask_to_reload("kepler", by=operator.pk)
    yesterday = timezone.now() - timedelta(days=1, minutes=1)
    SnapshotLoad.objects.filter(pk=waits.pk).update(requested_at=yesterday)
    services.ask_to_reload("kepler", by=operator.pk)


def test_no_table_of_an_unknown_mission_is_loaded(operator: User) -> None:
    with pytest.raises(RefusedError, match="must be one of kepler"):
        services.ask_to_reload("hubble", by=operator.pk)
