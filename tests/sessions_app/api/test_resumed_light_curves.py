"""What is measured of single stars outlives a job that is killed, and no session that has ended."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from mlcore.in_words import counted
from mlcore.lightcurves.bundles.bundle import bundle_in
from mlcore.lightcurves.bundles.measuring import measure_bundle
from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordFile
from mlcore.lightcurves.records import StarRecord
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.models import PredictionSession
from tests.mlcore.lightcurves.bundles.made_files import TOO_FEW, csv_of, zipped
from tests.sessions_app.execution.running import running_jobs
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sessions_app.models import Session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "jobs")]

SENT = 5
TABLE = "testing-signals.parquet"
MARK = "It was measured by the attempt that was killed."


@pytest.fixture
def curves(tmp_path: Path) -> Path:
    """Return an archive of small light curves."""
    members = {f"star {place}.csv": csv_of(seed=place, days=8) for place in range(SENT)}
    return zipped(tmp_path / "curves", dict(members))


def sent(curves: Path) -> PredictionSession:
    answer = APIClient().post(
        "/api/v1/lightcurves",
        {"file": SimpleUploadedFile("stars.zip", curves.read_bytes())},
        format="multipart",
    )
    assert answer.status_code == 202, answer.json()
    return PredictionSession.objects.get(pk=answer.json()["id"])


def run(session: Session) -> Session:
    worker.execute(session.pk)
    session.refresh_from_db()
    return session


def kept_of(session_id: UUID) -> list[Path]:
    """Return what is kept of the stars of a session that has no result yet."""
    return sorted(storage.measuring_folder(session_id).glob("*/*.json"))


def kill_in_the_middle(session: Session) -> None:
    """Run a session whose job is killed when some of its stars are measured."""

    def kill() -> None:
        wait_until(lambda: kept_of(session.pk))
        for job in running_jobs():
            job.kill()

    killing = threading.Thread(target=kill)
    killing.start()
    run(session)
    killing.join()
    assert session.status == "queued"


def test_no_star_is_measured_twice_and_the_result_is_that_of_an_undisturbed_run(
    curves: Path, tmp_path: Path
) -> None:
    services.install("lightcurves-triage")
    session = sent(curves)
    kill_in_the_middle(session)
    kept = kept_of(session.pk)
    assert 0 < len(kept) < SENT
    names = set()
    for path in kept:
        star = json.loads(path.read_bytes())
        names.add(star["star"]["name"])
        star["star"]["notes"].append(MARK)
        path.write_text(json.dumps(star))

    assert run(session).status == "completed", session.error
    assert session.progress.filter(step__endswith=f"{counted(len(kept), 'star')} kept from before")
    assert not storage.measuring_folder(session.pk).exists()
    results = storage.results_folder(session.pk)
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    measure_bundle(bundle_in(curves, "stars.zip"), undisturbed / TABLE, undisturbed)
    for name in (SIGNALS, TABLE):
        assert (results / name).read_bytes() == (undisturbed / name).read_bytes()
    stars = stars_of(results)
    assert {star.name for star in stars if MARK in star.notes} == names
    for star in stars:
        if MARK in star.notes:
            star.notes.remove(MARK)
    assert stars == stars_of(undisturbed)


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_cancelled_while_it_measures_leaves_nothing(curves: Path) -> None:
    services.install("lightcurves-triage")
    session = sent(curves)

    def cancel() -> None:
        wait_until(lambda: kept_of(session.pk))
        services.cancel_session(session.pk)
        connection.close()

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    assert run(session).status == "cancelled"
    cancelling.join()
    assert list(storage.listed(storage.MEASURING)) == []
    assert list(storage.media_path("incoming").iterdir()) == []
    assert not storage.results_folder(session.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_cancelled_as_it_completes_leaves_nothing(
    curves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.install("lightcurves-triage")
    session = sent(curves)
    # Between the end of its job and the row of its result.
    monkeypatch.setattr(storage, "wait_for_store", lambda: services.cancel_session(session.pk))
    assert run(session).status == "cancelled"
    assert list(storage.listed(storage.MEASURING)) == []
    assert not storage.results_folder(session.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_failed_keeps_what_was_measured_until_it_is_deleted(
    tmp_path: Path,
) -> None:
    services.install("lightcurves-triage")
    members = {f"star {place}.csv": csv_of(days=8) for place in range(3)}
    # The first three can be read when they are sent; none can when they are measured.
    session = sent(zipped(tmp_path / "curves", dict(members)))
    file = session.files.get()
    few = zipped(tmp_path / "few", dict.fromkeys(members, TOO_FEW))
    storage.media_path(file.file.name).write_bytes(few.read_bytes())
    run(session)
    assert session.status == "failed"
    assert session.error.startswith("None of the 3 light curves can be used.")
    assert len(kept_of(session.pk)) == 3
    services.delete_session(session)
    assert list(storage.listed(storage.MEASURING)) == []


def stars_of(folder: Path) -> list[StarRecord]:
    file = RecordFile(folder / STARS, StarRecord)
    stars = [file.numbered(number) for number in range(1, SENT + 1)]
    return [star for star in stars if star is not None]
