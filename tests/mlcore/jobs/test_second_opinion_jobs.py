from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.datasets import KEPLER_TCE, obtain
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.datasets.snapshot import write_snapshot
from mlcore.errors import HyperparameterError
from mlcore.jobs.messages import ARTIFACT
from mlcore.jobs.run import predict_job
from tests.mlcore.datasets.missions.made_events import events, events_file, robovetter_file
from tests.mlcore.jobs.run_jobs import run, trained_on

if TYPE_CHECKING:
    from pathlib import Path

SCORE = {"column": "robovetter_score", "kind": "score"}
TRIAGED = {"dataset": "tce", "task": "triage"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up events, what the Robovetter says of them, and both as a snapshot."""
    folder = tmp_path_factory.mktemp("events")
    frame = events(300)
    events_file(folder / "events.csv", frame)
    robovetter_file(folder / "robovetter.csv", frame)
    table = obtain(KEPLER_TCE, folder=folder, use_archive=False).table
    write_snapshot(table, folder / "snapshot.parquet")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, dict[str, Any]]:
    """A model of the snapshot, told of the Robovetter's score."""
    snapshot = str(folder / "snapshot.parquet")
    result = trained_on(folder / "trained", snapshot=snapshot, second_opinion=SCORE, **TRIAGED)
    return folder / "trained" / ARTIFACT, result


@pytest.mark.long
def test_events_are_triaged_and_the_robovetter_stands_beside(
    trained: tuple[Path, dict[str, Any]],
) -> None:
    report = trained[1]["report"]
    assert report["task"] == "triage"
    opinion = report["second_opinion"]
    assert (opinion["column"], opinion["kind"]) == ("robovetter_score", "score")
    assert opinion["rows"] == report["measurement"]["rows"]
    figures = report["measurement"]["figures"]
    auc = next(one["value"] for one in figures if one["name"] == "roc_auc")
    beside = {one["name"]: one["value"] for one in opinion["voices"]["model"]}
    assert beside["roc_auc"] == pytest.approx(auc)
    assert "robovetter_score" not in trained[1]["model"]["columns"]
    assert report["slices"][-1]["name"] == "kind_of_label"


@pytest.mark.long
def test_without_a_request_there_is_no_second_opinion(folder: Path) -> None:
    snapshot = str(folder / "snapshot.parquet")
    result = trained_on(folder / "alone", snapshot=snapshot, **TRIAGED)
    assert result["report"]["second_opinion"] is None


def test_a_feature_that_is_the_second_opinion_is_shown_to_no_model(folder: Path) -> None:
    frame = events(300)
    result = trained_on(
        folder / "without",
        training_file=str(events_file(folder / "a.csv", frame[:150])),
        testing_file=str(events_file(folder / "b.csv", frame[150:])),
        feature_set="default",
        second_opinion={"column": "TCE_Model_SNR", "kind": "score"},
        **TRIAGED,
    )
    columns = set(result["model"]["columns"])
    assert not {"tce_model_snr", "snr_per_transit", "noise_in_an_hour"} & columns
    assert "tce_dikco_msky" in columns
    assert result["report"]["second_opinion"]["rows"] > 100


@pytest.mark.long
def test_a_heading_that_was_read_as_a_feature_is_shown_to_no_model_either(folder: Path) -> None:
    frame = events(300).rename(columns={"tce_model_snr": "S/N of mine"})
    result = trained_on(
        folder / "mapped",
        training_file=str(events_file(folder / "e.csv", frame[:150])),
        testing_file=str(events_file(folder / "f.csv", frame[150:])),
        mapping=ColumnMapping.parse(columns={"S/N of mine": "tce_model_snr"}).as_json(),
        second_opinion={"column": "S/N of mine", "kind": "score"},
        **TRIAGED,
    )
    assert "tce_model_snr" not in result["model"]["columns"]
    assert result["model"]["left_out"] == ["tce_model_snr"]
    assert result["report"]["second_opinion"]["rows"] > 100


def test_the_second_opinion_in_a_file_that_is_predicted_is_compared(
    folder: Path, trained: tuple[Path, dict[str, Any]]
) -> None:
    frame = events(200, seed=3)
    chance = np.where(frame["label"] == "PC", 0.2, 0.7) + 0.1 * (frame["tce_plnt_num"] - 1)
    path = events_file(folder / "asked.csv", frame.assign(FPP=chance.clip(0, 1)))
    result = run(
        predict_job,
        folder / "predicted",
        artifact=str(trained[0]),
        dataset="tce",
        testing_file=str(path),
        second_opinion={"column": "FPP", "kind": "false_positive_probability"},
    )
    opinion = result["report"]["second_opinion"]
    assert opinion["rows"] == 200
    (auc,) = (one["value"] for one in opinion["voices"]["opinion"] if one["name"] == "roc_auc")
    assert auc > 0.95


def test_a_file_without_labels_calibrates_nothing_and_says_so(
    folder: Path, trained: tuple[Path, dict[str, Any]]
) -> None:
    frame = events(30, seed=4).drop(columns="label").assign(FPP=0.5)
    result = run(
        predict_job,
        folder / "unlabelled",
        artifact=str(trained[0]),
        dataset="tce",
        testing_file=str(events_file(folder / "unlabelled.csv", frame)),
        second_opinion={"column": "FPP", "kind": "false_positive_probability"},
    )
    assert result["report"]["second_opinion"]["notes"] == [
        "No tested row has a label, so that the second opinion is calibrated on nothing."
    ]


@pytest.mark.long
def test_a_column_in_the_training_file_alone_leaves_nothing_to_compare(folder: Path) -> None:
    frame = events(300)
    result = trained_on(
        folder / "nothing",
        training_file=str(events_file(folder / "c.csv", frame[:150].assign(score=0.5))),
        testing_file=str(events_file(folder / "d.csv", frame[150:])),
        second_opinion={"column": "score", "kind": "score"},
        **TRIAGED,
    )
    assert result["report"]["second_opinion"]["notes"] == [
        "The tested table has no column score, so that there is nothing to compare."
    ]


def test_events_are_not_vetted(folder: Path) -> None:
    snapshot = str(folder / "snapshot.parquet")
    with pytest.raises(HyperparameterError, match="it must be triage"):
        trained_on(folder / "vetted", snapshot=snapshot, dataset="tce", task="vetting")
