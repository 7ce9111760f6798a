from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from mlcore import DATASETS, MODELS
from sessions_app.models import (
    DatasetSnapshot,
    FilePurpose,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
    UploadedFile,
)

pytestmark = pytest.mark.django_db


def snapshot(**changes: Any) -> DatasetSnapshot:
    facts = {
        "mission": "kepler",
        "is_current": True,
        "source": "carried",
        "source_description": "the carried table",
        "dated": date(2017, 7, 19),
        "sha256": "a" * 64,
        "file": "datasets/one.parquet",
        "file_sha256": "b" * 64,
        "rows": 8054,
        "test_rows": 1600,
        "columns": ["koi_depth"],
        "label_counts": {"confirmed": 8054},
    }
    return DatasetSnapshot.objects.create(**facts | changes)


def training(**changes: Any) -> TrainingSession:
    facts = {"kind": "training", "mission": "kepler", "data_source": "nasa", "model_type": "svm"}
    return TrainingSession.objects.create(**facts | changes)


def upload(session: Session, purpose: FilePurpose) -> UploadedFile:
    return UploadedFile.objects.create(
        session=session,
        purpose=purpose,
        name="行星.csv",
        file="uploads/one",
        size=1,
        sha256="c" * 64,
        rows=1,
    )


def test_a_mission_has_at_most_one_current_snapshot() -> None:
    snapshot()
    with pytest.raises(IntegrityError, match="one_current_snapshot"), transaction.atomic():
        snapshot(sha256="d" * 64)
    snapshot(mission="k2")
    for digit in "de":
        snapshot(is_current=False, sha256=digit * 64)


def test_a_table_is_a_snapshot_only_once() -> None:
    snapshot()
    with pytest.raises(IntegrityError, match="each_snapshot_once"), transaction.atomic():
        snapshot(is_current=False)
    snapshot(is_current=False, file_sha256="f" * 64)


def test_a_session_has_one_file_for_a_purpose() -> None:
    session = training()
    upload(session, FilePurpose.TRAINING)
    upload(session, FilePurpose.TESTING)
    with pytest.raises(IntegrityError, match="one_file_for_a_purpose"), transaction.atomic():
        upload(session, FilePurpose.TRAINING)


def test_the_snapshot_that_a_session_used_cannot_be_deleted() -> None:
    used = snapshot()
    training(snapshot=used)
    with pytest.raises(ProtectedError):
        used.delete()


def test_the_model_that_a_prediction_used_cannot_be_deleted() -> None:
    model = training()
    PredictionSession.objects.create(
        kind="prediction", mission="kepler", data_source="nasa", published_model=model
    )
    with pytest.raises(ProtectedError):
        model.delete()


def test_what_belongs_to_a_session_goes_with_it() -> None:
    session = training()
    upload(session, FilePurpose.TRAINING)
    ProgressEntry.objects.create(session=session, percent=1, step="Reading")
    session.delete()
    for model in (Session, UploadedFile, ProgressEntry):
        assert not model.objects.exists()


def test_a_new_session_is_queued_under_a_random_id_that_both_kinds_share() -> None:
    one, other = training(), training()
    assert (one.status, one.attempts, one.seed) == ("queued", 0, 0)
    assert isinstance(one.pk, UUID)
    assert one.pk.version == 4
    assert one.pk != other.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        PredictionSession.objects.create(
            id=one.pk,
            kind="prediction",
            mission="kepler",
            data_source="nasa",
            published_model=other,
        )


def test_sessions_are_listed_newest_first() -> None:
    made = [training() for _ in range(3)]
    assert list(TrainingSession.objects.all()) == made[::-1]


def test_every_record_says_what_it_is() -> None:
    table, session = snapshot(), training(id=UUID(int=0x12345678 << 96))
    assert str(table) == "Kepler objects of interest, 2017-07-19, 8054 rows"
    undated = snapshot(mission="k2", dated=None, rows=1)
    assert str(undated) == "K2 planets and candidates, undated, 1 rows"
    assert str(session) == "training 12345678 (Kepler objects of interest)"
    assert str(upload(session, FilePurpose.TRAINING)) == "行星.csv"
    entry = ProgressEntry.objects.create(session=session, percent=41.6, step="Fitting")
    assert str(entry) == "42 %: Fitting"


def test_every_mission_and_model_type_fits_its_column() -> None:
    for mission in DATASETS:
        session = training(mission=mission, hyperparameters={"C": 1.0})
        session.full_clean()
    for name in MODELS:
        training(model_type=name, hyperparameters={"C": 1.0}).full_clean()


def test_the_purposes_of_files_are_the_names_of_the_requests_fields() -> None:
    assert FilePurpose.values == ["training_file", "testing_file"]


def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
