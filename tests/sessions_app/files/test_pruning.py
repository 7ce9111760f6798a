"""A host keeps copies within a bound, and none of what was deleted."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

from sessions_app import services
from sessions_app.files import host_cache, storage
from sessions_app.files.pruning import prune_cache, prune_host
from sessions_app.lifecycle import Status
from sessions_app.models import Session
from tests.sessions_app.results import an_object, keep_objects, objects
from tests.sessions_app.services.ended_sessions import ended

if TYPE_CHECKING:
    from pathlib import Path

    from sessions_app.files.host_cache import HostCache
    from tests.buckets import Bucket

pytestmark = pytest.mark.django_db(transaction=True)


def aged(cache: HostCache, name: str, hours: float) -> None:
    last = time.time() - 3600 * hours
    os.utime(cache.path(name), (last, last))


@pytest.fixture
def cache(bucket: Bucket) -> HostCache:
    made = storage.host_cache()
    assert made is not None
    return made


def copies(cache: HostCache) -> set[str]:
    return {entry.name for entry in cache.entries()}


def session_with_copies() -> tuple[Session, set[str]]:
    session = ended(status=Status.FAILED)
    keep_objects(session, [an_object(1)])
    objects(session)
    file = session.files.get()
    storage.local_file(file.file.name)
    return session, {file.file.name, f"results/{session.pk}"}


def test_copies_of_what_another_host_has_deleted_go(cache: HostCache, settings: Any) -> None:
    stays, names = session_with_copies()
    goes, gone = session_with_copies()
    Session.objects.filter(pk=goes.pk).delete()
    # It may be on its way still.
    assert prune_cache() == []
    for name in names | gone:
        aged(cache, name, 2)
    with storage.for_a_job():
        storage.local_file(f"uploads/{goes.pk}-training_file")
        aged(cache, f"uploads/{goes.pk}-training_file", 2)
        assert prune_cache() == [f"results/{goes.pk}"]
    assert prune_cache() == [f"uploads/{goes.pk}-training_file"]
    assert copies(cache) == names
    assert objects(stays)


def test_the_reaper_keeps_the_copies_within_their_bound(cache: HostCache, settings: Any) -> None:
    _, names = session_with_copies()
    for name in names:
        aged(cache, name, 0.5)
    call_command("reap_sessions")
    assert copies(cache) == names
    settings.EXOPLANET_CACHE_MB = 0
    call_command("reap_sessions")
    assert copies(cache) == set()


def test_whatever_is_fetched_keeps_the_copies_within_their_bound(
    cache: HostCache, bucket: Bucket, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_cache, "_PAUSE_SECONDS", -1)
    _, names = session_with_copies()
    for name in names:
        aged(cache, name, 0.5)
    settings.EXOPLANET_CACHE_MB = 0
    bucket.put("datasets/one", b"rows")
    storage.local_file("datasets/one")
    assert copies(cache) == {"datasets/one"}


def test_a_session_that_is_deleted_leaves_nothing_here_or_in_the_bucket(
    cache: HostCache, bucket: Bucket
) -> None:
    session, _ = session_with_copies()
    assert len(bucket.names()) == 2
    services.delete_session(session)
    assert bucket.names() == []
    assert copies(cache) == set()


def test_a_folder_has_no_copies(media: Path) -> None:
    assert storage.host_cache() is None
    assert prune_cache() == []


def test_what_dead_processes_left_in_a_hosts_own_folders_goes_when_it_is_old(
    media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("incoming/upload", "incoming/session_x", "computed/folds", "refits/model"):
        (media / name).parent.mkdir(exist_ok=True)
        (media / name).touch()
    assert prune_host() == []
    monkeypatch.setattr("sessions_app.files.orphans.YOUNG_SECONDS", -1)
    assert prune_host() == ["incoming/upload"]
    settings.EXOPLANET_RETENTION_DAYS = -1
    assert prune_host() == ["refits/model", "computed/folds"]
    # It may be that of a session that runs.
    assert (media / "incoming" / "session_x").exists()
