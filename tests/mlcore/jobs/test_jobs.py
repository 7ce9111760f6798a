from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets.snapshot import read_snapshot, write_snapshot
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.jobs.run import predict_job, train_job
from mlcore.model_selection.train_test import FIXED_SPLIT, HELD_OUT_SPLIT, UPLOADED_TEST
from mlcore.models.classifier import CLASSES
from mlcore.persistence.artifact import training_stars
from mlcore.prediction.stored import prediction_rows
from mlcore.training.fine_tune import ROUNDS
from tests.mlcore.evaluation.told_figures import splits_of, untold
from tests.mlcore.hand_made import FITTED_MODELS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table

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
    assert set(result) == {"metrics", "metrics_before", "report", "model", "warnings"}
    told = ("metrics", "metrics_before", "report", "model")
    assert untold({key: result[key] for key in told}) == []
    # Strict JSON: what the database and the browser get.
    return dict(json.loads(json.dumps(result, allow_nan=False)))


def trained_on(folder: Path, **argument: Any) -> dict[str, Any]:
    # On the measured columns alone: judging derived ones takes seconds a job.
    usual = {
        "dataset": "kepler",
        "model_type": "xgboost",
        "hyperparameters": FEW,
        "seed": 1,
        "feature_set": "measured",
    }
    return run(train_job, folder, **usual | argument)


def flipped(table: Table) -> Table:
    """Return a user's table that calls every planet a false positive and the other way round."""
    words = {"CONFIRMED": "FALSE POSITIVE", "FALSE POSITIVE": "CONFIRMED"}
    labels = table.frame["koi_disposition"].replace(words)
    return replace(table, frame=table.frame.assign(koi_disposition=labels))


def predicted(folder: Path, artifact: Path, **argument: Any) -> dict[str, Any]:
    return run(predict_job, folder, dataset="kepler", artifact=str(artifact), **argument)


def written(table: Table, path: Path, **added: Any) -> str:
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


@pytest.mark.parametrize(
    ("model_type", "mission", "feature_set"),
    [
        *((model_type, "kepler", "measured") for model_type in FITTED_MODELS),
        *(("linear_regression", mission, "default") for mission in mlcore.DATASETS),
        ("xgboost", "tess", "wide"),
        ("decision_tree", "k2", "harmonised"),
    ],
)
def test_a_model_is_trained_on_a_missions_snapshot(
    model_type: str,
    mission: str,
    feature_set: str,
    snapshot: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    path = snapshot(mission)
    result = trained_on(
        tmp_path,
        dataset=mission,
        model_type=model_type,
        snapshot=str(path),
        feature_set=feature_set,
    )
    training, testing = read_snapshot(path, mlcore.DATASETS[mission])
    assert result["metrics"]["rows"] == result["model"]["test_rows"] == len(testing)
    assert result["metrics"]["split"] == FIXED_SPLIT
    assert result["metrics_before"] is None
    assert result["model"]["model_type"] == model_type
    assert result["model"]["train_rows"] == len(training)
    assert result["model"]["seed"] == 1
    assert result["model"]["feature_set"] == feature_set
    assert result["model"]["missions"] == [mission]
    assert result["model"]["task"] == result["report"]["task"] == "disposition"
    assert result["report"]["measurement"]["rows"] == len(testing)
    assert result["model"]["classes"] == ["candidate", "false_positive", "confirmed"]
    assert training_stars(tmp_path / ARTIFACT) == set(training.hosts)
    assert training_stars(tmp_path / ARTIFACT).isdisjoint(testing.hosts)

    rows = list(prediction_rows(tmp_path / PREDICTIONS))
    assert [row["name"] for row in rows] == list(testing.names)
    assert [row["number"] for row in rows] == list(range(1, len(testing) + 1))
    right = np.mean([row["label"] == row["actual"] for row in rows])
    assert result["metrics"]["accuracy"] == pytest.approx(right)
    loaded = mlcore.load_artifact(tmp_path / ARTIFACT)
    seen = loaded.features(testing, reference=training.with_rows_of(testing))
    np.testing.assert_array_equal(
        loaded.classifier.predict_proba(seen), [row["probabilities"] for row in rows]
    )


@pytest.mark.parametrize("model_type", ["linear_regression", "svm"])
def test_a_model_is_trained_on_uploads(
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
    warning = result["warnings"][-1]
    assert "are in both the training and the testing table" in warning
    assert warning.endswith("on the 30 testing rows of these stars.")


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
    saved = mlcore.load_artifact(published).classifier
    np.testing.assert_array_equal(saved.predict_proba(testing.features), found)
    assert result["report"]["before_fine_tuning"] is result["report"]["old_domain"] is None
    assert result["report"]["calibration"] == saved.calibration.as_figures(None)  # type: ignore[union-attr]


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
    model = mlcore.load_artifact(published).classifier
    best = model.predict_proba(own[1].features).argmax(axis=1)
    assert own[1].labels is not None
    right = [CLASSES[found] == label for found, label in zip(best, own[1].labels, strict=True)]
    assert before["accuracy"] == pytest.approx(np.mean(right))
    assert before != after
    report = result["report"]
    assert report["before_fine_tuning"]["rows"] == report["measurement"]["rows"] == len(own[1])
    assert [each["protocol"] for each in report["protocols"]] == ["cross_validated"]
    # Without a loaded table it is held against the test rows of the one that is carried.
    assert report["notes"] == []
    old = report["old_domain"]
    assert old["before"]["split"] == old["after"]["split"]
    assert old["before"]["split"].startswith(f"{FIXED_SPLIT}; of the Kepler Q1-Q17 DR25 table")
    assert 1000 < old["before"]["rows"] == old["after"]["rows"]
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
    assert [each for each in result["warnings"] if "made the model forget" not in each] == []


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


@pytest.fixture(scope="session")
def vetted(
    snapshot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the result of a vetting model of the small Kepler snapshot."""
    folder = tmp_path_factory.mktemp("vetted")
    few = {"n_estimators": 20}
    path = str(snapshot("kepler"))
    return folder, trained_on(folder, snapshot=path, task="vetting", hyperparameters=few)


WITH_CANDIDATES = "; candidates are scored and ranked beside them, and trained on by none"


def check_vetted(folder: Path, result: dict[str, Any], path: Path) -> None:
    """Fail unless all candidates were scored and only decided test rows were measured."""
    training, testing = read_snapshot(path, mlcore.DATASETS["kepler"])
    assert training.labels is not None
    candidates = list(training.names[training.labels == "candidate"])
    rows = list(prediction_rows(folder / PREDICTIONS))
    assert [row["name"] for row in rows] == [*testing.names, *candidates]
    assert candidates
    ranked = {row["follow_up_rank"] for row in rows if row["actual"] == "candidate"}
    assert ranked == set(range(1, len(ranked) + 1))
    assert all(row["follow_up_rank"] is None for row in rows if row["actual"] != "candidate")
    assert {row["label"] for row in rows} == {"false_positive", "confirmed"}
    decided = len(testing) - sum(row["actual"] == "candidate" for row in rows[: len(testing)])
    assert result["metrics"]["rows"] == decided
    assert result["metrics"]["split"] == FIXED_SPLIT + WITH_CANDIDATES
    assert result["metrics"]["task"] == "vetting"
    assert result["model"]["test_rows"] == len(rows)
    assert result["warnings"] == []


def test_vetting_a_snapshot_scores_every_candidate_and_measures_only_decided_rows(
    vetted: tuple[Path, dict[str, Any]], snapshot: Callable[[str], Path]
) -> None:
    folder, result = vetted
    check_vetted(folder, result, snapshot("kepler"))
    training = read_snapshot(snapshot("kepler"), mlcore.DATASETS["kepler"])[0]
    assert training.labels is not None
    assert result["model"]["train_rows"] == int((training.labels != "candidate").sum())
    assert result["model"]["task"] == "vetting"
    assert set(result["model"]["frequencies"]) == {"false_positive", "confirmed"}


def test_a_published_vetting_model_ranks_the_same_candidates(
    vetted: tuple[Path, dict[str, Any]], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    artifact = vetted[0] / ARTIFACT
    result = predicted(tmp_path, artifact, snapshot=str(snapshot("kepler")))
    check_vetted(tmp_path, result, snapshot("kepler"))
    first, again = (
        [(row["name"], row["probabilities"], row["follow_up_rank"]) for row in rows]
        for rows in (
            prediction_rows(vetted[0] / PREDICTIONS),
            prediction_rows(tmp_path / PREDICTIONS),
        )
    )
    assert first == again


def test_a_published_models_analogues_are_rows_that_it_was_trained_on(
    vetted: tuple[Path, dict[str, Any]], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    predicted(tmp_path, vetted[0] / ARTIFACT, snapshot=str(snapshot("kepler")))
    stars = training_stars(vetted[0] / ARTIFACT)
    found = [
        analogue
        for row in prediction_rows(tmp_path / PREDICTIONS)
        for analogue in row["judgement"]["analogues"]
    ]
    assert found
    assert {analogue["host"] for analogue in found} <= stars
    assert {analogue["disposition"] for analogue in found} == {"false_positive", "confirmed"}


def test_a_label_derived_column_of_an_upload_is_used_where_it_was_asked_for_and_marked(
    own: tuple[Table, Table], tmp_path: Path
) -> None:
    files = {
        f"{name}_file": written(
            table,
            tmp_path / f"{name}.csv",
            koi_score=np.where(table.frame["koi_disposition"] == "CONFIRMED", 1.0, 0.0),
        )
        for name, table in zip(("training", "testing"), own, strict=True)
    }
    usual = {"model_type": "decision_tree", "hyperparameters": {}, "task": "vetting", **files}
    result = trained_on(tmp_path / "job", label_derived=["koi_score"], **usual)
    mark = "uses label-derived columns: koi_score"
    assert "koi_score" in result["model"]["columns"]
    assert result["model"]["label_derived"] == ["koi_score"]
    assert result["metrics"]["split"] == f"{UPLOADED_TEST}; {mark}"
    assert result["metrics"]["accuracy"] == 1.0
    assert result["report"]["mark"] == mark
    splits = list(splits_of(result["report"]))
    assert len(splits) > 20
    assert [split for split in splits if mark not in split] == []
    assert result["warnings"][-1] == f"This session {mark}: its figures flatter it."
    assert mlcore.load_artifact(tmp_path / "job" / ARTIFACT).inputs.label_derived == ("koi_score",)

    # Whoever predicts with the model brings the column again, and the mark stays.
    again = predicted(
        tmp_path / "again", tmp_path / "job" / ARTIFACT, testing_file=files["testing_file"]
    )
    assert again["metrics"]["accuracy"] == 1.0
    assert again["metrics"]["split"] == f"{UPLOADED_TEST}; {mark}"

    honest = trained_on(tmp_path / "honest", **usual)
    assert "koi_score" not in honest["model"]["columns"]
    assert honest["report"]["mark"] is None
    assert honest["metrics"]["accuracy"] < 1.0


def test_a_label_derived_column_that_a_file_lacks_is_refused(
    own: tuple[Table, Table], tmp_path: Path
) -> None:
    with pytest.raises(DataError) as refusal:
        trained_on(
            tmp_path / "job",
            training_file=written(own[0], tmp_path / "training.csv"),
            testing_file=written(own[1], tmp_path / "testing.csv"),
            label_derived=["koi_score"],
        )
    assert str(refusal.value) == (
        "The table has no column koi_score, which the model was asked to see."
    )


def test_the_missions_catalogue_says_how_many_siblings_an_uploaded_object_has(
    kepler_table: Table, tmp_path: Path
) -> None:
    # One object of each star is uploaded; its siblings are in the catalogue only.
    catalogue = kepler_table.take(range(900))
    first = ~catalogue.hosts.duplicated().to_numpy()
    training, testing = mlcore.split(catalogue.take(first))
    write_snapshot(catalogue, tmp_path / "catalogue")
    files = {
        "training_file": written(training, tmp_path / "training.csv"),
        "testing_file": written(testing, tmp_path / "testing.csv"),
        "model_type": "linear_regression",
        "hyperparameters": {},
        "feature_set": "default",
    }
    alone = trained_on(tmp_path / "alone", **files)
    among = trained_on(tmp_path / "among", reference=str(tmp_path / "catalogue"), **files)
    counts = catalogue.hosts.value_counts()
    found = {}
    for name, result in (("alone", alone), ("among", among)):
        column = result["model"]["columns"].index("objects_of_star")
        found[name] = [
            row["values"][column] for row in prediction_rows(tmp_path / name / PREDICTIONS)
        ]
    assert set(found["alone"]) == {1.0}
    assert found["among"] == list(testing.hosts.map(counts))
    assert max(found["among"]) > 1


def test_a_model_on_the_full_table_learns_and_predicts_no_row_whose_gaps_state_its_label(
    kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    """As 800 objects are that the mission's last run left out, nearly all of one disposition."""
    table = kepler_tables[0].take(range(300))
    errors = [
        column.name
        for column in table.dataset.feature_columns(wide=True)
        if column.wide and column.uncertainty_of
    ]
    false = np.flatnonzero(table.labels == "false_positive")[:40]
    untreated = np.isin(np.arange(300), false)
    blank = {name: table.frame[name].mask(untreated) for name in errors if name in table.frame}
    gappy = replace(table, frame=table.frame.assign(**blank))
    tested = write_snapshot(gappy, tmp_path / "snapshot")
    usual = {"feature_set": "wide", "model_type": "decision_tree", "hyperparameters": {}}
    result = trained_on(
        tmp_path / "job", snapshot=str(tmp_path / "snapshot"), task="disposition", **usual
    )
    learnt, predicted_rows = ~tested & ~untreated, tested & ~untreated
    assert result["model"]["train_rows"] == learnt.sum()
    assert training_stars(tmp_path / "job" / ARTIFACT) == set(table.hosts[learnt])
    rows = list(prediction_rows(tmp_path / "job" / PREDICTIONS))
    assert [row["name"] for row in rows] == list(table.names[predicted_rows])
    assert result["metrics"]["rows"] == len(rows)
    reason = (
        "because the mission's last pipeline run did not treat these objects, nearly all of them"
        " false positives, so that what is missing would state the label."
    )
    warnings = [
        f"{(side & untreated).sum()} of the {side.sum()} {what} rows were left out, {reason}"
        for side, what in ((tested, "predicted"), (~tested, "training"))
    ]
    assert result["warnings"][:2] == warnings
    # The published model predicts the same rows again, and compares them with what it learnt.
    again = predicted(
        tmp_path / "again", tmp_path / "job" / ARTIFACT, snapshot=str(tmp_path / "snapshot")
    )
    assert again["warnings"] == warnings[:1]
    named = {
        each["name"]
        for row in prediction_rows(tmp_path / "again" / PREDICTIONS)
        for each in row["judgement"]["analogues"]
    }
    assert named
    assert named <= set(table.names[learnt])


def test_an_older_table_tests_forward_in_time_and_another_mission_from_it(
    snapshot: Callable[[str], Path], archive_dir: Path, tmp_path: Path
) -> None:
    (path,) = archive_dir.glob("koi_cumulative_2025*_default49.csv")
    newer = mlcore.read_table(path, mlcore.DATASETS["kepler"], require_labels=True)
    write_snapshot(newer.take(np.arange(len(newer)) % 4 == 0), tmp_path / "newer")
    result = trained_on(
        tmp_path / "job",
        model_type="linear_regression",
        hyperparameters={},
        task="vetting",
        snapshot=str(tmp_path / "newer"),
        snapshot_dated="2025-10-04",
        protocols=["time_forward", "leave_one_mission_out"],
        others={"tess": str(snapshot("tess"))},
    )
    named = [each["protocol"] for each in result["report"]["protocols"]]
    assert named == [
        "cross_validated",
        "time_forward",
        "leave_one_mission_out",
        "leave_one_mission_out",
    ]
    # Without another snapshot the carried table of 2017 is the older one.
    forward = result["report"]["protocols"][1]
    assert forward["trained_rows"] == 2281 + 3976
    assert 80 < forward["rows"] < 437 + 129
    assert result["report"]["notes"] == []


def test_a_table_that_is_no_newer_than_the_carried_one_is_not_tested_forward_in_time(
    snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    result = trained_on(
        tmp_path,
        model_type="linear_regression",
        hyperparameters={},
        snapshot=str(snapshot("kepler")),
        snapshot_dated="2017-07-19",
        protocols=["time_forward"],
    )
    assert result["report"]["notes"] == [
        "Not tested by time forward: no older table of the mission is loaded."
    ]


def test_a_model_that_a_users_file_made_forget_its_mission_is_warned_of(
    published: Path, own: tuple[Table, Table], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    files = {
        "testing_file": written(flipped(own[1]), tmp_path / "testing.csv"),
        "reference": str(snapshot("kepler")),
    }
    misled = predicted(
        tmp_path / "misled",
        published,
        training_file=written(flipped(own[0]), tmp_path / "flipped.csv"),
        **files,
    )
    old = misled["report"]["old_domain"]
    testing = read_snapshot(snapshot("kepler"), mlcore.DATASETS["kepler"])[1]
    assert old["before"]["rows"] == old["after"]["rows"] == len(testing)
    assert old["before"]["split"] == old["after"]["split"] == FIXED_SPLIT
    areas = [
        next(each["value"] for each in old[when]["figures"] if each["name"] == "roc_auc")
        for when in ("before", "after")
    ]
    assert areas[1] < areas[0]
    assert old["warning"].startswith("Fine-tuning made the model forget: on the fixed test split")
    assert misled["warnings"][-1] == old["warning"]
    # On rows like the user's own it is better than before all the same.
    assert misled["metrics"]["accuracy"] > misled["metrics_before"]["accuracy"]


def probes_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in result["report"]["probes"]["probes"]}


def test_a_prediction_for_k2_shows_what_the_missing_values_alone_reach_and_warns_of_it(
    snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    usual = {"dataset": "k2", "model_type": "xgboost", "task": "vetting"}
    model = trained_on(tmp_path / "model", snapshot=str(snapshot("k2")), **usual)
    known = model["report"]["probes"]
    result = run(
        predict_job,
        tmp_path / "job",
        dataset="k2",
        artifact=str(tmp_path / "model" / ARTIFACT),
        snapshot=str(snapshot("k2")),
        published_probes=known,
        seed=1,
    )
    # The same rows, the same probes: all four of them, and the words.
    found = probes_of(result)
    assert found["missingness"] == probes_of(model)["missingness"]
    assert found["missingness"]["close"]
    assert found["bookkeeping"] == probes_of(model)["bookkeeping"]
    assert found["row_split"]["measurement"] == probes_of(model)["row_split"]["measurement"]
    assert found["row_split"]["meaning"].endswith("Measured when the model was published.")
    (shortcut,) = [each for each in result["warnings"] if "Missing values alone" in each]
    assert shortcut.endswith("its score may rest on this shortcut and not on physics.")
    assert shortcut in result["report"]["probes"]["warnings"]


def test_a_prediction_without_the_rows_that_the_model_learnt_from_says_which_probes_lack(
    published: Path, own: tuple[Table, Table], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    file = {"testing_file": written(own[1], tmp_path / "testing.csv")}
    alone = probes_of(predicted(tmp_path / "alone", published, **file))
    assert alone["baseline"]["measurement"]["rows"] == len(own[1])
    for name in ("missingness", "bookkeeping"):
        assert alone[name]["measurement"] is None
        assert alone[name]["note"].startswith("The rows that the published model was trained on")
    assert alone["row_split"]["note"].startswith("The published model is used as it is")
    there = predicted(tmp_path / "there", published, reference=str(snapshot("kepler")), **file)
    assert probes_of(there)["missingness"]["measurement"]["rows"] == len(own[1])
    training = read_snapshot(snapshot("kepler"), mlcore.DATASETS["kepler"])[0]
    assert f"from {len(training)} rows" in there["report"]["probes"]["fitted_on"]


def test_after_fine_tuning_the_probes_learn_from_the_users_rows_as_the_model_did(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    result = predicted(
        tmp_path / "job",
        published,
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[1], tmp_path / "testing.csv"),
    )
    found = probes_of(result)
    assert all(each["measurement"]["rows"] == len(own[1]) for each in found.values())
    assert found["row_split"]["title"] == "The same fine-tuning under a split by row"
    assert f"the {len(own[0])} rows of the training file" in result["report"]["probes"]["fitted_on"]


def test_a_model_refuses_a_mission_that_it_does_not_serve(
    published: Path, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="only a model on the harmonised columns can score TESS"):
        run(
            predict_job,
            tmp_path / "job",
            dataset="tess",
            artifact=str(published),
            snapshot=str(snapshot("tess")),
        )
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
