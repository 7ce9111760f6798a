"""`dry_run` says what a POST would do, in the words that it would be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from sessions_app.access.identity import COOKIE
from sessions_app.models import IdempotencyKey, Session, UploadedFile
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.services.test_fewer_columns import model_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
TRAIN, PREDICT = "/api/v1/training-sessions", "/api/v1/prediction-sessions"
ROWS = {"data_source": "nasa", "mission": "kepler"}


def post(address: str, **sent: Any) -> Any:
    return APIClient().post(address, {**ROWS, **sent}, format="json")


def file(name: str = "mine.csv", **renamed: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn("a").rename(columns=renamed).to_csv(index=False).encode())


def test_it_is_answered_with_200_and_nothing_is_started_or_kept(
    kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    before = kept()
    answer = APIClient().post(
        TRAIN,
        {**ROWS, "model_type": "xgb", "dry_run": True},
        format="json",
        HTTP_IDEMPOTENCY_KEY="a key",
    )
    told = answer.json()
    assert answer.status_code == 200, told
    assert (told["dry_run"], told["kind"], told["model_type"]) == (True, "training", "xgboost")
    assert told["hyperparameters"]["n_estimators"] == 100
    assert told["would_be_refused"] == []
    assert told["estimate"]["seconds"] > 0
    assert COOKIE not in answer.cookies
    assert not Session.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert kept() == before


def test_all_refusals_are_told_and_the_first_is_what_the_post_is_told(
    kepler: DatasetSnapshot,
) -> None:
    sent = {
        "model_type": "decision_tree",
        "hyperparameters": {"max_depth": 0, "criterion": "luck"},
        "protocols": ["time_forward"],
        "label_derived_columns": ["koi_score"],
    }
    refused = post(TRAIN, **sent).json()
    told = post(TRAIN, **sent, dry_run=True)
    assert told.status_code == 200
    reasons = told.json()["would_be_refused"]
    assert [reason["field"] for reason in reasons] == [
        "hyperparameters",
        "hyperparameters",
        "label_derived_columns",
    ]
    first = reasons[0]
    assert (first["field"], first["detail"], first["status"]) == (
        (refused["field"], refused["detail"], refused["status"])
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"mission": "corot"}, "mission"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_is_malformed_is_a_400_all_the_same(wrong: dict[str, Any], field: str) -> None:
    answer = post(TRAIN, **{"model_type": "svm", "dry_run": True, **wrong})
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_of_a_file_it_is_told_how_it_was_read(kepler: DatasetSnapshot) -> None:
    model = model_of()
    answer = APIClient().post(
        PREDICT,
        {
            "data_source": "user",
            "mission": "kepler",
            "task": "disposition",
            "dry_run": "true",
            "testing_file": file(koi_period="Period", koi_depth="Depth (ppm)"),
        },
        format="multipart",
    )
    told = answer.json()
    assert (answer.status_code, told["model"]) == (200, str(model.pk))
    (read,) = told["files"]
    columns = {heading["heading"]: heading["column"] for heading in read["headings"]}
    assert (columns["Period"], columns["Depth (ppm)"]) == ("koi_period", "koi_depth")
    counts = drawn("a")["koi_disposition"].value_counts()
    assert read["label_counts"] == {
        "confirmed": counts["CONFIRMED"],
        "candidate": counts["CANDIDATE"],
        "false_positive": counts["FALSE POSITIVE"],
    }
    assert read["rows"] == len(drawn("a"))
    assert not UploadedFile.objects.exists()


def test_the_schema_shows_what_is_told(client: Any) -> None:
    schema = client.get("/api/v1/schema", {"format": "json"}).json()
    for address in (TRAIN, PREDICT):
        answers = schema["paths"][address]["post"]["responses"]
        content = answers["200"]["content"]["application/json"]
        assert content["schema"]["$ref"].endswith("/Preview")
        assert content["examples"]["DryRun"]["value"]["would_be_refused"][0]["field"]
    assert "200" not in schema["paths"]["/api/v1/analyses"]["post"]["responses"]
