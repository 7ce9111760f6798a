"""A table of more rows than are explained at once: all are scored, and any can be explained."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.jobs import large_tables
from mlcore.jobs.at_once import AtOnce
from mlcore.jobs.evidence import evidence_job
from mlcore.jobs.explain_objects import explain_objects_job
from mlcore.jobs.large_tables import EXPLAINED_LATER
from mlcore.jobs.messages import ARTIFACT, MOST_EXPLAINED, PREDICTIONS, RESULTS, ROWS, ObjectJob
from mlcore.jobs.run import predict_job, train_job
from mlcore.prediction import explaining, large, stored, writing
from mlcore.prediction.stored import StoredPredictions, prediction_rows
from tests.mlcore.jobs.run_jobs import Events, trained_on, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table

LATER = {"values", "contributions", "base", "output", "reasons", "judgement"}


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a table of a hundred rows be a large one of several parts and groups."""
    monkeypatch.setattr(stored, "EXPLAINED_AT_ONCE", 40)
    monkeypatch.setattr(large_tables, "EXPLAINED_AT_ONCE", 40)
    monkeypatch.setattr(large, "_ROWS_A_PART", 33)
    monkeypatch.setattr(writing, "ROWS_IN_A_GROUP", 16)


@pytest.fixture
def weighed_by_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let columns be weighed by a part of the rows, as those of a large table are."""
    monkeypatch.setattr(explaining.sampled_rows, "__defaults__", (50,))


def job_of(
    folder: Path, artifact: Path, rows: Table, reference: Path, **further: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Predict rows, and return what was told and the result."""
    folder.mkdir(exist_ok=True)
    told = {
        "dataset": "kepler",
        "artifact": str(artifact),
        "folder": str(folder),
        "seed": 5,
        "testing_file": written(rows, folder.parent / f"{folder.name}.csv"),
        "reference": str(reference),
        **further,
    }
    events = Events()
    result = predict_job(told, events)
    events.check()
    json.dumps(result, allow_nan=False)
    return told, result


def explained(folder: Path, told: dict[str, Any], numbers: list[int], **means: Any) -> Any:
    argument = {
        "artifact": str(folder / ARTIFACT),
        "results": str(folder / RESULTS),
        "numbers": numbers,
        "seed": told["seed"],
        "catalogue": told.get("reference") or told.get("snapshot"),
        "means": means,
    }
    result = explain_objects_job(json.loads(json.dumps(argument)), Events())
    json.dumps(result, allow_nan=False)
    return result["objects"]


@pytest.fixture(scope="module")
def sent(kepler_table: Table, own: tuple[Table, Table]) -> Table:
    """Return rows without labels: with errors, siblings and some that a name tells nothing of."""
    rows = own[0].take(range(110))
    frame = rows.frame.drop(columns="koi_disposition")
    nameless = np.arange(len(frame)) % 10 == 3
    frame.loc[nameless, ["kepid", "kepoi_name", "kepler_name"]] = None
    return replace(rows, frame=frame)


@pytest.mark.long
def test_an_object_is_explained_alone_to_the_bit_as_with_all_others_at_once(
    sent: Table,
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue("weighed_by_few")
    reference = snapshot("kepler")
    artifact = tmp_path / "trained" / ARTIFACT
    # With features that depend on the whole table.
    trained_on(tmp_path / "trained", snapshot=str(reference), feature_set="default")
    job_of(tmp_path / "small", artifact, sent, reference)
    request.getfixturevalue("few_at_once")
    told, result = job_of(tmp_path / "large", artifact, sent, reference)
    assert sorted(path.name for path in (tmp_path / "large").iterdir()) == [ARTIFACT, RESULTS]
    assert (tmp_path / "large" / ROWS).is_file()
    at_once = list(prediction_rows(tmp_path / "small" / PREDICTIONS))
    scored = list(prediction_rows(tmp_path / "large" / PREDICTIONS))
    assert len(at_once) == len(scored) == len(sent)
    for row, whole in zip(scored, at_once, strict=True):
        assert {name: row[name] for name in row if name not in LATER} == {
            name: whole[name] for name in row if name not in LATER
        }
    kept = tmp_path / "kept"
    asked = [104, 3, 50, 51, 4, 17]
    for means in ({}, {"computed": str(kept)}, {"computed": str(kept)}):
        found = explained(tmp_path / "large", told, asked, **means)
        assert found == [json.loads(json.dumps(at_once[number - 1])) for number in asked]
    assert any(one["judgement"]["score_interval"] for one in found)
    assert all(len(one["judgement"]["analogues"]) == 5 for one in found)
    assert list(kept.iterdir())
    assert EXPLAINED_LATER in result["warnings"]
    assert result["model"]["test_rows"] == len(sent)
    assert result["report"]["importance"]["mean_absolute_contributions"]["rows"] == 50
    # One alone, too.
    assert explained(tmp_path / "large", told, [51]) == [found[3]]
    _check_what_if(tmp_path / "large", at_once[50])


def _check_what_if(folder: Path, row: dict[str, Any]) -> None:
    """Fail unless an object can be asked what if, as its neighbours in the whole table made it."""
    job = ObjectJob(
        question="what_if",
        mission="kepler",
        artifact=str(folder / ARTIFACT),
        results=str(folder / RESULTS),
        number=row["number"],
    )
    by = AtOnce()
    itself = by.answer({"object": asdict(job)})
    assert list(itself["probabilities"].values()) == row["probabilities"]
    assert list(itself["contributions"].values()) == row["contributions"]
    other = by.answer({"object": asdict(replace(job, changes={"koi_period": 3.2}))})
    assert other["values"]["duty_cycle"] != itself["values"]["duty_cycle"]
    assert other["values"]["objects_of_star"] == itself["values"]["objects_of_star"]
    assert other["values"]["match_chance"] == itself["values"]["match_chance"]
    assert itself["notes"] == []
    (note,) = other["notes"]
    assert note.startswith("The table is too large to be compared again")


@pytest.mark.long
def test_an_object_of_a_fine_tuned_model_is_explained_alone_as_with_all_others(
    published: Path,
    own: tuple[Table, Table],
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    training = {"training_file": written(own[0], tmp_path / "training.csv")}
    reference = snapshot("kepler")
    job_of(tmp_path / "small", published, own[1], reference, **training)
    request.getfixturevalue("few_at_once")
    told, result = job_of(tmp_path / "large", published, own[1], reference, **training)
    # On demand nothing of the file is read again.
    (tmp_path / "training.csv").unlink()
    at_once = list(prediction_rows(tmp_path / "small" / PREDICTIONS))
    found = explained(tmp_path / "large", told, [90, 2, 33])
    assert found == [json.loads(json.dumps(at_once[number - 1])) for number in (90, 2, 33)]
    assert all(len(one["judgement"]["analogues"]) == 5 for one in found)
    assert result["model"]["fine_tuned"]


def trained_in(folder: Path, own: tuple[Table, Table], **further: Any) -> Any:
    """Train on files of one's own, and return what was told and the result."""
    folder.mkdir()
    told = {
        "dataset": "kepler",
        "model_type": "decision_tree",
        "hyperparameters": {},
        "seed": 5,
        "training_file": written(own[0], folder.parent / "training.csv"),
        "testing_file": written(own[1].take(range(90)), folder.parent / "testing.csv"),
        "folder": str(folder),
        **further,
    }
    events = Events()
    result = train_job(told, events)
    events.check()
    return told, json.loads(json.dumps(result, allow_nan=False))


@pytest.mark.long
@pytest.mark.parametrize("known", [True, False], ids=["beside-a-catalogue", "alone"])
def test_an_object_that_a_model_of_ones_own_is_tested_on_is_explained_alone(
    own: tuple[Table, Table],
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    known: bool,
) -> None:
    further = {"evidence": False} | ({"reference": str(snapshot("kepler"))} if known else {})
    request.getfixturevalue("weighed_by_few")
    _, whole = trained_in(tmp_path / "small", own, **further)
    request.getfixturevalue("few_at_once")
    told, result = trained_in(tmp_path / "large", own, **further)
    at_once = list(prediction_rows(tmp_path / "small" / PREDICTIONS))
    scored = list(prediction_rows(tmp_path / "large" / PREDICTIONS))
    assert len(scored) == len(at_once) == 90
    for row, same in zip(scored, at_once, strict=True):
        assert {name: row[name] for name in row if name not in LATER} == {
            name: same[name] for name in row if name not in LATER
        }
    # On demand nothing of the files is read again.
    for name in ("training.csv", "testing.csv"):
        (tmp_path / name).unlink()
    found = explained(tmp_path / "large", told, [80, 2, 33])
    for one, number in zip(found, (80, 2, 33), strict=True):
        # More draws belong to those that somebody looks at.
        for judged in (one["judgement"], at_once[number - 1]["judgement"]):
            for drawn in [name for name in judged if name.startswith("score_interval")]:
                del judged[drawn]
        assert one == json.loads(json.dumps(at_once[number - 1]))
    assert all(len(one["judgement"]["analogues"]) == 5 for one in found)
    assert EXPLAINED_LATER in result["warnings"]
    assert result["model"] == whole["model"]
    # No figure is told of fewer rows than it can be measured on.
    assert result["metrics"] == whole["metrics"]
    assert result["report"]["curves"] == whole["report"]["curves"]
    assert "; importance on 50 rows drawn from all" in result["report"]["importance"]["split"]


@pytest.mark.sampled("at-once")
@pytest.mark.parametrize("evidence", [True, False], ids=["at-once", "afterwards"])
def test_what_deepens_the_answer_on_a_large_table_is_of_the_rows_that_stand_for_it(
    own: tuple[Table, Table], tmp_path: Path, few_at_once: None, evidence: bool
) -> None:
    told, result = trained_in(tmp_path / "job", own, evidence=evidence)
    report = result["report"]
    if not evidence:
        events: list[dict[str, Any]] = []
        folder = tmp_path / "job"
        job = {
            "artifact": str(folder / ARTIFACT),
            "training": told,
            "results": str(folder / RESULTS),
            "folder": str(folder / "evidence"),
            "parts": ["slices", "row_split", "permutation_importance", "score_intervals"],
            "measurement": report["measurement"],
            "probes": report["probes"],
        }
        evidence_job(job, events.append)
        parts = {event["part"]: event for event in events if "part" in event}
        assert "when an object is looked at" in parts["score_intervals"]["failed"]
        found = {
            ".".join(path): value
            for part in parts.values()
            for path, value in part.get("findings", ())
        }
        permutation, slices = found["importance.permutation"], found["slices"]
        probes = found["probes"]
    else:
        permutation, slices = report["importance"]["permutation"], report["slices"]
        probes = report["probes"]
    assert 30 < permutation["rows"] <= 40
    assert any(probe["name"] == "row_split" and probe["measurement"] for probe in probes["probes"])
    assert slices
    assert report["measurement"]["rows"] == 90


@pytest.mark.long
def test_the_size_of_the_parts_changes_no_bit(
    published: Path,
    own: tuple[Table, Table],
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    few_at_once: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = own[0].take(range(80))
    files = []
    for size in (1, 7, 80):
        monkeypatch.setattr(large, "_ROWS_A_PART", size)
        job_of(tmp_path / f"{size}", published, rows, snapshot("kepler"))
        files.append(StoredPredictions(tmp_path / f"{size}" / PREDICTIONS))
    assert len(files[0]) == 80
    whole = [[asdict(row) for row in file.take(range(1, 81))] for file in files]
    assert whole[0] == whole[1] == whole[2]
    assert files[0].about == files[1].about == files[2].about


def test_figures_of_a_large_table_say_on_which_of_its_stars_they_are(
    published: Path,
    own: tuple[Table, Table],
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    few_at_once: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(large_tables, "MEASURED_AT_ONCE", 70)
    rows = own[0].take(range(100))
    _, result = job_of(tmp_path / "job", published, rows, snapshot("kepler"))
    metrics, report = result["metrics"], result["report"]
    assert 60 < metrics["rows"] <= 70
    assert (
        f"; {metrics['rows']} of the 100 labelled rows, of stars drawn with the seed 5"
        in (metrics["split"])
    )
    probe = next(probe for probe in report["probes"]["probes"] if probe["measurement"])
    assert 30 < probe["measurement"]["rows"] <= 40
    assert (
        f"; {probe['measurement']['rows']} of the 100 labelled rows"
        in (probe["measurement"]["split"])
    )


def test_objects_that_are_not_there_and_too_many_are_refused(
    published: Path,
    own: tuple[Table, Table],
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    few_at_once: None,
) -> None:
    told, _ = job_of(tmp_path / "job", published, own[0].take(range(60)), snapshot("kepler"))
    for number in (0, 61):
        with pytest.raises(DataError, match="60 objects, numbered from 1"):
            explained(tmp_path / "job", told, [number])
    with pytest.raises(DataError, match=f"At most {MOST_EXPLAINED} objects"):
        explained(tmp_path / "job", told, [1] * (MOST_EXPLAINED + 1))
    assert explained(tmp_path / "job", told, []) == []


_MEASURED = """
import resource, sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import mlcore
from mlcore.prediction.large import predict_large
from mlcore.prediction.writing import write_scored
from mlcore.run import RunContext

rows, folder = int(sys.argv[1]), Path(sys.argv[2])
model = mlcore.load_published("kepler-vetting")
whole = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
few = whole.frame[[name for name in whole.frame if not name.endswith(("err1", "err2"))]]
frame = few.iloc[np.arange(rows) % len(few)].reset_index(drop=True)
copy = (np.arange(rows) // len(few)).astype(str)
random = np.random.default_rng(0)
frame["kepid"] = frame["kepid"] + "-" + copy
frame["kepoi_name"] = frame["kepoi_name"] + "-" + copy
frame["koi_period"] *= 1 + 0.02 * random.random(rows)
frame["koi_time0bk"] += 50 * random.random(rows)
table = replace(
    whole,
    frame=frame.drop(columns="koi_disposition"),
    row_numbers=np.arange(rows),
    withheld_errors=pd.DataFrame(),
)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = predict_large(
    model,
    table,
    reference=whole,
    looked_at=np.arange(0, rows, 100),
    rows_path=folder / "rows",
    run=RunContext(),
)
write_scored(found.rows, found.about, folder / "predictions")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.long
def test_what_a_large_table_takes_of_memory_grows_by_a_few_values_a_row(tmp_path: Path) -> None:
    taken = []
    for rows in (50_000, 250_000):
        folder = tmp_path / f"{rows}"
        folder.mkdir()
        found = subprocess.run(
            [sys.executable, "-c", _MEASURED, str(rows), str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )
        taken.append(int(found.stdout) * 1024)
    # Less than the model's matrix alone would take: 63 columns of 8 bytes.
    assert taken[1] - taken[0] < 200_000 * 63 * 8
