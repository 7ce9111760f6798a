from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.artifact import training_stars
from mlcore.datasets.snapshot import read_snapshot, write_snapshot
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.fine_tuning import ROUNDS
from mlcore.jobs import ARTIFACT, PREDICTIONS, predict_job, train_job
from mlcore.models.classifier import CLASSES
from mlcore.prediction import prediction_rows
from mlcore.training import FIXED_SPLIT, HELD_OUT_SPLIT, UPLOADED_TEST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table

EVERY_MODEL = pytest.mark.parametrize("model_type", mlcore.MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", mlcore.DATASETS)
FEW = {"n_estimators": "5", "max_iter": "10"}


class Events(list[dict[str, Any]]):
    def __call__(self, event: dict[str, Any]) -> None:
        self.append(event)

    def check(self) -> None:
        """Fail unless every event is strict JSON and progress only goes forward, to the end."""
        assert all(set(event) == {"progress", "step"} for event in self)
        json.dumps(self, allow_nan=False)
        fractions = [event["progress"] for event in self]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)
        assert len(set(fractions)) > 5
        assert all(event["step"] for event in self)


def run(job: Callable[[Any, Any], dict[str, Any]], folder: Path, **argument: Any) -> dict[str, Any]:
    """Run a job, check what every job must do, and return its result."""
    events = Events()
    given = json.loads(json.dumps({**argument, "folder": str(folder)}))
    folder.mkdir(parents=True, exist_ok=True)
    result = job(given, events)
    events.check()
    assert sorted(path.name for path in folder.iterdir()) == [ARTIFACT, PREDICTIONS]
    assert set(result) == {"metrics", "metrics_before", "model", "warnings"}
    # Strict JSON: what the database and the browser get.
    return dict(json.loads(json.dumps(result, allow_nan=False)))


def trained_on(folder: Path, **argument: Any) -> dict[str, Any]:
    return run(
        train_job,
        folder,
        **{"dataset": "kepler", "model_type": "xgboost", "hyperparameters": FEW, "seed": 1}
        | argument,
    )


def predicted(folder: Path, artifact: Path, **argument: Any) -> dict[str, Any]:
    return run(predict_job, folder, dataset="kepler", artifact=str(artifact), **argument)


def written(table: Table, path: Path, **added: object) -> str:
    table.frame.assign(**added).to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="session")
def snapshot(
    small_tables: Callable[[str], tuple[Table, Table]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("snapshots")

    def write(mission: str) -> Path:
        path = folder / f"{mission}.parquet"
        if not path.exists():
            training, testing = small_tables(mission)
            frame = pd.concat([training.frame, testing.frame], ignore_index=True)
            numbers = np.arange(len(frame)) + 1
            write_snapshot(replace(training, frame=frame, row_numbers=numbers), path)
        return path

    return write


@pytest.fixture(scope="session")
def published(snapshot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that was trained on the small Kepler snapshot."""
    folder = tmp_path_factory.mktemp("published")
    trained_on(folder, snapshot=str(snapshot("kepler")))
    return folder / ARTIFACT


@pytest.fixture(scope="session")
def own(kepler_table: Table, kepler_tables: tuple[Table, Table]) -> tuple[Table, Table]:
    """Return a user's training and testing rows of stars that the small tables do not have."""
    known = set(kepler_tables[0].hosts) | set(kepler_tables[1].hosts)
    others = kepler_table.take(~kepler_table.hosts.isin(known).to_numpy())
    return mlcore.split(others.take(range(500)))


@EVERY_MODEL
@EVERY_MISSION
def test_every_model_is_trained_on_a_missions_snapshot(
    model_type: str, mission: str, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    path = snapshot(mission)
    result = trained_on(tmp_path, dataset=mission, model_type=model_type, snapshot=str(path))
    training, testing = read_snapshot(path, mlcore.DATASETS[mission])
    assert result["metrics"]["rows"] == result["model"]["test_rows"] == len(testing)
    assert result["metrics"]["split"] == FIXED_SPLIT
    assert result["metrics_before"] is None
    assert result["model"]["model_type"] == model_type
    assert result["model"]["train_rows"] == len(training)
    assert result["model"]["seed"] == 1
    assert result["model"]["classes"] == ["candidate", "false_positive", "confirmed"]
    assert training_stars(tmp_path / ARTIFACT) == set(training.hosts)
    assert training_stars(tmp_path / ARTIFACT).isdisjoint(testing.hosts)

    rows = list(prediction_rows(tmp_path / PREDICTIONS))
    assert [row["name"] for row in rows] == list(testing.names)
    assert [row["number"] for row in rows] == list(range(1, len(testing) + 1))
    right = np.mean([row["label"] == row["actual"] for row in rows])
    assert result["metrics"]["accuracy"] == pytest.approx(right)
    loaded = mlcore.load_artifact(tmp_path / ARTIFACT)
    np.testing.assert_array_equal(
        loaded.predict_proba(testing.features), [row["probabilities"] for row in rows]
    )


@EVERY_MODEL
def test_every_model_is_trained_on_uploads(
    model_type: str, own: tuple[Table, Table], tmp_path: Path
) -> None:
    result = trained_on(
        tmp_path / "job",
        model_type=model_type,
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[1], tmp_path / "testing.csv"),
    )
    assert result["metrics"]["rows"] == len(own[1])
    assert result["metrics"]["split"] == UPLOADED_TEST
    assert result["model"]["train_rows"] == len(own[0])


def test_the_same_job_gives_the_same_result_twice(
    snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    path = str(snapshot("kepler"))
    results = [
        trained_on(tmp_path / name, model_type="neural_network", snapshot=path)
        for name in ("first", "again")
    ]
    assert results[0] == results[1]
    first, again = (
        list(prediction_rows(tmp_path / name / PREDICTIONS)) for name in ("first", "again")
    )
    assert str(first) == str(again)


def test_what_reading_an_upload_showed_is_told_with_the_file_that_it_is_about(
    own: tuple[Table, Table], tmp_path: Path
) -> None:
    testing = replace(own[1], frame=own[1].frame.drop(columns=["koi_depth"]))
    result = trained_on(
        tmp_path / "job",
        hyperparameters={**FEW, "criterion": "gini"},
        training_file=written(own[0], tmp_path / "training.csv", koi_score=0.5, remark="x"),
        testing_file=written(testing, tmp_path / "testing.csv"),
    )
    assert result["warnings"] == [
        "In the training file these unknown columns were ignored: remark.",
        (
            "In the training file these columns were not shown to the model, because they state or"
            " follow the disposition: koi_score."
        ),
        "In the testing file: The table lacks the feature columns koi_depth.",
        "max_iter is no hyperparameter of xgboost and was ignored.",
        "criterion is no hyperparameter of xgboost and was ignored.",
    ]


def test_stars_in_both_uploads_are_warned_of(own: tuple[Table, Table], tmp_path: Path) -> None:
    result = trained_on(
        tmp_path / "job",
        hyperparameters={},
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[0].take(range(30)), tmp_path / "testing.csv"),
    )
    (warning,) = result["warnings"]
    assert "are in both the training and the testing table" in warning


def test_unlabelled_uploads_are_predicted_and_not_measured(
    own: tuple[Table, Table], tmp_path: Path
) -> None:
    unlabelled = replace(own[1], frame=own[1].frame.drop(columns="koi_disposition"))
    result = trained_on(
        tmp_path / "job",
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(unlabelled, tmp_path / "testing.csv"),
    )
    assert result["metrics"] is None
    rows = list(prediction_rows(tmp_path / "job" / PREDICTIONS))
    assert [row["actual"] for row in rows] == [None] * len(own[1])


def test_a_job_that_cannot_work_leaves_nothing_behind(
    own: tuple[Table, Table], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "job"
    with pytest.raises(HyperparameterError):
        trained_on(folder, snapshot=str(snapshot("kepler")), hyperparameters={"max_depth": "0"})
    with pytest.raises(DataError):
        trained_on(
            folder,
            training_file=written(own[0].take(range(10)), tmp_path / "training.csv"),
            testing_file=written(own[1], tmp_path / "testing.csv"),
        )
    assert list(folder.iterdir()) == []


def test_the_published_model_predicts_the_missions_fixed_test_rows(
    published: Path, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    path = snapshot("kepler")
    result = predicted(tmp_path, published, snapshot=str(path))
    testing = read_snapshot(path, mlcore.DATASETS["kepler"])[1]
    assert result["metrics"]["rows"] == len(testing)
    assert result["metrics"]["split"] == FIXED_SPLIT
    assert result["metrics_before"] is None
    assert result["warnings"] == []
    assert result["model"]["fine_tuned"] is False
    assert result["model"]["added_rounds"] == result["model"]["fine_tuning_rows"] == 0
    found = [row["probabilities"] for row in prediction_rows(tmp_path / PREDICTIONS)]
    saved = mlcore.load_artifact(published)
    np.testing.assert_array_equal(saved.predict_proba(testing.features), found)


def test_a_testing_file_alone_is_predicted_by_the_published_model(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    result = predicted(
        tmp_path / "job", published, testing_file=written(own[1], tmp_path / "testing.csv")
    )
    assert result["metrics"]["rows"] == len(own[1])
    assert result["metrics"]["split"] == UPLOADED_TEST
    assert result["model"]["fine_tuned"] is False
    assert result["warnings"] == []


def test_fine_tuning_reports_the_same_rows_before_and_after(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    result = predicted(
        tmp_path / "job",
        published,
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[1], tmp_path / "testing.csv"),
    )
    assert result["model"]["fine_tuned"] is True
    assert result["model"]["fine_tuning_rows"] == len(own[0])
    assert result["model"]["added_rounds"] == ROUNDS
    before, after = result["metrics_before"], result["metrics"]
    assert before["rows"] == after["rows"] == len(own[1])
    assert before["split"] == after["split"] == UPLOADED_TEST
    best = mlcore.load_artifact(published).predict_proba(own[1].features).argmax(axis=1)
    assert own[1].labels is not None
    right = [CLASSES[found] == label for found, label in zip(best, own[1].labels, strict=True)]
    assert before["accuracy"] == pytest.approx(np.mean(right))
    assert before != after
    assert training_stars(tmp_path / "job" / ARTIFACT) == (
        training_stars(published) | set(own[0].hosts)
    )


def test_fine_tuning_on_one_file_holds_a_fifth_of_its_stars_out(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    whole = own[0]
    result = predicted(
        tmp_path / "job", published, training_file=written(whole, tmp_path / "training.csv")
    )
    training, testing = mlcore.split(whole)
    assert result["metrics"]["split"] == result["metrics_before"]["split"] == HELD_OUT_SPLIT
    assert result["metrics"]["rows"] == len(testing)
    assert result["model"]["fine_tuning_rows"] == len(training)
    rows = list(prediction_rows(tmp_path / "job" / PREDICTIONS))
    assert [row["name"] for row in rows] == list(testing.names)
    assert result["warnings"] == []


def test_the_smallest_file_that_may_be_uploaded_can_be_fine_tuned_on(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    single = own[0].take((~own[0].hosts.duplicated(keep=False)).to_numpy())
    assert single.labels is not None
    # Five stars of two kinds each and ten of the third: what `check_trainable` just lets pass.
    counts = {"candidate": 5, "false_positive": 10, "confirmed": 5}
    smallest = single.take(
        np.concatenate(
            [np.flatnonzero(single.labels == kind)[:count] for kind, count in counts.items()]
        )
    )
    result = predicted(
        tmp_path / "job", published, training_file=written(smallest, tmp_path / "training.csv")
    )
    assert result["model"]["fine_tuning_rows"] == 16
    assert result["metrics"]["rows"] == 4
    with pytest.raises(DataError, match=r"training needs at least 20\.$"):
        predicted(
            tmp_path / "refused",
            published,
            training_file=written(smallest.take(range(19)), tmp_path / "fewer.csv"),
        )


def test_rows_of_stars_that_the_published_model_was_trained_on_are_warned_of(
    published: Path, kepler_table: Table, tmp_path: Path
) -> None:
    seen = kepler_table.take(kepler_table.hosts.isin(training_stars(published)).to_numpy())
    mixed = kepler_table.take(range(600))
    flattered = int(mixed.hosts.isin(set(seen.hosts)).sum())
    assert 0 < flattered < 600
    result = predicted(
        tmp_path / "job", published, testing_file=written(mixed, tmp_path / "testing.csv")
    )
    (warning,) = result["warnings"]
    assert warning == (
        f"{flattered} of the 600 predicted rows belong to host stars that the published model was"
        " trained on; the figures flatter it on these."
    )


def test_rows_without_a_star_are_not_taken_for_ones_that_were_trained_on(
    own: tuple[Table, Table], tmp_path: Path
) -> None:
    nameless = [
        replace(
            table,
            frame=table.frame.assign(kepid=table.frame["kepid"].mask(np.arange(len(table)) < 40)),
        )
        for table in own
    ]
    training, testing = (
        written(table, tmp_path / f"{name}.csv")
        for table, name in zip(nameless, ("training", "testing"), strict=True)
    )
    first = trained_on(
        tmp_path / "job", hyperparameters={}, training_file=training, testing_file=testing
    )
    second = predicted(tmp_path / "next", tmp_path / "job" / ARTIFACT, testing_file=testing)
    assert first["warnings"] == second["warnings"] == []


def test_a_damaged_model_predicts_nothing(
    snapshot: Callable[[str], Path], published: Path, tmp_path: Path
) -> None:
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(published, broken)
    (broken / "estimator.ubj").write_bytes(b"")
    with pytest.raises(ArtifactError):
        predicted(tmp_path / "job", broken, snapshot=str(snapshot("kepler")))
    assert list((tmp_path / "job").iterdir()) == []


@EVERY_MISSION
def test_a_snapshots_test_rows_are_fixed_and_share_no_star_with_the_others(
    mission: str, whole_table: Callable[[str], Table], tmp_path: Path
) -> None:
    whole = whole_table(mission)
    tested = write_snapshot(whole, tmp_path / "snapshot.parquet")
    training, testing = read_snapshot(tmp_path / "snapshot.parquet", whole.dataset)
    assert len(training) + len(testing) == len(whole)
    assert list(testing.names) == list(whole.names[tested])
    assert set(training.hosts).isdisjoint(testing.hosts)
    pd.testing.assert_frame_equal(testing.features, whole.take(tested).features)
