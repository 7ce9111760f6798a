"""Light curves through the old contract, whose page sends every file as a table of a mission."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sessions_app.execution import worker
from sessions_app.models import PredictionSession, Session
from tests.mlcore.lightcurves.bundles.made_files import csv_of
from tests.sessions_app.api.legacy.contract import check_shape

if TYPE_CHECKING:
    from sessions_app.models import TrainingSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TWELVE = "time,flux,error\n" + "".join(f"{place / 10},1.0,0.001\n" for place in range(12))


def posted(content: bytes, address: str = "/api/pretrained/predict", **fields: str) -> Any:
    file = SimpleUploadedFile("KIC 5.csv", content)
    return Client().post(address, {"data_source": "user", "training_file": file, **fields})


@pytest.mark.sampled("{'data_format': 'kepler'}", "{}")
@pytest.mark.parametrize(
    "fields", [{"data_format": "kepler"}, {"data_format": "lightcurves"}, {}], ids=str
)
def test_a_light_curve_is_predicted_whatever_it_is_sent_as(
    fields: dict[str, str], judge: TrainingSession, jobs: None
) -> None:
    answer = posted(csv_of(), **fields)
    body = answer.json()
    assert answer.status_code == 202, body
    check_shape("accepted", body)
    assert body["message"] == "Prediction started"
    assert body["warnings"] == [
        (
            "The training_file has no dispositions, so that its rows are predicted and nothing is"
            " fine-tuned."
        )
    ]
    session = PredictionSession.objects.get(pk=body["session_id"])
    assert (session.mission, session.published_model_id) == ("lightcurves", judge.pk)

    worker.execute(session.pk)
    progress = Client().get(f"/api/pretrained/progress/{session.pk}").json()
    assert progress["status"] == "completed", progress
    result = Client().get(f"/api/pretrained/result/{session.pk}")
    told = json.loads(result.getvalue())
    assert told["success"]
    (prediction,) = told["predictions"]
    assert (prediction["name"], prediction["prediction"]) == ("KIC 5 signal 1", "Exoplanet")
    assert told["model_info"]["dataset"] == "lightcurves"


@pytest.mark.parametrize("mission", ["kepler", "lightcurves"])
def test_twelve_points_are_refused_with_what_is_needed(
    mission: str, judge: TrainingSession
) -> None:
    answer = posted(TWELVE.encode(), data_format=mission)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "success": False,
            "error": (
                "training_file: The light curve has 12 points over 1.1 days; a search for transits"
                " needs at least 100 points over at least 1 day."
            ),
        },
    )
    assert not PredictionSession.objects.exists()


def test_a_light_curve_is_nothing_to_train_a_missions_model_on() -> None:
    answer = posted(csv_of(), "/api/custom/train", data_format="kepler", model_type="decision_tree")
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert not Session.objects.exists()
