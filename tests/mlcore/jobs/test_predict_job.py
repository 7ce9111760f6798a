"""A published model predicts, by a job, a mission's rows or a user's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mlcore
from mlcore.datasets.snapshot import read_snapshot, write_snapshot
from mlcore.errors import ArtifactError, DataError
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.jobs.run import predict_job
from mlcore.model_selection.train_test import FIXED_SPLIT, UPLOADED_TEST
from mlcore.persistence.artifact import training_stars
from mlcore.prediction.stored import prediction_rows
from tests.mlcore.jobs.run_jobs import check_vetted, predicted, probes_of, run, trained_on, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table


@pytest.mark.long
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
    probabilities = [row["probabilities"] for row in prediction_rows(tmp_path / PREDICTIONS)]
    saved = mlcore.load_artifact(published).classifier
    np.testing.assert_array_equal(saved.predict_proba(testing.features), probabilities)
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_a_published_models_analogues_are_rows_that_it_was_trained_on(
    vetted: tuple[Path, dict[str, Any]], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    predicted(tmp_path, vetted[0] / ARTIFACT, snapshot=str(snapshot("kepler")))
    stars = training_stars(vetted[0] / ARTIFACT)
    analogues = [
        analogue
        for row in prediction_rows(tmp_path / PREDICTIONS)
        for analogue in row["judgement"]["analogues"]
    ]
    assert analogues
    assert {analogue["host"] for analogue in analogues} <= stars
    assert {analogue["disposition"] for analogue in analogues} == {"false_positive", "confirmed"}


@pytest.mark.long
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
    named = [protocol["protocol"] for protocol in result["report"]["protocols"]]
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


@pytest.mark.long
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


@pytest.mark.long
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
    probes = probes_of(result)
    assert probes["missingness"] == probes_of(model)["missingness"]
    assert probes["missingness"]["close"]
    assert probes["bookkeeping"] == probes_of(model)["bookkeeping"]
    assert probes["row_split"]["measurement"] == probes_of(model)["row_split"]["measurement"]
    assert probes["row_split"]["meaning"].endswith("Measured when the model was published.")
    (shortcut,) = [warning for warning in result["warnings"] if "Missing values alone" in warning]
    assert shortcut.endswith("its score may rest on this shortcut and not on physics.")
    assert shortcut in result["report"]["probes"]["warnings"]


@pytest.mark.long
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
