"""Sessions whose files lie in a bucket: run by any host, and while the bucket is away."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection, transaction

from sessions_app import services
from sessions_app.execution import worker
from sessions_app.execution.evidence import begin_evidence
from sessions_app.files import storage
from sessions_app.files.object_store import ObjectStore
from sessions_app.lifecycle import Status
from sessions_app.models import Attempt, DatasetSnapshot, Session
from sessions_app.queue.lanes import Lane
from sessions_app.services import UploadedData
from tests.buckets import other_host, storages_of
from tests.sessions_app.execution.running import created, trained
from tests.sessions_app.results import objects
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.buckets import Bucket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]


@pytest.fixture
def snapshot(kepler: DatasetSnapshot, bucket: Bucket, media: Path) -> DatasetSnapshot:
    """The small table, in the bucket and not on this host."""
    path = media / kepler.file.name
    bucket.put(kepler.file.name, path.read_bytes())
    path.unlink()
    return kepler


def of(session: Session, names: list[str]) -> list[str]:
    return [name for name in names if str(session.pk) in name]


@pytest.mark.long
def test_another_host_has_all_that_it_needs_out_of_the_bucket(
    snapshot: DatasetSnapshot, bucket: Bucket, settings: Any, tmp_path: Path
) -> None:
    session = trained()
    assert session.status == "completed", session.traceback
    kept = of(session, bucket.names())
    assert f"artifacts/{session.pk}/manifest.json" in kept
    assert f"results/{session.pk}/predictions.parquet" in kept
    first = objects(session)
    here = {
        name: getattr(settings, name)
        for name in ("EXOPLANET_STATE_DIR", "MEDIA_ROOT", "FILE_UPLOAD_TEMP_DIR")
    }
    prediction = services.start_prediction(
        data=UploadedData(mission="kepler", testing=upload(tmp_path)), model_id=session.pk
    )
    assert of(prediction, bucket.names()) == [f"uploads/{prediction.pk}-testing_file"]

    other_host(settings, tmp_path / "second")
    worker.execute(prediction.pk)
    prediction.refresh_from_db()
    assert prediction.status == "completed", prediction.traceback
    assert objects(session) == first
    copies = [entry.name for entry in storage.host_cache().entries()]
    for name in ("artifacts", "results"):
        assert f"{name}/{session.pk}" in copies
    assert f"uploads/{prediction.pk}-testing_file" in copies
    assert snapshot.file.name in copies
    assert list((tmp_path / "second/media/incoming").iterdir()) == []

    other_host(settings, tmp_path / "third")
    worker.execute_next(Lane.EVIDENCE)
    session.refresh_from_db()
    assert session.report["importance"]["permutation"]
    deepened = objects(session)

    for name, value in here.items():
        setattr(settings, name, value)
    # The copy that this host has is an old one.
    assert deepened != first
    assert objects(session) == deepened
    assert len(objects(prediction)) > 100


@pytest.fixture
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Do something when a job has ended and before what it left is kept."""
    complete = worker._complete

    def when(act: Callable[[], object]) -> None:
        def first(*arguments: Any) -> None:
            act()
            complete(*arguments)

        monkeypatch.setattr(worker, "_complete", first)

    return when


@pytest.mark.long
@pytest.mark.fault("the store of files is away for a moment", "its session completes")
def test_a_store_that_is_away_for_a_moment_is_waited_for(
    snapshot: DatasetSnapshot, bucket: Bucket, settings: Any, at_the_end: Any
) -> None:
    settings.STORAGES = storages_of(bucket.options, patience=10)
    again = threading.Timer(1.5, bucket.server.start)

    def away() -> None:
        bucket.server.stop()
        again.start()

    at_the_end(away)
    session = trained()
    again.join()
    assert (session.status, session.attempts) == ("completed", 1)
    assert objects(session)


@pytest.mark.long
@pytest.mark.fault("the store of files is away for good", "its session waits, and is run again")
def test_a_session_whose_result_cannot_be_kept_waits_again(
    snapshot: DatasetSnapshot, bucket: Bucket, at_the_end: Any, kept: Callable[[], list[str]]
) -> None:
    at_the_end(bucket.server.stop)
    session = trained()
    assert (session.status, session.error, session.metrics) == ("queued", "", None)
    assert [attempt.ending for attempt in Attempt.objects.all()] == ["interrupted"]
    assert kept() == []
    at_the_end(bucket.server.start)
    bucket.server.start()
    assert of(session, bucket.names()) == []
    assert worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("completed", 2)


def cut_off() -> None:
    """End the connection of this thread at its other end, as Postgres does that has missed it."""
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            pid = connection.connection.info.backend_pid
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        holder.close()


@pytest.mark.long
@pytest.mark.fault(
    "a host is cut off while it keeps a result, and comes back when its session is another host's",
    "it writes nothing any more and removes nothing; what the other host has kept stays",
)
def test_a_host_that_was_cut_off_replaces_nothing_that_another_one_has_kept(
    snapshot: DatasetSnapshot, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = ObjectStore._put
    written: list[str] = []

    def once_cut_off(self: ObjectStore, path: Path, name: str) -> None:
        if not written:
            cut_off()
        written.append(name)
        put(self, path, name)

    session = created()
    bucket.put(f"results/{session.pk}/predictions.parquet", b"another host's")
    before = bucket.names()
    with monkeypatch.context() as patch:
        patch.setattr(ObjectStore, "_put", once_cut_off)
        worker.execute(session.pk)
    assert len(written) == 1
    assert bucket.names() == before
    session.refresh_from_db()
    assert session.status == "running"
    services.take_up_interrupted()
    assert worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("completed", 2)


def test_who_was_cut_off_removes_nothing_of_what_another_host_has_kept(
    snapshot: DatasetSnapshot, bucket: Bucket
) -> None:
    session = created()
    bucket.put(f"results/{session.pk}/predictions.parquet", b"another host's")
    before = bucket.names()

    def remove_when_cut_off() -> None:
        with transaction.atomic():
            cut_off()
            storage.remove_kept(session.pk)

    with pytest.raises(OperationalError):
        remove_when_cut_off()
    connection.close()
    assert bucket.names() == before
    with transaction.atomic():
        storage.remove_kept(session.pk)
    assert bucket.names() == [snapshot.file.name]


@pytest.mark.long
def test_a_session_whose_rows_cannot_be_fetched_waits_again(
    snapshot: DatasetSnapshot, bucket: Bucket
) -> None:
    session = created()
    bucket.server.stop()
    assert worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.error) == ("queued", "")


@pytest.mark.long
def test_what_was_kept_goes_when_the_rows_that_name_it_are_not_committed(
    snapshot: DatasetSnapshot, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying: list[str] = []

    def fail(session: Session, result: Any) -> None:
        begin_evidence(session, result)
        lying.extend(of(session, bucket.names()))
        raise RuntimeError("refused")

    monkeypatch.setattr(worker, "begin_evidence", fail)
    session = created()
    with pytest.raises(RuntimeError, match="refused"):
        worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == "failed"
    # Objects are written before the row that names them, and a folder's last one at its end.
    assert {name.split("/")[0] for name in lying} == {"artifacts", "results"}
    assert of(session, bucket.names()) == []


@pytest.mark.long
@pytest.mark.parametrize("end", ["cancelled", "taken up", "given up"])
def test_all_that_an_attempt_has_kept_goes_with_it(
    snapshot: DatasetSnapshot, bucket: Bucket, end: str
) -> None:
    session = created()
    for name in ("artifacts/{}/manifest.json", "artifacts/{}/model", "results/{}/rows"):
        bucket.put(name.format(session.pk), b"{}")
    if end == "cancelled":
        services.cancel_session(session.pk)
    else:
        attempts = 1 if end == "taken up" else 3
        Session.objects.filter(pk=session.pk).update(status=Status.RUNNING, attempts=attempts)
        services.take_up_interrupted()
    assert of(session, bucket.names()) == []
    session.refresh_from_db()
    assert session.status == {"taken up": "queued", "given up": "failed"}.get(end, end)


def test_what_no_row_names_is_found_in_the_bucket(
    snapshot: DatasetSnapshot, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions_app.files.orphans.YOUNG_SECONDS", -5)
    bucket.put("uploads/nobodys", b"rows")
    bucket.put("artifacts/nobodys/model", b"trees")
    cleaned = services.clean_up()
    assert sorted(orphan.name for orphan in cleaned.orphans) == [
        "artifacts/nobodys",
        "uploads/nobodys",
    ]
    assert bucket.names() == [snapshot.file.name]
    assert cleaned.missing == ()
