"""More rows than are explained at once, from the request to the pages."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from mlcore.prediction.stored import EXPLAINED_AT_ONCE
from sessions_app import selectors, services
from sessions_app.execution import worker
from sessions_app.lifecycle import Status
from sessions_app.queue.lanes import Lane
from sessions_app.selectors.explained import close
from sessions_app.services import Upload, UploadedData
from tests.served import strict_json
from tests.sessions_app.real_rows import drawn, kepler_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import PredictionSession, TrainingSession

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = EXPLAINED_AT_ONCE + 50


@pytest.fixture
def explaining() -> Iterator[None]:
    """End the process that explains when the test is done."""
    yield
    close()


def many_rows(path: Path, *, labelled: bool) -> Upload:
    """Write so many rows, each on a star of its own."""
    frame = drawn("b")
    if not labelled:
        frame = frame.drop(columns="koi_disposition")
    frame = frame.iloc[[place % len(frame) for place in range(ROWS)]].reset_index(drop=True)
    frame["kepid"] = range(10**8, 10**8 + ROWS)
    frame["kepoi_name"] = [f"K{place:05}.01" for place in range(ROWS)]
    frame.to_parquet(path)
    return Upload(path=path, name=path.name)


@pytest.fixture
def large(published: TrainingSession, tmp_path: Path) -> PredictionSession:
    """A completed prediction of so many rows."""
    testing = many_rows(tmp_path / "large.parquet", labelled=False)
    data = UploadedData(mission="kepler", testing=testing)
    session = services.start_prediction(data=data, model_id=published.pk)
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == Status.COMPLETED, session.error
    return session


@pytest.mark.long
@pytest.mark.usefixtures("explaining")
def test_each_row_is_scored_and_those_that_are_looked_at_are_explained(
    large: PredictionSession, client: Client
) -> None:
    objects = selectors.objects_of(large)
    assert len(objects) == ROWS
    assert objects[0].reasons is None
    assert any("when an object is looked at" in warning for warning in large.warnings)
    # Nothing goes on behind it: what would deepen it is worked out of the objects looked at.
    assert selectors.evidence_of(large) == {"complete": True, "session": None, "parts": []}

    here = f"/api/v1/prediction-sessions/{large.pk}"
    page = client.get(f"{here}/predictions?page=3").json()["results"]
    assert [row["number"] for row in page] == list(range(101, 151))
    assert all(len(row["reasons"]) >= 3 for row in page)
    assert all(row["score_interval_sentence"] for row in page)
    one = client.get(f"{here}/objects/120").json()
    assert one == page[19]
    assert one["reasons"][0] in client.get(f"/sessions/{large.pk}/objects/120").content.decode()
    listed = client.get(f"/sessions/{large.pk}/objects", {"sort": "planet"})
    assert listed.status_code == 200

    some = client.get(f"{here}/export", {"numbers": "120,3"})
    rows = list(csv.DictReader(io.StringIO(some.getvalue().decode())))
    assert [row["number"] for row in rows] == ["120", "3"]
    assert rows[0]["reasons"] == "; ".join(one["reasons"])
    assert float(rows[0]["contribution_koi_period"]) == one["contributions"][0]

    old = strict_json(client.get(f"/api/custom/result/{large.pk}").getvalue().decode())
    assert len(old["predictions"]) == ROWS
    words = {"Exoplanet", "Candidate", "False Positive"}
    assert {row["prediction"] for row in old["predictions"]} <= words


@pytest.mark.long
@pytest.mark.usefixtures("explaining", "jobs")
def test_a_model_that_is_tested_on_so_many_rows_explains_those_that_are_looked_at(
    client: Client, tmp_path: Path
) -> None:
    training = kepler_file(tmp_path / "training.csv")
    testing = many_rows(tmp_path / "testing.parquet", labelled=True)
    session = services.start_training(
        model_type="decision_tree",
        hyperparameters={},
        data=UploadedData(
            mission="kepler", training=Upload(path=training, name="training.csv"), testing=testing
        ),
    )
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == Status.COMPLETED, session.error
    assert session.metrics["rows"] == session.model["test_rows"] == ROWS
    assert session.report["importance"]["mean_absolute_contributions"]["rows"] < ROWS
    assert len(selectors.objects_of(session)) == ROWS
    # No part of what goes on behind it would have to explain all rows.
    parts = {part["part"]: part["state"] for part in selectors.evidence_of(session)["parts"]}
    assert parts == dict.fromkeys(["slices", "row_split", "permutation_importance"], "coming")

    here = f"/api/v1/training-sessions/{session.pk}"
    (row,) = [
        one
        for one in client.get(f"{here}/predictions?page=2").json()["results"]
        if one["number"] == 77
    ]
    assert len(row["reasons"]) >= 3
    # The rows that it learnt from are of the session's own file.
    assert len(row["nearest_neighbours"]) == 5
    worker.execute_next(Lane.EVIDENCE)
    session.refresh_from_db()
    assert session.report["importance"]["permutation"]["rows"] <= EXPLAINED_AT_ONCE
    assert client.get(f"{here}/objects/77").json() == row
    assert client.get(f"/sessions/{session.pk}").status_code == 200


def test_objects_that_are_not_there_are_not_exported(
    published: TrainingSession, client: Client
) -> None:
    address = f"/api/v1/training-sessions/{published.pk}/export"
    for numbers in ("0", "99999", "1,,2", "x", "-1", "", ",".join(["1"] * 501), f"1,{10**20}"):
        answer = client.get(address, {"numbers": numbers})
        assert (answer.status_code, answer.json()["field"]) == (400, "numbers"), numbers
    assert client.get(address, {"numbers": "2, 1"}).status_code == 200
