from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from mlcore.datasets import DATASETS, register, unregister
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.files import check_upload
from sessions_app.isolation import JobHost
from sessions_app.models import DatasetSnapshot, Session
from tests.mlcore.datasets.missions.made_mission import PLATO, plato_file
from tests.sessions_app.real_rows import drawn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

V1 = "/api/v1"


@pytest.fixture
def plato(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Register the mission, here and where jobs run, and load its table; return its file."""
    made = ("tests.mlcore.datasets.missions.register_made_mission",)
    # Whoever read uploads until now knows three missions.
    check_upload.close()
    monkeypatch.setattr(check_upload._readers, "_modules", made)
    register(PLATO)
    try:
        with JobHost(modules=("mlcore.jobs.run", *made)) as host:
            monkeypatch.setattr(worker, "_host", host)
            file = plato_file(tmp_path / "platotargets.csv", drawn("a"))
            call_command("load_dataset", "plato", file=file)
            yield file
    finally:
        unregister("plato")
        check_upload.close()


def completed(session_id: str) -> Session:
    worker.execute(UUID(session_id))
    session = Session.objects.get(pk=session_id)
    assert (session.status, session.error) == ("completed", "")
    return session


def started(client: APIClient, kind: str, *, form: str = "json", **sent: Any) -> str:
    answer = client.post(f"{V1}/{kind}", sent, format=form)
    assert answer.status_code == 202, answer.json()
    return str(answer.json()["id"])


@pytest.mark.long
def test_a_mission_of_one_file_is_listed_trained_predicted_explained_and_exported(
    plato: Path,
) -> None:
    client = APIClient()
    snapshot = DatasetSnapshot.objects.get(mission="plato", is_current=True)
    assert snapshot.get_mission_display() == "PLATO targets of interest"

    # Listed.
    old = client.get("/api/datasets").json()
    assert old["datasets"] == ["kepler", "k2", "tess", "plato"]
    assert (old["details"]["plato"]["loaded"], old["details"]["plato"]["rows"]) == (
        True,
        snapshot.rows,
    )
    features = client.get(f"{V1}/features", {"mission": "plato"}).json()["features"]
    assert {entry["mission"] for entry in features} == {"plato"}
    assert "period_hours" in {entry["column"] for entry in features}
    for page in ("/missions", "/train", "/features"):
        assert PLATO.title in client.get(page).content.decode()
    refused = client.post(f"{V1}/training-sessions", {"mission": "kepler2"})
    assert "it must be one of kepler, k2, tess, tce, lightcurves, plato." in json.dumps(
        refused.json()
    )

    # Trained.
    trained = started(
        client,
        "training-sessions",
        model_type="decision_tree",
        data_source="nasa",
        mission="plato",
        task="vetting",
    )
    session = completed(trained)
    assert (session.mission, session.snapshot_id) == ("plato", snapshot.pk)
    result = json.loads(
        client.get(f"{V1}/training-sessions/{trained}/result?include=predictions").getvalue()
    )
    assert result["report"]["measurement"]["rows"] > 20

    # Explained.
    for row in result["predictions"]:
        explained = row["explained"]
        assert sum(row["contributions"].values(), explained["base"]) == pytest.approx(
            explained["output"], abs=1e-6
        )
        assert all(reason.split()[0] != "koi" for reason in row["reasons"])
    page = client.get(f"/sessions/{trained}/objects/1").content.decode()
    assert "PTI " in page

    # Exported.
    rows = list(csv.DictReader(exported(client, f"training-sessions/{trained}")))
    assert len(rows) == len(result["predictions"])
    assert rows[0]["name"].startswith("PTI ")

    # Offered, and used by both contracts.
    services.publish(session.trainingsession)
    offered = client.get(f"{V1}/models").json()["results"]
    assert [entry["mission"] for entry in offered] == ["plato"]
    with plato.open("rb") as testing:
        predicted = started(
            client,
            "prediction-sessions",
            form="multipart",
            data_source="user",
            mission="plato",
            task="vetting",
            testing_file=testing,
        )
    completed(predicted)
    rows = list(csv.DictReader(exported(client, f"prediction-sessions/{predicted}")))
    assert len(rows) == snapshot.rows
    analysis = started(
        client, "analyses", session=predicted, analysis="decision_path", object_number=1
    )
    completed(analysis)
    assert list(DATASETS)[-1] == "plato"


def exported(client: APIClient, session: str) -> list[str]:
    answer = client.get(f"{V1}/{session}/export", {"as": "csv"})
    assert answer.status_code == 200
    return str(answer.getvalue().decode()).splitlines()
