"""Light curves in place of a table, from the upload to the predictions."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, read_table
from mlcore.errors import DataError
from mlcore.jobs.light_curves import (
    curves_sent,
    keep_records,
    measure_curves,
    notes_of_curves,
    rows_of,
)
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, RESULTS, PredictionJob
from mlcore.jobs.run import predict_job, train_job
from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordFile
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.lightcurves.stretch_records import STRETCHES_SAID, StretchRecord
from mlcore.prediction.stored import prediction_rows
from mlcore.pretrained.load import unpack
from tests.mlcore.jobs.run_jobs import run
from tests.mlcore.lightcurves.bundles.made_files import (
    PLANET,
    TOO_FEW,
    binary_of,
    csv_of,
    labelled,
    zipped,
)

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {"period": PLANET.period, "epoch": PLANET.epoch, "duration": 24 * PLANET.duration}
TABLE = "signal,star,depth,period\na,KIC 5,300,2\n"
CURVES = {"dataset": "lightcurves", "task": "triage", "feature_set": "measured"}


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the result of a job that trained on light curves."""
    folder = tmp_path_factory.mktemp("learnt")
    training = labelled(folder / "training", range(12))
    testing = labelled(folder / "testing", range(20, 23))
    result = run(
        train_job,
        folder / "job",
        **CURVES,
        model_type="random_forest",
        hyperparameters={"n_estimators": "50"},
        seed=1,
        training_file=str(training),
        testing_file=str(testing),
        names={"training": "training.zip", "testing": "testing.zip"},
        evidence=False,
    )
    return folder / "job", result


@pytest.fixture(scope="module")
def artifact(learnt: tuple[Path, dict[str, Any]]) -> str:
    return str(learnt[0] / ARTIFACT)


def job_on(folder: Path, **files: Any) -> PredictionJob:
    folder.mkdir(exist_ok=True)
    return PredictionJob(dataset="lightcurves", artifact="", folder=str(folder), **files)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_only_files_with_light_curves_are_measured(tmp_path: Path) -> None:
    curve, table = tmp_path / "curve", tmp_path / "table"
    curve.write_bytes(csv_of())
    table.write_text(TABLE)
    both = {"training_file": str(curve), "testing_file": str(table)}
    assert curves_sent(job_on(tmp_path / "a", **both)) == ("training",)
    assert curves_sent(job_on(tmp_path / "a")) == ()
    other = PredictionJob(dataset="kepler", artifact="", folder=str(tmp_path), **both)
    assert curves_sent(other) == ()
    assert rows_of(other, "training") == curve
    assert rows_of(job_on(tmp_path / "a", **both), "testing") == table


def test_a_table_of_measured_signals_is_taken_as_it_is(tmp_path: Path) -> None:
    table = tmp_path / "table"
    table.write_text(TABLE)
    job = job_on(tmp_path / "a", testing_file=str(table))
    measure_curves(job)
    assert rows_of(job, "testing") == table
    assert notes_of_curves(job, "testing") == ()


def test_what_is_predicted_is_kept_to_be_looked_at(tmp_path: Path) -> None:
    path = zipped(tmp_path / "upload", {"a.csv": csv_of(), "few.csv": TOO_FEW})
    testing = job_on(
        tmp_path / "a",
        training_file=str(path),
        testing_file=str(path),
        names={"training": "a.zip", "testing": "b.zip"},
    )
    steps: list[tuple[float, str]] = []
    measure_curves(testing, progress=lambda done, step: steps.append((done, step)))
    results = tmp_path / "a" / RESULTS
    predicted = rows_of(testing, "testing")
    table = read_table(predicted, DATASETS["lightcurves"], require_labels=False)
    keep_records(testing, table)
    # Of those that it learns from the rows are enough.
    assert sorted(one.relative_to(tmp_path / "a").as_posix() for one in files(tmp_path / "a")) == [
        f"{RESULTS}/{name}.parquet"
        for name in ("signals", "stars", "testing-signals", "training-signals")
    ]
    assert len(RecordFile(results / STARS, StarRecord)) == 2
    assert rows_of(testing, "training") == results / "training-signals.parquet"
    assert curves_sent(testing) == ()
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    (note,) = notes_of_curves(testing, "testing")
    assert note.startswith("1 of 2 light curves was left out. few.csv: ")


def test_a_later_job_of_the_session_reads_what_the_first_measured(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(csv_of())
    first = job_on(tmp_path / "a", testing_file=str(path))
    measure_curves(first)
    kept = tmp_path / "a" / RESULTS
    later = job_on(tmp_path / "b", testing_file=str(path), measured=str(kept))
    assert curves_sent(later) == ()
    measure_curves(later)
    assert rows_of(later, "testing") == kept / "testing-signals.parquet"
    table = read_table(rows_of(later, "testing"), DATASETS["lightcurves"], require_labels=False)
    keep_records(later, table)
    assert not (tmp_path / "b" / RESULTS).exists()


def test_light_curves_of_which_none_can_be_used_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "upload", {"a.csv": TOO_FEW, "b.csv": TOO_FEW})
    with pytest.raises(DataError, match=r"^None of the 2 light curves can be used\. a\.csv: "):
        measure_curves(job_on(tmp_path / "a", testing_file=str(path)))


def test_a_star_is_searched_and_judged_by_a_model(artifact: str, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "upload",
        {"planet.csv": csv_of(), "binary.csv": binary_of(1), "few.csv": TOO_FEW},
    )
    argument = {
        "dataset": "lightcurves",
        "artifact": artifact,
        "testing_file": str(path),
        "names": {"testing": "stars.zip"},
        "evidence": False,
    }
    folder = tmp_path / "job"
    result = run(predict_job, folder, **argument)
    rows = list(prediction_rows(folder / PREDICTIONS))
    assert [row["name"] for row in rows] == ["binary signal 1", "planet signal 1"]
    stars = RecordFile(folder / RESULTS / STARS, StarRecord)
    assert [star.name for star in stars.without_lists()] == ["binary", "few", "planet"]
    signals = RecordFile(folder / RESULTS / SIGNALS, SignalRecord)
    assert len(signals) == len(rows) == result["model"]["test_rows"]
    (left_out,) = [warning for warning in result["warnings"] if "left out" in warning]
    assert left_out.startswith(
        "In the testing file: 1 of 3 light curves was left out. few.csv: The light curve has 3"
    )
    # Each stretch of a fold is asked about beside the signal as it is; a planet is the last class.
    said = RecordFile(folder / RESULTS / STRETCHES_SAID, StretchRecord)
    for number, row in enumerate(rows, start=1):
        one, signal = said.numbered(number), signals.numbered(number)
        assert one is not None
        assert signal is not None
        assert one.probability == row["probabilities"][2]
        assert one.names == signal.stretch_name
        assert len(one.names) == len(one.probabilities) >= 9
        assert {0 <= value <= 1 for value in one.probabilities} == {True}
    # Nothing is said of columns that nobody sent.
    told = " ".join(result["warnings"])
    assert "disposition" not in told
    assert "star_radius" not in told
    # It is asked again by a later job, which has only what the first one measured.
    shutil.copytree(folder / RESULTS, tmp_path / "kept")
    again = tmp_path / "again"
    run(predict_job, again, **argument, measured=str(tmp_path / "kept"))
    assert not (again / RESULTS / STARS).exists()
    said, later = (
        [RecordFile(one / RESULTS / STRETCHES_SAID, StretchRecord).numbered(n) for n in (1, 2)]
        for one in (folder, again)
    )
    assert said == later
    assert [
        (row["name"], row["probabilities"]) for row in prediction_rows(again / PREDICTIONS)
    ] == [(row["name"], row["probabilities"]) for row in rows]


def test_a_known_signal_is_judged_at_its_ephemeris(artifact: str, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(csv_of())
    folder = tmp_path / "job"
    run(
        predict_job,
        folder,
        dataset="lightcurves",
        artifact=artifact,
        testing_file=str(path),
        names={"testing": "KIC 5.csv"},
        known_signals=[KNOWN],
        evidence=False,
    )
    (row,) = prediction_rows(folder / PREDICTIONS)
    assert row["name"] == "KIC 5 signal 1"
    signal = RecordFile(folder / RESULTS / SIGNALS, SignalRecord).numbered(1)
    assert signal is not None
    assert (signal.given, signal.period, signal.epoch) == (True, PLANET.period, PLANET.epoch)


def test_a_model_that_is_trained_on_light_curves_tells_planets_from_binaries(
    learnt: tuple[Path, dict[str, Any]],
) -> None:
    folder, result = learnt
    assert (result["model"]["train_rows"], result["model"]["test_rows"]) == (24, 6)
    rows = list(prediction_rows(folder / PREDICTIONS))
    assert [row["name"] for row in rows] == [
        f"{kind}-{seed} signal 1" for kind in ("binary", "planet") for seed in (20, 21, 22)
    ]
    assert [row["label"] for row in rows] == ["false_positive"] * 3 + ["confirmed"] * 3
    assert [row["actual"] for row in rows] == [row["label"] for row in rows]
    # Of those it learns from the rows are enough; of those it is tested on the curves are kept.
    results = folder / RESULTS
    assert len(pd.read_parquet(results / "training-signals.parquet")) == 24
    signals = RecordFile(results / SIGNALS, SignalRecord)
    stars = RecordFile(results / STARS, StarRecord)
    assert len(signals) == len(rows)
    for row, signal in zip(rows, signals.taken(range(1, 7)), strict=True):
        star = stars.numbered(signal.star)
        assert star is not None
        assert f"{star.name} signal {signal.of_star}" == row["name"]
        measured = dict(zip(signal.measured, signal.values, strict=True))
        shown = dict(zip(result["model"]["columns"], row["values"], strict=True))
        assert shown["depth"] == pytest.approx(measured["depth"], rel=1e-5)


def test_the_published_model_judges_what_is_measured(tmp_path: Path) -> None:
    unpack("lightcurves-triage", tmp_path / "model")
    path = tmp_path / "upload"
    path.write_bytes(csv_of())
    run(
        predict_job,
        tmp_path / "job",
        dataset="lightcurves",
        artifact=str(tmp_path / "model" / ARTIFACT),
        testing_file=str(path),
        names={"testing": "KIC 5.csv"},
        evidence=False,
    )
    (row,) = prediction_rows(tmp_path / "job" / PREDICTIONS)
    assert row["name"] == "KIC 5 signal 1"
