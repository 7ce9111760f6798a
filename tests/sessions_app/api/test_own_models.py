"""Predicting with the model of a training session of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.models import PredictionSession
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.contrib.auth.models import User
    from rest_framework.test import APIClient

    from sessions_app.models import DatasetSnapshot, TrainingSession

    AsUser = Callable[[User], APIClient]
    Make = Callable[..., TrainingSession]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

PREDICTION = "/api/v1/prediction-sessions"


def asked(client: APIClient, model: TrainingSession, **files: Any) -> Any:
    source = "user" if files else "nasa"
    body = {"data_source": source, "mission": "kepler", "model": str(model.pk), **files}
    return client.post(PREDICTION, body, format="multipart" if files else "json")


def upload(folder: Path, draw: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("mine.csv", kepler_file(folder / draw, draw).read_bytes())


def test_a_model_of_ones_own_predicts_though_nobody_published_it(
    kepler: DatasetSnapshot, make_session: Make, as_user: AsUser, ada: User, bob: User, staff: User
) -> None:
    own = make_session(f"user:{ada.pk}", feature_set="harmonised", task="vetting")
    answer = asked(as_user(ada), own)
    assert (answer.status_code, answer.json()["task"]) == (202, "vetting")
    assert PredictionSession.objects.get().published_model == own
    assert asked(as_user(staff), own).status_code == 202
    refused = asked(as_user(bob), own)
    assert refused.status_code == 400
    assert refused.json()["detail"] == (
        f"model: there is no published model {own.pk}, and no completed training session of yours."
    )


def test_an_anonymous_sessions_model_is_for_whoever_knows_its_id(
    kepler: DatasetSnapshot, make_session: Make, anonymous: Callable[[], APIClient]
) -> None:
    assert asked(anonymous(), make_session("anonymous:somebody")).status_code == 202
    unfinished = make_session("anonymous:somebody", status="failed")
    assert asked(anonymous(), unfinished).json()["field"] == "model"
    # Without an owner it is the server's own, and offered when an operator publishes it.
    assert asked(anonymous(), make_session()).json()["field"] == "model"


def test_a_model_that_cannot_be_fine_tuned_takes_no_training_file(
    kepler: DatasetSnapshot, make_session: Make, as_user: AsUser, ada: User, tmp_path: Path
) -> None:
    tree = make_session(f"user:{ada.pk}")
    refused = asked(as_user(ada), tree, training_file=upload(tmp_path, "a"))
    assert (refused.status_code, refused.json()["field"]) == (400, "training_file")
    assert refused.json()["detail"] == (
        "training_file: the model is a Decision tree, which cannot be fine-tuned; only xgboost can."
        " Leave the training_file out."
    )
    assert asked(as_user(ada), tree, testing_file=upload(tmp_path, "b")).status_code == 202


def test_a_model_on_columns_that_follow_the_label_predicts_files_of_ones_own_alone(
    kepler: DatasetSnapshot, make_session: Make, as_user: AsUser, ada: User, tmp_path: Path
) -> None:
    marked = make_session(f"user:{ada.pk}", label_derived=["koi_score"])
    refused = asked(as_user(ada), marked)
    assert (refused.status_code, refused.json()["field"]) == (400, "model")
    assert "label-derived columns koi_score" in refused.json()["detail"]
    lacking = asked(as_user(ada), marked, testing_file=upload(tmp_path, "a"))
    assert (lacking.status_code, lacking.json()["field"]) == (400, "testing_file")
    assert "no column koi_score" in lacking.json()["detail"]
