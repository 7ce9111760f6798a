"""Models are trained by a job on a mission's snapshot or on uploads."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets import of_candidates
from mlcore.datasets.snapshot import read_snapshot, write_snapshot
from mlcore.errors import DataError, HyperparameterError
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.jobs.said import save, save_model
from mlcore.model_selection.train_test import FIXED_SPLIT, UPLOADED_TEST
from mlcore.models.blocks import steady_probabilities
from mlcore.persistence.artifact import training_stars
from mlcore.prediction.stored import prediction_rows
from tests.mlcore.evaluation.told_figures import splits_of
from tests.mlcore.hand_made import FITTED_MODELS
from tests.mlcore.jobs.run_jobs import FEW, check_vetted, predicted, trained_on, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table

_SOME = {"decision_tree", "xgboost"}
"""All model types are trained by `tests.mlcore.training` and by the old contract's tests."""
EVERY_MISSION = pytest.mark.parametrize("mission", of_candidates())


@pytest.mark.sampled("decision_tree-k2-harmonised", "decision_tree-kepler-measured")
@pytest.mark.parametrize(
    ("model_type", "mission", "feature_set"),
    [
        *(
            pytest.param(
                *(model_type, "kepler", "measured"),
                marks=() if model_type in _SOME else pytest.mark.long,
            )
            for model_type in FITTED_MODELS
        ),
        *(
            pytest.param(
                *("linear_regression", mission, "default"),
                marks=pytest.mark.long if mission == "kepler" else (),
            )
            for mission in of_candidates()
        ),
        ("xgboost", "tess", "wide"),
        ("decision_tree", "k2", "harmonised"),
    ],
)
def test_a_model_is_trained_on_a_missions_snapshot(
    model_type: str, mission: str, feature_set: str, snapshot: Callable[[str], Path], tmp_path: Path
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
        steady_probabilities(loaded.classifier, seen), [row["probabilities"] for row in rows]
    )


@pytest.mark.sampled("linear_regression")
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


@pytest.mark.long
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


@pytest.mark.sampled("False")
@pytest.mark.parametrize("is_killed", [False, True])
def test_what_is_saved_beside_is_the_same_and_saved_again_where_that_process_is_killed(
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_killed: bool,
) -> None:
    asked = {"model_type": "decision_tree", "snapshot": str(snapshot("kepler")), "evidence": False}
    alone = trained_on(tmp_path / "alone", **asked)
    (cores := tmp_path / "cores").mkdir()
    here, elsewhere = os.getpid(), tmp_path / "elsewhere"
    elsewhere.mkdir()

    def killed_elsewhere(name: str, save: Callable[..., None], *asked: Any, **own: Any) -> None:
        save(*asked, **own)
        if os.getpid() != here:
            (elsewhere / name).touch()
            if is_killed:
                os.kill(os.getpid(), signal.SIGKILL)

    for name, function in (("save_model", save_model), ("save", save)):
        killed = partial(killed_elsewhere, name, function)
        monkeypatch.setattr(f"mlcore.jobs.said.{name}", killed)
    means = {"cores": str(cores), "core_count": 2}
    assert trained_on(tmp_path / "beside", **asked, means=means) == alone
    assert sorted(path.name for path in elsewhere.iterdir()) == ["save", "save_model"]
    said = [(tmp_path / name / PREDICTIONS).read_bytes() for name in ("alone", "beside")]
    assert said[0] == said[1]
    # It is whole: each file is the one that the manifest lists.
    mlcore.load_artifact(tmp_path / "beside" / ARTIFACT)


@pytest.mark.long
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
    assert result["report"]["read_first"] == result["warnings"][:2]
    assert result["warnings"] == [
        (
            "The rows to be predicted have no koi_depth: the model was trained without it, on the"
            " columns that both tables have."
        ),
        "In the training file these unknown columns were ignored: remark.",
        (
            "In the training file these columns were not shown to the model, because they state or"
            " follow the disposition: koi_score."
        ),
        "max_iter is no hyperparameter of xgboost and was ignored.",
        "criterion is no hyperparameter of xgboost and was ignored.",
    ]


@pytest.mark.long
def test_stars_in_both_uploads_are_warned_of(own: tuple[Table, Table], tmp_path: Path) -> None:
    result = trained_on(
        tmp_path / "job",
        hyperparameters={},
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[0].take(range(30)), tmp_path / "testing.csv", remark="x"),
    )
    # What makes rows no test is said before what reading the files showed.
    assert result["warnings"][0].startswith(
        "30 of the 30 tested rows have the same measured values as a row that the model learnt from"
    )
    assert "unknown columns were ignored" in result["warnings"][2]
    (subset,) = result["report"]["subsets"]
    assert (subset["name"], subset["measurement"]) == ("without_learned_rows", None)
    warning = result["warnings"][1]
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


@pytest.mark.long
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


@pytest.mark.long
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
    counted = {}
    for name, result in (("alone", alone), ("among", among)):
        column = result["model"]["columns"].index("objects_of_star")
        counted[name] = [
            row["values"][column] for row in prediction_rows(tmp_path / name / PREDICTIONS)
        ]
    assert set(counted["alone"]) == {1.0}
    assert counted["among"] == list(testing.hosts.map(counts))
    assert max(counted["among"]) > 1


@pytest.mark.long
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
    assert result["warnings"][:2] == warnings[::-1]
    # The published model predicts the same rows again, and compares them with what it learnt.
    again = predicted(
        tmp_path / "again", tmp_path / "job" / ARTIFACT, snapshot=str(tmp_path / "snapshot")
    )
    assert again["warnings"] == warnings[:1]
    named = {
        analogue["name"]
        for row in prediction_rows(tmp_path / "again" / PREDICTIONS)
        for analogue in row["judgement"]["analogues"]
    }
    assert named
    assert named <= set(table.names[learnt])


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
