from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction

from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.models import Session, TrainingSession, UploadedFile
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData, Upload, UploadedData
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.services.uploads import broken, upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


def start(**changes: Any) -> TrainingSession:
    request = {
        "model_type": "random_forest",
        "hyperparameters": {},
        "data": ArchiveData(mission="kepler"),
    }
    return services.start_training(**request | changes)


def refusal(**changes: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        start(**changes)
    return refused.value


@pytest.fixture
def nothing_left(kepler: DatasetSnapshot, kept: Callable[[], list[str]]) -> Callable[[], None]:
    """Assert that a refused request left nothing in the database or the media folder."""
    before = kept()

    def check() -> None:
        assert not Session.objects.exists()
        assert not UploadedFile.objects.exists()
        assert kept() == before

    return check


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"model_type": "perceptron"},
            "model_type",
            (
                "model_type was 'perceptron', but it must be one of linear_regression, svm,"
                " decision_tree, random_forest, extra_trees, xgboost, gradient_boosting, pca,"
                " neural_network, auto."
            ),
        ),
        (
            {"hyperparameters": {"trees": "5"}},
            "hyperparameters",
            (
                "trees is no hyperparameter of any model; random_forest has n_estimators,"
                " max_depth, min_samples_split, min_samples_leaf."
            ),
        ),
        (
            {"hyperparameters": {"n_estimators": "many"}},
            "hyperparameters",
            "n_estimators was 'many', but it must be a whole number from 1 to 2000.",
        ),
        (
            {"hyperparameters": {"n_estimators": 10**9}},
            "hyperparameters",
            "n_estimators was 1000000000, but it must be a whole number from 1 to 2000.",
        ),
        (
            {"model_type": "pca", "hyperparameters": {"n_components": "200"}},
            "hyperparameters",
            "n_components was 200, but it must be a whole number from 1 to",
        ),
        (
            {"data": ArchiveData(mission="corot")},
            "mission",
            "mission was 'corot', but it must be one of kepler, k2, tess, tce, lightcurves.",
        ),
        (
            {"data": ArchiveData(mission="k2", field="dataset_name")},
            "dataset_name",
            (
                "dataset_name: the k2 table is not loaded on this server; an operator loads it with"
                " `manage.py load_dataset k2`."
            ),
        ),
        (
            {"data": UploadedData(mission="corot", field="data_format")},
            "data_format",
            "data_format was 'corot', but it must be one of kepler, k2, tess, tce, lightcurves.",
        ),
        (
            {"data": UploadedData(mission="kepler")},
            "training_file",
            (
                "training_file is missing: with data_source user, training needs a training_file"
                " and a testing_file."
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value[:14] else "",
)
def test_a_refusal_names_its_field_and_leaves_nothing(
    changes: dict[str, Any], field: str, sentence: str, nothing_left: Callable[[], None]
) -> None:
    refused = refusal(**changes)
    assert (refused.field, refused.status) == (field, HTTPStatus.BAD_REQUEST)
    assert refused.sentence.startswith(sentence)
    nothing_left()


def test_hyperparameters_that_would_take_hours_together_are_refused(
    media: Path, no_network: None
) -> None:
    services.load_dataset("kepler", file=None, folder=None)
    deep = {"hidden_layer_sizes": "512,512,512,512", "max_iter": "1000"}
    refused = refusal(model_type="neural_network", hyperparameters=deep)
    assert refused.field == "hyperparameters"
    assert "but at most 30 are allowed" in refused.sentence
    assert not Session.objects.exists()


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("fault", "sentence", "status"),
    [
        (
            "a picture",
            (
                "training_file: The file is not a table;"
                " expected CSV or another table of text, XLSX, ODS, Parquet, JSON, VOTable or FITS."
            ),
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        ),
        ("empty", "training_file: The file is empty", None),
        (
            "no label column",
            "training_file: The table has no column koi_disposition, which holds the disposition:",
            HTTPStatus.BAD_REQUEST,
        ),
        (
            "one class",
            (
                "training_file: Every row with a disposition in column koi_disposition is"
                " confirmed; training needs at least two different dispositions."
            ),
            HTTPStatus.BAD_REQUEST,
        ),
        (
            "one class on two stars",
            (
                "training_file: The rows that are confirmed belong to 2 host stars; training needs"
                " at least 5 for each disposition."
            ),
            HTTPStatus.BAD_REQUEST,
        ),
        ("no row", "training_file: The table has no rows.", HTTPStatus.BAD_REQUEST),
        (
            "19 rows",
            (
                "training_file: The table has 19 rows with a disposition in column koi_disposition;"
                " training needs at least 20."
            ),
            HTTPStatus.BAD_REQUEST,
        ),
        (
            "unknown label",
            'training_file: Column koi_disposition has the unknown disposition "PROBABLE"',
            HTTPStatus.BAD_REQUEST,
        ),
        (
            "words for numbers",
            (
                'training_file: Column koi_depth has "deep" in row 1, which is not a number; leave'
                " the cell empty where nothing was measured."
            ),
            HTTPStatus.BAD_REQUEST,
        ),
        (
            "another table",
            (
                "training_file: The table has none of the feature columns of Kepler objects of"
                " interest; expected are "
            ),
            HTTPStatus.BAD_REQUEST,
        ),
    ],
)
def test_a_training_file_that_cannot_be_trained_on_is_refused_and_leaves_nothing(
    fault: str,
    sentence: str,
    status: HTTPStatus | None,
    tmp_path: Path,
    nothing_left: Callable[[], None],
) -> None:
    bad, good = broken(tmp_path, fault), upload(tmp_path, "b")
    refused = refusal(data=UploadedData(mission="kepler", training=bad, testing=good))
    assert refused.field == "training_file"
    assert refused.sentence.startswith(sentence)
    assert status is None or refused.status == status
    nothing_left()
    # They are still the request's own to clear away.
    assert bad.path.exists()
    assert good.path.exists()


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("fault", ["a picture", "no row", "words for numbers", "another table"])
def test_a_testing_file_that_cannot_be_predicted_is_refused_and_leaves_nothing(
    fault: str, tmp_path: Path, nothing_left: Callable[[], None]
) -> None:
    data = UploadedData(
        mission="kepler", training=upload(tmp_path), testing=broken(tmp_path, fault)
    )
    refused = refusal(data=data)
    assert refused.field == "testing_file"
    assert refused.sentence.startswith("testing_file: ")
    nothing_left()


def test_a_training_file_without_its_testing_file_is_refused(
    tmp_path: Path, nothing_left: Callable[[], None]
) -> None:
    refused = refusal(data=UploadedData(mission="kepler", training=upload(tmp_path)))
    assert refused.field == "testing_file"
    assert refused.sentence.startswith("testing_file is missing")
    nothing_left()


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("fault", ["no label column", "one class", "19 rows"])
def test_a_testing_file_needs_no_labels_and_no_number_of_rows(
    fault: str, kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    data = UploadedData(
        mission="kepler", training=upload(tmp_path), testing=broken(tmp_path, fault)
    )
    assert start(data=data).files.count() == 2


def test_an_accepted_session_waits_in_the_queue(kepler: DatasetSnapshot) -> None:
    session = start(seed=7)
    session.refresh_from_db()
    assert (session.kind, session.status, session.attempts) == ("training", "queued", 0)
    assert next_in_turn() == session.pk
    assert (session.mission, session.data_source) == ("kepler", "nasa")
    assert (session.snapshot, session.seed, session.error) == (kepler, 7, "")
    assert (session.started_at, session.finished_at, session.metrics) == (None, None, None)
    assert not session.published


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_session_that_waits(kepler: DatasetSnapshot) -> None:
    def start_and_fail() -> None:
        with transaction.atomic():
            start()
            assert next_in_turn() is not None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        start_and_fail()
    assert next_in_turn() is None
    assert not Session.objects.exists()


def test_a_session_that_the_queue_does_not_take_is_not_there(
    kepler: DatasetSnapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What else is done for a session in its transaction comes before it.
    monkeypatch.setattr("sessions_app.queue.notices._CHANNEL", "x" * 64)
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=upload(tmp_path, "b"))
    for request in ({}, {"data": data}):
        with pytest.raises(DatabaseError):
            start(**request)
    assert not Session.objects.exists()
    assert not UploadedFile.objects.exists()


@pytest.mark.parametrize(
    ("model_type", "sent", "stored"),
    [
        (
            "random_forest",
            {"n_estimators": "5", "max_depth": ""},
            {"n_estimators": 5, "max_depth": None, "min_samples_split": 2, "min_samples_leaf": 1},
        ),
        ("linear_regression", {"normalize": "true"}, {"fit_intercept": True, "normalize": True}),
        ("svm", {"C": "0.5", "kernel": "Poly"}, {"C": 0.5, "kernel": "poly", "gamma": "scale"}),
        (
            "neural_network",
            {"hidden_layer_sizes": "20, 10"},
            {
                "hidden_layer_sizes": [20, 10],
                "activation": "relu",
                "learning_rate": 0.001,
                "max_iter": 200,
            },
        ),
    ],
)
def test_hyperparameters_are_stored_as_they_are_used(
    model_type: str, sent: dict[str, Any], stored: dict[str, Any], kepler: DatasetSnapshot
) -> None:
    session = start(model_type=model_type, hyperparameters=sent)
    session.refresh_from_db()
    assert session.hyperparameters == stored
    assert session.warnings == []


@pytest.mark.parametrize(
    ("alias", "name"),
    [("rf", "random_forest"), ("logistic_regression", "linear_regression"), ("xgb", "xgboost")],
)
def test_an_alias_is_stored_under_the_models_own_name(
    alias: str, name: str, kepler: DatasetSnapshot
) -> None:
    assert start(model_type=alias).model_type == name


def test_a_mission_is_found_in_whatever_case(kepler: DatasetSnapshot) -> None:
    assert start(data=ArchiveData(mission=" Kepler ")).mission == "kepler"


def test_a_hyperparameter_of_another_model_is_ignored_with_a_warning(
    kepler: DatasetSnapshot,
) -> None:
    session = start(model_type="xgboost", hyperparameters={"criterion": "entropy", "max_depth": 3})
    session.refresh_from_db()
    assert session.warnings == [
        "criterion is no hyperparameter of xgboost and was ignored.",
    ]
    assert "criterion" not in session.hyperparameters


def test_uploads_are_kept_under_names_of_the_servers_and_recorded_with_the_users_own(
    media: Path, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    training = upload(tmp_path, "a", name="行星.csv")
    testing = Upload(path=upload(tmp_path, "b").path, name="../../etc/passwd")
    facts = {
        uploaded.name: (uploaded.path.stat().st_size, storage.sha256_of(uploaded.path))
        for uploaded in (training, testing)
    }
    session = start(data=UploadedData(mission="kepler", training=training, testing=testing))
    assert (session.data_source, session.snapshot) == ("user", None)
    files = {file.purpose: file for file in UploadedFile.objects.all()}
    assert kept() == sorted(file.file.name for file in files.values())
    for given, purpose, draw in (
        (training, "training_file", "a"),
        (testing, "testing_file", "b"),
    ):
        file = files[purpose]
        assert file.session_id == session.pk
        assert file.name == given.name
        assert file.file.name == f"uploads/{session.id}-{purpose}"
        assert (file.size, file.sha256) == facts[given.name]
        assert storage.sha256_of(media / file.file.name) == file.sha256
        assert file.rows == len(drawn(draw))
        assert not given.path.exists()
