"""A client that is made of the schema uploads a file, waits, and reads the result."""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import as_csv, drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.served import Served

pytestmark = pytest.mark.cluster

NAME = "exoplanet_playground_client"


@pytest.fixture(scope="module")
def made(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Make a client of the schema that the server serves, and return what imports its modules."""
    folder: Path = tmp_path_factory.mktemp("client")
    # What the tool runs afterwards to put the code in order, nobody looks at; and of files it knows
    # one kind.
    (folder / "config.yaml").write_text(
        "post_hooks: []\ncontent_type_overrides: {application/zip: application/octet-stream}\n"
    )
    # The tool itself would wait for the server for five seconds only.
    (folder / "schema.json").write_text(
        json.dumps(served.get("/api/v1/schema", params={"format": "json"}).body)
    )
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *(f"--path={folder / 'schema.json'}", f"--output-path={folder / NAME}"),
            *("--meta=none", f"--config={folder / 'config.yaml'}"),
        ],
        env=os.environ | {"NO_COLOR": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    return lambda module: importlib.import_module(f"{NAME}.{module}")


@pytest.fixture
def client(served: Served, made: Callable[[str], Any]) -> Iterator[Any]:
    whole = made("client").Client(base_url=served.url, timeout=60, raise_on_unexpected_status=True)
    with whole as connected:
        yield connected


def test_a_file_is_uploaded_and_its_result_is_read_by_a_client_made_of_the_schema(
    served: Served, served_archive: Path, made: Callable[[str], Any], client: Any
) -> None:
    models, types = made("models"), made("types")
    training, testing = drawn(served_archive, "kepler")
    body = models.NewTrainingForm(
        model_type="decision_tree",
        data_source=models.DataSourceEnum.USER,
        mission=models.MissionEnum.KEPLER,
        hyperparameters=models.NewTrainingFormDecisionTree(max_depth=3),
        protocols=[],
        training_file=types.File(payload=io.BytesIO(as_csv(training)), file_name="training.csv"),
        testing_file=types.File(payload=io.BytesIO(as_csv(testing)), file_name="testing.csv"),
    )
    answer = made("api.training_sessions.training_sessions_create").sync_detailed(
        client=client, body=body
    )
    assert answer.status_code == 202, answer.content
    session = answer.parsed
    assert answer.headers["location"] == f"{served.url}/api/v1/training-sessions/{session.id}"
    assert session.hyperparameters["max_depth"] == 3

    progress = made("api.training_sessions.training_sessions_progress_retrieve")
    standing = progress.sync(session.id, client=client)
    while standing.status in {models.StatusEnum.QUEUED, models.StatusEnum.RUNNING}:
        standing = progress.sync(session.id, client=client, wait=20)
    assert (standing.status, standing.percent) == (models.StatusEnum.COMPLETED, 100.0)

    read = made("api.training_sessions.training_sessions_result_retrieve").sync_detailed
    brief = read(session.id, client=client).parsed
    assert isinstance(brief.predictions, types.Unset)
    whole = read(
        session.id,
        client=client,
        include=models.TrainingSessionsResultRetrieveInclude.PREDICTIONS,
    )
    rows = whole.parsed.predictions
    assert [row.number for row in rows] == list(range(1, 81))
    assert list(rows[0].values.to_dict()) == brief.model_info["columns"]
    etag = read(session.id, client=client).headers["etag"]
    known = read(session.id, client=client, if_none_match=etag)
    assert (known.status_code, known.parsed) == (304, None)

    listed = made("api.training_sessions.training_sessions_predictions_list").sync(
        session.id, client=client, search=rows[4].name, page_size=500
    )
    assert rows[4].to_dict() in [row.to_dict() for row in listed.results]


def test_what_the_client_is_refused_is_a_problem(made: Callable[[str], Any], client: Any) -> None:
    models = made("models")
    body = models.NewTrainingRequest(
        model_type="sextant",
        data_source=models.DataSourceEnum.NASA,
        mission=models.MissionEnum.KEPLER,
    )
    answer = made("api.training_sessions.training_sessions_create").sync(client=client, body=body)
    assert isinstance(answer, models.Problem)
    assert (answer.status, answer.field) == (400, "model_type")
    assert answer.type_ == "/api/v1/problems/validation"
