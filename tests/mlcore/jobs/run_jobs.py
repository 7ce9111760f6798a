"""Jobs that are run, and what their progress and results must be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import mlcore
from mlcore.datasets.snapshot import read_snapshot
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, RESULTS
from mlcore.jobs.run import predict_job, train_job
from mlcore.model_selection.train_test import FIXED_SPLIT
from mlcore.prediction.stored import prediction_rows
from tests.mlcore.evaluation.told_figures import untold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
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
    assert sorted(path.name for path in folder.iterdir()) == [ARTIFACT, RESULTS]
    assert set(result) == {"metrics", "metrics_before", "report", "model", "warnings"}
    sections = ("metrics", "metrics_before", "report", "model")
    assert untold({key: result[key] for key in sections}) == []
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


def predicted(folder: Path, artifact: Path, **argument: Any) -> dict[str, Any]:
    return run(predict_job, folder, dataset="kepler", artifact=str(artifact), **argument)


def written(table: Table, path: Path, **added: Any) -> str:
    table.frame.assign(**added).to_csv(path, index=False)
    return str(path)


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


def probes_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {probe["name"]: probe for probe in result["report"]["probes"]["probes"]}
