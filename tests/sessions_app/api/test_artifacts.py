"""A session's model as files: the same model, for whoever may read the result."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest

import mlcore
from mlcore.datasets import read_table
from mlcore.pretrained.load import load_published
from sessions_app import services
from sessions_app.files import storage
from tests.sessions_app.real_rows import KEPLER, kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(media: Path) -> TrainingSession:
    """A session whose model is a real one, with its calibration."""
    made = services.install("kepler-vetting")
    assert made is not None
    return made


def address(session: TrainingSession, *more: str) -> str:
    return "/".join([f"/api/v1/training-sessions/{session.pk}/artifacts", *more])


def content(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_a_models_files_are_listed_with_their_digests(
    client: Client, session: TrainingSession
) -> None:
    listed = client.get(address(session)).json()
    assert listed["model_type"] == "xgboost"
    folder = storage.artifact_folder(session.pk)
    assert {file["name"] for file in listed["files"]} == {path.name for path in folder.iterdir()}
    for file in listed["files"]:
        assert file["size"] == (folder / file["name"]).stat().st_size
        if file["name"] != "manifest.json":
            assert file["sha256"] == storage.sha256_of(folder / file["name"])
    assert [one["url"] for one in listed["downloads"]] == [
        f"http://testserver{address(session, f'model.{kind}')}" for kind in ("zip", "onnx")
    ]


def test_the_archive_is_the_model_itself(
    client: Client, session: TrainingSession, tmp_path: Path
) -> None:
    answer = client.get(address(session, "model.zip"))
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].endswith('-model.zip"')
    with zipfile.ZipFile(io.BytesIO(content(answer))) as archive:
        archive.extractall(tmp_path / "model")
    again = mlcore.load_artifact(tmp_path / "model")
    table = read_table(kepler_file(tmp_path / "rows.csv"), KEPLER, require_labels=True)
    features = again.features(table)
    assert (
        again.classifier.predict_proba(features)
        == load_published("kepler-vetting").classifier.predict_proba(features)
    ).all()


def test_the_onnx_file_says_what_the_model_says_and_is_written_once(
    client: Client, session: TrainingSession, tmp_path: Path, media: Path
) -> None:
    answer = client.get(address(session, "model.onnx"))
    written = content(answer)
    runtime = onnxruntime.InferenceSession(written)
    about = runtime.get_modelmeta().custom_metadata_map
    model = load_published("kepler-vetting")
    table = read_table(kepler_file(tmp_path / "rows.csv"), KEPLER, require_labels=True)
    features = model.features(table)
    values = features[json.loads(about["columns"])].to_numpy(dtype=np.float64)
    (stated,) = runtime.run(["probabilities"], {"features": values})
    own = model.task.probabilities(model.classifier.predict_proba(features))
    # Single precision, drawn apart by the calibration.
    assert np.abs(stated - own).max() < 2e-6
    (kept,) = media.glob(f"results/{session.pk}/written/*-model.onnx")
    assert kept.read_bytes() == written
    etag = {"if-none-match": answer["ETag"]}
    assert client.get(address(session, "model.onnx"), headers=etag).status_code == 304


def test_an_ensemble_has_no_onnx_file_and_says_so(client: Client, session: TrainingSession) -> None:
    # Refused before any of its members is looked at.
    folder = storage.artifact_folder(session.pk)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"model_type": "auto"}))
    listed = client.get(address(session)).json()
    assert [one["format"] for one in listed["downloads"]] == ["zip"]
    answer = client.get(address(session, "model.onnx"))
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith(
        "An ensemble that an automatic search made cannot be written as ONNX"
    )


def test_a_model_that_is_gone_is_gone(client: Client, session: TrainingSession) -> None:
    storage.remove(storage.artifact_folder(session.pk))
    for more in ([], ["model.zip"], ["model.onnx"]):
        answer = client.get(address(session, *more))
        assert answer.status_code == 410
        assert answer.json()["detail"] == "The session's model is no longer on this server."


@pytest.mark.parametrize("more", [[], ["model.zip"], ["model.onnx"]])
def test_a_model_is_as_private_as_its_result(
    make_session: Callable[..., TrainingSession], client: Client, more: list[str]
) -> None:
    private = make_session("user:1")
    assert client.get(address(private, *more)).status_code == 404
    running = make_session("anonymous:x", status="running")
    assert client.get(address(running, *more)).status_code == 409
