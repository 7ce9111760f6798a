from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from mlcore import load_artifact
from mlcore.datasets.missions.kepler import DR25
from mlcore.pretrained import PUBLISHED, card, load_published, sources_in_folder
from sessions_app import selectors, services
from sessions_app.exceptions import RefusedError
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import Attempt, DatasetSnapshot, TrainingSession
from sessions_app.queue.session_lock import held
from sessions_app.services import Upload, UploadedData
from sessions_app.services.publishing import published_id
from tests.archive_tables import as_csv, drawn, header
from tests.sessions_app.real_rows import BEYOND_DEFAULT, kepler_file
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.django_db


def session(status: Status, **facts: object) -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training",
        status=status,
        mission="kepler",
        data_source="nasa",
        **({"model_type": "svm"} | facts),
    )


def offered() -> list[TrainingSession]:
    return list(TrainingSession.objects.filter(published=True))


def test_a_completed_model_can_be_published() -> None:
    made = session(Status.COMPLETED)
    services.publish(made)
    assert made.published
    assert services.published_model("kepler") == made


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.COMPLETED}))
def test_a_model_that_did_not_complete_cannot_be_published(status: Status) -> None:
    ended = status in FINAL
    made = session(status, error="It broke." if ended else "")
    with pytest.raises(RefusedError) as refused:
        services.publish(made)
    assert refused.value.sentence == (
        "It broke." if ended else "Only the model of a completed session can be published."
    )
    assert not TrainingSession.objects.filter(published=True).exists()


# The carried models


@pytest.fixture
def installed(media: Path) -> dict[str, TrainingSession]:
    """Publish the carried models, with no table loaded."""
    return {model.card["name"]: model for model in services.install_carried()}


def test_every_carried_model_becomes_a_completed_session(
    installed: dict[str, TrainingSession],
) -> None:
    assert tuple(installed) == tuple(PUBLISHED)
    for name, made in installed.items():
        model_card, declared = card(name), PUBLISHED[name]
        assert (made.pk, made.card) == (published_id(model_card), model_card)
        assert (made.kind, made.status, made.published) == ("training", "completed", True)
        assert made.mission == (declared.missions[0] if len(declared.missions) == 1 else "joint")
        assert (made.task, made.feature_set) == (declared.task.name, declared.feature_set)
        assert made.metrics["rows"] == model_card["figures"][0]["rows"]
        assert made.report["measurement"]["figures"] == model_card["figures"][0]["figures"]
        assert made.model["columns"] == model_card["columns"]
        assert made.warnings == model_card["warnings"]
        assert made.finished_at is not None
        assert made.error == ""
        assert made.owner_key == ""


@pytest.mark.long
def test_its_artifact_lies_where_that_of_every_session_lies(
    installed: dict[str, TrainingSession], kept: Callable[[], list[str]]
) -> None:
    for name, made in installed.items():
        loaded = load_artifact(storage.artifact_folder(made.pk))
        assert loaded.stars == load_published(name).stars
    folders = {name.split("/")[1] for name in kept()}
    assert folders == {str(made.pk) for made in installed.values()}


@pytest.mark.long
def test_it_went_through_the_states_of_every_session(
    installed: dict[str, TrainingSession],
) -> None:
    for made in installed.values():
        attempt = Attempt.objects.get(session=made)
        assert (attempt.number, attempt.ending) == (1, "completed")
        assert made.started_at is not None
        assert made.attempts == 1


@pytest.mark.long
def test_installing_again_changes_nothing(
    installed: dict[str, TrainingSession], kept: Callable[[], list[str]]
) -> None:
    before = kept()
    assert services.install_carried() == []
    assert services.withdraw_unreadable() == []
    assert len(offered()) == len(PUBLISHED)
    assert kept() == before


@pytest.mark.long
def test_a_model_whose_files_were_lost_is_installed_again(
    installed: dict[str, TrainingSession],
) -> None:
    lost = installed["k2-vetting"]
    storage.remove(storage.artifact_folder(lost.pk))
    assert services.install_carried() == [lost]
    load_artifact(storage.artifact_folder(lost.pk))
    assert len(offered()) == len(PUBLISHED)


@pytest.mark.long
def test_a_carried_model_that_an_operator_withdrew_stays_withdrawn(
    installed: dict[str, TrainingSession],
) -> None:
    services.withdraw(installed["k2-vetting"])
    assert services.install_carried() == []
    # The joint model serves K2 in its place.
    assert services.published_model("k2", task="vetting") == installed["joint-vetting"]


@pytest.mark.long
def test_a_model_that_can_be_fine_tuned_stays_the_missions_usual_one(
    installed: dict[str, TrainingSession],
) -> None:
    forest = session(
        Status.COMPLETED, task="vetting", finished_at=timezone.now() + timedelta(hours=1)
    )
    services.publish(forest)
    assert services.published_model("kepler", task="vetting") == installed["kepler-vetting"]


@pytest.mark.long
def test_a_model_that_another_process_installs_is_left_to_it(media: Path) -> None:
    theirs = published_id(card("tess-vetting"))
    with held(theirs):
        models = services.install_carried()
    assert theirs not in {model.pk for model in models}
    assert len(models) == len(PUBLISHED) - 1


@pytest.mark.long
def test_every_mission_is_served_in_both_tasks_without_any_table(
    installed: dict[str, TrainingSession],
) -> None:
    assert not DatasetSnapshot.objects.exists()
    for mission in ("kepler", "k2", "tess"):
        for task in ("vetting", "disposition"):
            assert services.published_model(mission, task=task) == installed[f"{mission}-{task}"]


@pytest.mark.long
def test_a_table_that_is_loaded_and_was_trained_on_is_named(media: Path, archive_dir: Path) -> None:
    loaded, _, _ = services.load_dataset("k2", file=None, folder=archive_dir)
    made = {model.card["name"]: model for model in services.install_carried()}
    assert made["k2-vetting"].snapshot == loaded
    assert made["kepler-vetting"].snapshot is None
    assert list(made["joint-vetting"].further_snapshots.all()) == [loaded]


@pytest.mark.parametrize(
    ("mission", "task"),
    [
        pytest.param("kepler", "disposition", marks=pytest.mark.long),
        pytest.param("k2", "vetting", marks=pytest.mark.long),
        pytest.param("tess", "vetting", marks=pytest.mark.long),
    ],
)
def test_uploads_are_predicted_and_fine_tuned_on_with_no_table_loaded(
    mission: str,
    task: str,
    installed: dict[str, TrainingSession],
    jobs: None,
    archive_dir: Path,
    tmp_path: Path,
) -> None:
    training, testing = (
        part.iloc[:rows] for part, rows in zip(drawn(archive_dir, mission), (250, 25), strict=True)
    )

    def file(table: pd.DataFrame, name: str) -> Upload:
        path = tmp_path / name
        path.write_bytes(as_csv(table, header=header(archive_dir, mission)))
        return Upload(path=path, name=f"{name}.csv")

    data = UploadedData(
        mission=mission, training=file(training, "mine"), testing=file(testing, "new")
    )
    started = services.start_prediction(data=data, task=task)
    worker.execute(started.pk)
    started.refresh_from_db()
    assert (started.status, started.error) == ("completed", "")
    assert started.published_model == installed[f"{mission}-{task}"]
    assert started.model["fine_tuned"] is True
    assert len(selectors.objects_of(started)) == len(testing)
    assert started.metrics_before["rows"] == started.metrics["rows"] > 0
    # Only the Kepler table is carried, and only by one can be told what was forgotten.
    unmeasured = [part for part in started.report["notes"] if "made the model forget" in part]
    assert (started.report["old_domain"] is None) == bool(unmeasured) == (mission != "kepler")


@pytest.mark.long
def test_an_upload_alone_is_predicted_with_no_table_loaded(
    installed: dict[str, TrainingSession], jobs: None, tmp_path: Path
) -> None:
    data = UploadedData(mission="kepler", testing=upload(tmp_path, "a", rows=60))
    started = services.start_prediction(data=data, task="vetting")
    worker.execute(started.pk)
    started.refresh_from_db()
    assert (started.status, started.error) == ("completed", "")
    assert started.published_model == installed["kepler-vetting"]
    assert started.model["fine_tuned"] is False
    assert len(selectors.objects_of(started)) > 50
    assert started.report["notes"] == [
        ("No object has analogues: the rows that the model was trained on are not on this server.")
    ]


# What cannot be read


def test_a_model_of_an_older_format_is_offered_no_longer(media: Path) -> None:
    old = session(Status.COMPLETED, published=True)
    folder = storage.artifact_folder(old.pk)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"format": 1}))
    assert services.withdraw_unreadable() == [old]
    assert offered() == []
    assert services.withdraw_unreadable() == []


def test_a_model_without_files_is_offered_no_longer(media: Path) -> None:
    lost = session(Status.COMPLETED, published=True)
    assert services.withdraw_unreadable() == [lost]


@pytest.mark.long
def test_a_model_that_can_be_read_stays_offered(published: TrainingSession) -> None:
    assert services.withdraw_unreadable() == []
    assert offered() == [published]


# Training anew


@pytest.mark.long
@pytest.mark.usefixtures("few_trees")
def test_the_model_is_trained_on_the_current_snapshot_and_published(
    kepler: DatasetSnapshot,
) -> None:
    made = services.train_pretrained("kepler-disposition")
    assert (made.status, made.published, made.snapshot) == ("completed", True, kepler)
    assert (made.model_type, made.task) == ("xgboost", "disposition")
    assert (
        made.hyperparameters.items()
        >= dict(PUBLISHED["kepler-disposition"].hyperparameters).items()
    )
    assert services.published_model("kepler") == made
    (table,) = made.card["data"]
    assert (table["sha256"], table["rows"]) == (kepler.sha256, kepler.rows)
    assert table["tested_on"]["rows"] == kepler.test_rows
    assert len(selectors.objects_of(made)) == kepler.test_rows


@pytest.mark.long
@pytest.mark.usefixtures("few_trees")
def test_a_model_that_is_trained_anew_comes_before_the_carried_one(
    installed: dict[str, TrainingSession], kepler: DatasetSnapshot
) -> None:
    made = services.train_pretrained("kepler-vetting")
    assert services.published_model("kepler", task="vetting") == made
    assert made != installed["kepler-vetting"]
    assert services.install_carried() == []
    assert services.published_model("kepler", task="vetting") == made


@pytest.mark.long
@pytest.mark.usefixtures("few_trees")
def test_training_the_same_again_makes_its_model_the_newest(
    kepler: DatasetSnapshot,
) -> None:
    made = services.train_pretrained("kepler-vetting")
    other = session(
        Status.COMPLETED, task="vetting", finished_at=timezone.now(), model_type="xgboost"
    )
    services.publish(other)
    assert services.published_model("kepler", task="vetting") == other
    assert services.train_pretrained("kepler-vetting") == made
    assert services.published_model("kepler", task="vetting") == made


def test_a_training_that_fails_leaves_the_earlier_model_published(
    kepler: DatasetSnapshot, media: Path
) -> None:
    earlier = session(Status.COMPLETED)
    services.publish(earlier)
    (media / kepler.file.name).write_bytes(b"\x00rubbish")
    with pytest.raises(RefusedError):
        services.train_pretrained("kepler-disposition")
    assert services.published_model("kepler") == earlier


def test_a_mission_that_is_not_loaded_cannot_be_trained_on(media: Path) -> None:
    with pytest.raises(RefusedError, match=r"`manage\.py load_dataset k2`"):
        services.train_pretrained("k2-vetting")
    assert not TrainingSession.objects.exists()


def test_the_full_table_is_taken_from_a_folder_and_asked_for(media: Path, tmp_path: Path) -> None:
    file = kepler_file(tmp_path / "default.csv", without=BEYOND_DEFAULT)
    services.load_dataset("kepler", file=file, folder=None)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(RefusedError, match=r"name a folder that has it with --folder"):
        services.train_pretrained("kepler-wide-vetting")
    with pytest.raises(RefusedError, match=r" has no full table of Kepler"):
        services.train_pretrained("kepler-wide-vetting", folder=empty)


@pytest.mark.usefixtures("few_trees")
@pytest.mark.long
def test_a_loaded_table_with_the_full_tables_columns_needs_no_folder(
    kepler: DatasetSnapshot,
) -> None:
    model = services.train_pretrained("kepler-wide-vetting")
    assert model.published
    assert model.feature_set == "wide"
    assert model.snapshot == kepler
    assert "koi_dikco_msky" in model.card["columns"]
    (table,) = model.card["data"]
    assert table["usable_rows"] <= table["rows"]


def test_the_carried_table_stands_in_for_a_full_table(media: Path) -> None:
    # It has the full table's columns, and what is loaded from it the same rows.
    table = sources_in_folder(PUBLISHED["kepler-wide-vetting"], DR25.path.parent)
    assert len(table["kepler"].table) == DR25.rows
    assert table["kepler"].usable is not None
    assert int(table["kepler"].usable.sum()) == DR25.rows - 1
