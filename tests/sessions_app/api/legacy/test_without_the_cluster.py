"""What is answered when something is missing: a table, a worker, the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.environment import BASE_DIR
from mlcore.datasets import of_candidates
from sessions_app import lifecycle
from sessions_app.models import Session, TrainingSession
from tests.sessions_app.api.legacy.contract import check_shape

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

NOT_LOADED = (
    "dataset_name: the {mission} table is not loaded on this server; an operator loads it with"
    " `manage.py load_dataset {mission}`."
)
NOT_PUBLISHED = (
    "data_format: there is no published {mission} model on this server; an operator makes one"
    " with `manage.py load_dataset {mission}` and `manage.py train_pretrained {mission}`."
)

ASK_WITHOUT_A_DATABASE = """
import json, django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost", raise_request_exception=False)
for address in {addresses}:
    answer = client.get(address)
    print(json.dumps([answer.status_code, answer.content.decode()]))
"""


@pytest.mark.django_db
class TestAnEmptyServer:
    def test_datasets_lists_every_mission_with_the_command_that_loads_it(
        self, client: Client
    ) -> None:
        body = client.get("/api/datasets").json()
        check_shape("datasets", body)
        assert {name: dataset["load_with"] for name, dataset in body["details"].items()} == {
            name: f"manage.py load_dataset {name}" for name in of_candidates()
        }

    @pytest.mark.parametrize("mission", of_candidates())
    @pytest.mark.parametrize("address", ["/api/custom/train", "/api/pretrained/predict"])
    def test_a_mission_that_is_not_loaded_names_the_command(
        self, client: Client, mission: Any, address: str
    ) -> None:
        fields = {"model_type": "svm", "data_source": "nasa", "dataset_name": mission}
        answer = client.post(address, fields)
        assert (answer.status_code, answer.json()) == (
            400,
            {"success": False, "error": NOT_LOADED.format(mission=mission)},
        )
        assert not Session.objects.exists()

    @pytest.mark.parametrize("mission", of_candidates())
    def test_a_mission_without_a_published_model_names_the_commands(
        self, client: Client, mission: Any
    ) -> None:
        fields = {"data_source": "user", "data_format": mission}
        answer = client.post("/api/pretrained/predict", fields)
        assert (answer.status_code, answer.json()) == (
            400,
            {"success": False, "error": NOT_PUBLISHED.format(mission=mission)},
        )

    def test_health_is_degraded_without_a_worker(self, client: Client) -> None:
        answer = client.get("/api/health")
        assert answer.status_code == 503
        check_shape("degraded", answer.json())
        assert answer.json()["message"] == "No worker is running, so that sessions only wait."


@pytest.fixture
def session() -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )


@pytest.mark.django_db
class TestASessionThatEndedWithoutAResult:
    def test_a_cancelled_session_reads_error_so_that_the_frontend_stops_polling(
        self, client: Client, session: TrainingSession
    ) -> None:
        assert lifecycle.cancel(Session.objects.all(), session.pk)
        body = client.get(f"/api/custom/progress/{session.pk}").json()
        check_shape("progress", body)
        assert (body["status"], body["current_step"]) == ("error", "The session was cancelled.")
        answer = client.get(f"/api/custom/result/{session.pk}")
        assert (answer.status_code, answer.json()) == (
            500,
            {"success": False, "error": "The session was cancelled."},
        )

    def test_a_failed_session_answers_500_with_its_sentence_and_not_its_traceback(
        self, client: Client, session: TrainingSession
    ) -> None:
        lifecycle.fail(
            Session.objects.all(),
            session.pk,
            error="The table has no rows.",
            traceback='File "/srv/app.py", line 3',
        )
        answer = client.get(f"/api/pretrained/result/{session.pk}")
        assert (answer.status_code, answer.json()) == (
            500,
            {"success": False, "error": "The table has no rows."},
        )

    def test_a_session_that_waits_is_initialized(
        self, client: Client, session: TrainingSession
    ) -> None:
        body = client.get(f"/api/custom/progress/{session.pk}").json()
        assert body == {
            "success": True,
            "progress": 0,
            "current_step": "Waiting for a worker",
            "status": "initialized",
        }


def test_without_a_database_health_is_degraded_and_errors_stay_json(open_folder: Path) -> None:
    addresses = ["/api/health", "/api/datasets", "/api/models"]
    process = subprocess.run(
        [sys.executable, "-c", ASK_WITHOUT_A_DATABASE.format(addresses=addresses)],
        env=os.environ
        | {
            "DATABASE_URL": "postgres://ada:hunter2@127.0.0.1:1/planets",
            "EXOPLANET_STATE_DIR": str(open_folder / "state"),
            "EXOPLANET_MEDIA_ROOT": str(open_folder / "media"),
        },
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    health, datasets, models = map(json.loads, process.stdout.splitlines())
    assert health[0] == 503
    check_shape("degraded", json.loads(health[1]))
    assert json.loads(health[1])["message"] == "The database does not answer."
    assert datasets[0] == 503
    check_shape("error", json.loads(datasets[1]))
    assert models[0] == 200
    assert "hunter2" not in process.stdout


@pytest.mark.django_db
def test_the_real_limit_is_the_settings(client: Client, settings: SettingsWrapper) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.EXOPLANET_UPLOAD_LIMIT_MB = 1
    file = SimpleUploadedFile("large.csv", b"#" * (10**6 + 1))
    answer = client.post("/api/custom/train", {"model_type": "svm", "training_file": file})
    assert (answer.status_code, answer.json()["error"]) == (
        413,
        "training_file is too large: a file may have at most 1 MB.",
    )
