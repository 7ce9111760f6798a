"""Kepler's events and another vetter's opinion, from the request to the report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from mlcore.datasets import of_candidates
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.models import Session, TrainingSession
from tests.mlcore.datasets.missions.made_events import events, events_file, robovetter_file
from tests.sessions_app.loaded_once import loaded_once
from tests.sessions_app.real_rows import drawn

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TRAINING, PREDICTION = "/api/v1/training-sessions", "/api/v1/prediction-sessions"
TREE = {
    "model_type": "decision_tree",
    "hyperparameters": {"max_depth": 3},
    "data_source": "nasa",
    "mission": "tce",
    "feature_set": "measured",
}
SCORE = {"column": "robovetter_score", "kind": "score"}


@pytest.fixture
def tce(media: Path, tmp_path: Path, tce_loaded: dict[str, Any]) -> DatasetSnapshot:
    """Made-up events, loaded from a folder with what the Robovetter says of them."""
    return loaded_once(tce_loaded, media, lambda: _load(tmp_path))


@pytest.fixture(scope="module")
def tce_loaded() -> dict[str, Any]:
    """Keep what loading the events wrote: the same for every test."""
    return {}


def _load(tmp_path: Path) -> DatasetSnapshot:
    folder = tmp_path / "tables"
    folder.mkdir()
    frame = events(300)
    events_file(folder / "events.csv", frame)
    robovetter_file(folder / "robovetter.csv", frame)
    return services.load_dataset("tce", file=None, folder=folder)[0]


def refused(address: str = TRAINING, **changes: Any) -> tuple[str, str]:
    answer = APIClient().post(address, TREE | changes, format="json")
    assert answer.status_code == 400, answer.json()
    assert not Session.objects.exists()
    return answer.json()["field"], answer.json()["detail"]


def accepted(**changes: Any) -> TrainingSession:
    format_of = "multipart" if "training_file" in changes else "json"
    answer = APIClient().post(TRAINING, TREE | changes, format=format_of)
    assert answer.status_code == 202, answer.json()
    return TrainingSession.objects.get(pk=answer.json()["id"])


@pytest.mark.long
def test_events_are_triaged_beside_the_robovetter_and_both_are_shown(
    tce: DatasetSnapshot, jobs: None
) -> None:
    assert tce.columns.count("robovetter_score") == 1
    session = accepted(second_opinion=SCORE, wait_for="evidence")
    assert (session.task, session.second_opinion) == ("triage", SCORE | {"planet": []})
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == "completed", session.error
    opinion = session.report["second_opinion"]
    assert opinion["sentence"].startswith("Second opinion robovetter_score on ")
    page = Client().get(f"/sessions/{session.pk}/testing").content.decode()
    assert "The model and the second opinion on the same objects" in page
    assert "Both together less the model" in page
    assert "Where they disagree" in page
    assert "Planets against each kind of the others" in page


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"task": "vetting"}, "task", "of Kepler threshold-crossing events it must be triage."),
        ({"task": "disposition"}, "task", "it must be triage."),
        ({"feature_set": "harmonised"}, "feature_set", "only kepler, k2, tess share columns"),
        (
            {"protocols": ["leave_one_mission_out"]},
            "protocols",
            "is a test of kepler, k2, tess; leave it out for tce.",
        ),
        ({"mission": "kepler", "task": "triage"}, "task", "it must be disposition or vetting."),
        (
            {"second_opinion": {"column": "exominer_score", "kind": "score"}},
            "second_opinion",
            "no column 'exominer_score'; it has robovetter_score, robovetter_disposition.",
        ),
        ({"second_opinion": {"column": "x"}}, "second_opinion", "needs kind, one of score"),
        ({"second_opinion": "robovetter"}, "second_opinion", "must be a JSON object, such as"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    changes: dict[str, Any],
    field: str,
    sentence: str,
    kepler: DatasetSnapshot,
    tce: DatasetSnapshot,
) -> None:
    refusal = refused(**changes)
    assert refusal[0] == field
    assert sentence in refusal[1]


def test_no_model_of_events_is_published_and_none_of_candidates_scores_them(
    tce: DatasetSnapshot,
) -> None:
    asked = {"data_source": "nasa", "mission": "tce"}
    answer = APIClient().post(PREDICTION, asked, format="json")
    assert answer.json()["detail"] == (
        "model: the project publishes no model of Kepler threshold-crossing events; train one and"
        " name the id of its session."
    )


def test_the_old_contract_knows_no_events(tce: DatasetSnapshot) -> None:
    answer = Client().get("/api/datasets").json()
    assert answer["datasets"] == list(answer["details"]) == ["kepler", "k2", "tess"]
    allowed = ", ".join(of_candidates())
    for field, sent, known in (
        ("dataset_name", {"data_source": "nasa", "dataset_name": "tce"}, allowed),
        # A file of one's own may be a light curve.
        ("data_format", {"data_source": "user", "data_format": "tce"}, f"{allowed}, lightcurves"),
    ):
        refusal = Client().post("/api/custom/train", {"model_type": "rf", **sent})
        assert refusal.status_code == 400
        assert refusal.json()["error"] == f"{field} was 'tce', but it must be one of {known}."


def with_columns(frame: pd.DataFrame, columns: dict[str, list[Any]]) -> pd.DataFrame:
    """Add columns whose cells come again and again."""
    return frame.assign(
        **{name: np.resize(np.array(cells), len(frame)) for name, cells in columns.items()}
    )


def files(**columns: list[Any]) -> dict[str, Any]:
    """Return two files of real Kepler objects with a vetter's column."""
    return {
        f"{purpose}_file": SimpleUploadedFile(
            f"{draw}.csv", with_columns(drawn(draw), columns).to_csv(index=False).encode()
        )
        for purpose, draw in (("training", "a"), ("testing", "b"))
    }


OWN = {"data_source": "user", "mission": "kepler", "hyperparameters": "{}"}


def test_a_column_of_ones_own_file_is_a_second_opinion(kepler: DatasetSnapshot) -> None:
    flag = {"column": "Flag", "kind": "disposition", "planet": ["0"]}
    session = accepted(**OWN, **files(Flag=[0, 1, 1]), second_opinion=json.dumps(flag))
    assert session.second_opinion == flag


@pytest.mark.parametrize(
    ("opinion", "field", "sentence"),
    [
        (
            {"column": "votes", "kind": "score"},
            "second_opinion",
            "second_opinion: no file has a column 'votes'.",
        ),
        (
            {"column": "Flag", "kind": "disposition", "planet": ["PC"]},
            "training_file",
            'never says PC; it has "0", "1". Name under planet',
        ),
    ],
)
def test_a_column_that_no_file_has_or_that_says_something_else_is_refused(
    opinion: dict[str, Any], field: str, sentence: str, kepler: DatasetSnapshot
) -> None:
    sent = TREE | OWN | files(Flag=[0, 1, 1]) | {"second_opinion": json.dumps(opinion)}
    answer = APIClient().post(TRAINING, sent, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert sentence in answer.json()["detail"]


def test_a_column_that_the_model_was_asked_to_see_is_no_second_opinion(
    kepler: DatasetSnapshot,
) -> None:
    opinion = json.dumps({"column": "koi_score", "kind": "score"})
    sent = OWN | files(koi_score=[0.5]) | {"label_derived_columns": ["koi_score"]}
    answer = APIClient().post(
        TRAINING, TREE | sent | {"second_opinion": opinion}, format="multipart"
    )
    assert answer.json()["field"] == "second_opinion"
    assert "the model sees koi_score" in answer.json()["detail"]


@pytest.mark.long
def test_a_model_that_was_not_shown_an_opinion_is_asked_beside_it_again(
    kepler: DatasetSnapshot, jobs: None
) -> None:
    snr = {"second_opinion": json.dumps({"column": "koi_model_snr", "kind": "score"})}
    session = accepted(**OWN, **files(), **snr)
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.model["left_out"] == ["koi_model_snr"], session.error
    asked = {"data_source": "user", "mission": "kepler", "model": str(session.pk)}
    rows = {"testing_file": files()["testing_file"]}
    answer = APIClient().post(PREDICTION, asked | rows | snr, format="multipart")
    assert answer.status_code == 202, answer.json()


@pytest.mark.long
@pytest.mark.parametrize("heading", ["koi_depth", "Transit Depth [ppm]"])
def test_what_a_model_sees_under_whatever_heading_is_no_second_opinion_on_it(
    heading: str, kepler: DatasetSnapshot, jobs: None
) -> None:
    session = accepted(**OWN, **files())
    worker.execute(session.pk)
    named = drawn("b").rename(columns={"koi_depth": heading}).to_csv(index=False)
    asked = {
        "data_source": "user",
        "mission": "kepler",
        "model": str(session.pk),
        "testing_file": SimpleUploadedFile("b.csv", named.encode()),
        "second_opinion": json.dumps({"column": heading, "kind": "score"}),
    }
    answer = APIClient().post(PREDICTION, asked, format="multipart")
    assert answer.json()["field"] == "second_opinion"
    assert f"the model sees {heading}, so that" in answer.json()["detail"]


def test_a_form_asks_for_a_second_opinion(client: Client, tce: DatasetSnapshot) -> None:
    asked = {
        "data_source": "nasa",
        "mission": "tce",
        "task": "triage",
        "model_type": "decision_tree",
        "feature_set": "measured",
        "opinion_column": "robovetter_disposition",
        "opinion_kind": "disposition",
        "opinion_planet": "PC, candidate",
    }
    assert client.post("/train", asked).status_code == 302
    assert TrainingSession.objects.get().second_opinion == {
        "column": "robovetter_disposition",
        "kind": "disposition",
        "planet": ["PC", "candidate"],
    }
    wrong = client.post("/train", asked | {"opinion_column": "votes"})
    assert wrong.status_code == 400
    assert "no column &#x27;votes&#x27;" in wrong.content.decode()
