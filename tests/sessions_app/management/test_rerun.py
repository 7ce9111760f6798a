"""A session is repeated from its manifest, and told to be the same to the bit, or how far not."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from sessions_app import services
from sessions_app.files import storage
from sessions_app.models import DatasetSnapshot, PredictionSession, Session, TrainingSession
from sessions_app.selectors.manifest import manifest_of
from sessions_app.selectors.manifest_comparison import compared
from sessions_app.services import ArchiveData, Upload, UploadedData
from sessions_app.services.repeating import repeat
from tests.sessions_app.execution.running import created, trained
from tests.sessions_app.real_rows import kepler_file
from tests.sessions_app.results import keep_objects, objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jobs")]


def saved(manifest: Any, folder: Path) -> str:
    path = folder / "manifest.json"
    path.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    return str(path)


def rerun(path: str, *more: str) -> list[str]:
    out = StringIO()
    call_command("rerun", path, *more, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def first(kepler: DatasetSnapshot) -> TrainingSession:
    return trained(seed=5)


def test_a_training_session_is_repeated_to_the_bit_on_the_table_that_it_used(
    first: TrainingSession, client: Client, tmp_path: Path, kepler: DatasetSnapshot
) -> None:
    answer = client.get(f"/api/v1/training-sessions/{first.pk}/manifest")
    assert answer.status_code == 200
    manifest = json.loads(b"".join(answer.streaming_content))
    assert manifest["request"]["seed"] == 5
    assert manifest["snapshot"]["file_sha256"] == kepler.file_sha256
    assert manifest["metrics"] == first.metrics
    assert manifest["predictions"]["rows"] == len(objects(first))
    # Another table is current by now.
    services.load_dataset("kepler", file=kepler_file(tmp_path / "b.csv", "b"), folder=None)
    lines = rerun(saved(manifest, tmp_path))
    again = TrainingSession.objects.exclude(pk=first.pk).get()
    assert lines[0] == f"Session {again.pk} repeats training session {first.pk}."
    assert lines[-1] == "Every figure and every prediction is the same to the bit."
    assert f"accuracy: {first.metrics['accuracy']}, the same bits" in lines
    assert "predictions, probability_confirmed: the same bits" in lines
    assert again.snapshot == kepler
    assert again.seed == 5
    # What differs is told, and how far it does.
    manifest["metrics"]["accuracy"] += 0.25
    rows = objects(first)
    probabilities = [rows[0].probabilities[0] + 0.125, *rows[0].probabilities[1:]]
    label = "candidate" if rows[0].label != "candidate" else "confirmed"
    changed = [replace(rows[0], probabilities=probabilities, label=label), *rows[1:]]
    storage.remove(storage.results_folder(first.pk))
    keep_objects(first, changed)
    manifest["predictions"] = manifest_of(first)["predictions"]
    comparison = compared(manifest, again)
    assert not comparison.is_same
    accuracy = next(figure for figure in comparison.figures if figure.name == "accuracy")
    assert accuracy.difference == pytest.approx(-0.25)
    assert comparison.columns["name"]
    assert not comparison.columns["prediction"]
    assert comparison.distance is not None
    assert comparison.distance.largest == pytest.approx(0.125)
    assert comparison.distance.labels == 1
    # Without the first session nobody can tell.
    manifest["session"]["id"] = "00000000-0000-4000-8000-000000000000"
    assert compared(manifest, again).distance is None


@pytest.mark.long
def test_what_came_out_otherwise_is_told_and_ends_the_command_with_a_fault(
    first: TrainingSession, tmp_path: Path
) -> None:
    manifest = manifest_of(first)
    manifest["metrics"] = {**manifest["metrics"], "accuracy": 2.0}
    manifest["versions"]["numpy"] = "1.0"
    manifest["predictions"]["sha256"]["probability_confirmed"] = "0"
    out = StringIO()
    with pytest.raises(CommandError, match=r"^It did not come out the same\.$"):
        call_command("rerun", saved(manifest, tmp_path), stdout=out)
    told = out.getvalue()
    assert "It was made with other libraries: numpy 1.0 (here " in told
    assert f"accuracy: 2.0 → {first.metrics['accuracy']}, differs by -" in told
    assert "predictions, probability_confirmed: differ\n" in told
    assert "cannot be told how far they differ" in told


@pytest.mark.long
def test_a_users_files_are_found_by_their_content(
    kepler: DatasetSnapshot, tmp_path: Path, media: Path
) -> None:
    def uploaded(draw: str, name: str) -> Upload:
        return Upload(path=kepler_file(tmp_path / name, draw), name=name)

    first = created(
        data=UploadedData(
            mission="kepler", training=uploaded("a", "a.csv"), testing=uploaded("b", "b.csv")
        )
    )
    manifest = manifest_of_unfinished(first)
    again = repeat(manifest)
    assert {(file.purpose, file.sha256, file.name) for file in again.files.all()} == {
        (file.purpose, file.sha256, file.name) for file in first.files.all()
    }
    assert again.mapping == first.mapping
    # On another server somebody has to bring them.
    for file in first.files.all():
        (media / file.file.name).unlink()
    Session.objects.all().delete()
    with pytest.raises(CommandError) as refused:
        rerun(saved(manifest, tmp_path))
    assert str(refused.value).startswith("The manifest's testing_file 'b.csv' (SHA-256 ") or str(
        refused.value
    ).startswith("The manifest's training_file 'a.csv' (SHA-256 ")
    files = [kepler_file(tmp_path / f"mine {draw}", draw) for draw in "ab"]
    brought = repeat(manifest, files=files)
    assert brought.files.count() == 2
    assert all(path.is_file() for path in files)
    with pytest.raises(CommandError, match="There is no file"):
        rerun(saved(manifest, tmp_path), "--file", str(tmp_path / "nothing"))


def manifest_of_unfinished(session: TrainingSession) -> dict[str, Any]:
    """Return the manifest that a session will have, but for what comes of it."""
    keep_objects(session, [])
    manifest: dict[str, Any] = manifest_of(session)
    storage.remove(storage.results_folder(session.pk))
    return manifest


@pytest.mark.long
def test_a_prediction_is_repeated_with_the_very_model(published: TrainingSession) -> None:
    first = services.start_prediction(
        data=ArchiveData(mission="kepler"), model_id=published.pk, seed=3
    )
    keep_objects(first, [])
    manifest = manifest_of(first)
    assert manifest["request"]["model"]["artifact"]["estimator.ubj"]
    again = repeat(manifest)
    assert isinstance(again, PredictionSession)
    assert (again.published_model, again.seed, again.snapshot) == (published, 3, first.snapshot)
    manifest["request"]["model"]["id"] = str(first.pk)
    with pytest.raises(Exception, match="is not on this server; a published one is installed"):
        repeat(manifest)


def test_a_table_that_is_not_loaded_is_named(
    kepler: DatasetSnapshot, make_manifest: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    manifest = make_manifest()
    manifest["snapshot"]["file_sha256"] = "f" * 64
    with pytest.raises(CommandError) as refused:
        rerun(saved(manifest, tmp_path))
    assert "is not loaded on this server: load it with `manage.py load_dataset kepler" in str(
        refused.value
    )


@pytest.fixture
def make_manifest(kepler: DatasetSnapshot) -> Callable[..., dict[str, Any]]:
    """Return a function that makes the manifest of a session that nobody ran."""

    def make() -> dict[str, Any]:
        session = created()
        return manifest_of_unfinished(session)

    return make


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: "nothing", "is no manifest of a session: it is not JSON."),
        (lambda _: [1], "The file is no manifest of a session."),
        (lambda _: {"a": 1}, "The file is no manifest of a session."),
        (lambda m: m | {"format": 9}, "The manifest has format 9, but this version repeats 1."),
        (lambda m: {**m, "request": None}, "it lacks request.mission."),
        (lambda m: {n: v for n, v in m.items() if n != "files"}, "it lacks files."),
        (lambda m: m | {"session": {"id": 1, "kind": "analysis"}}, "its kind is 'analysis'"),
        (lambda m: _asking(m, published="k2-vetting"), "is of the published model k2-vetting, w"),
        (lambda m: _asking(m, mission="corot"), "is of the mission 'corot', which is not known"),
        (lambda m: _asking(m, seed=None), "its request is damaged."),
        (lambda m: _asking(m, protocols=["x"]), "its request is damaged."),
        (lambda m: _asking(m, model_type="wizard"), "model_type was 'wizard'"),
        (lambda m: _asking(m, data_source="user"), "training_file is missing"),
        (lambda m: m | {"snapshot": None}, "its request is damaged."),
    ],
)
def test_a_bad_or_foreign_manifest_is_refused_in_one_sentence(
    make_manifest: Callable[..., dict[str, Any]],
    tmp_path: Path,
    change: Callable[[dict[str, Any]], Any],
    said: str,
) -> None:
    manifest = make_manifest()
    with pytest.raises(CommandError) as refused:
        rerun(saved(change(manifest), tmp_path))
    assert said in str(refused.value)
    assert TrainingSession.objects.count() == 1


def _asking(manifest: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return manifest | {"request": manifest["request"] | changes}


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.json cannot be read: No such file"):
        rerun(str(tmp_path / "nothing.json"))


def test_a_manifest_is_as_private_as_its_result(client: Client, kepler: DatasetSnapshot) -> None:
    session = created()
    address = f"/api/v1/training-sessions/{session.pk}/manifest"
    TrainingSession.objects.update(owner_key="anonymous:x")
    assert client.get(address).status_code == 409
    TrainingSession.objects.update(owner_key="user:1")
    assert client.get(address).status_code == 404
