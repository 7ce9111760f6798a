"""A session that was really run, as its analyses see it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.analyses.names import Analysis
from mlcore.jobs.analyse import analyse_job
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, AnalysisJob
from mlcore.prediction import assessment
from mlcore.prediction.error_propagation import FEWEST_DRAWS
from mlcore.prediction.stored import prediction_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


DISPOSITIONS = ("candidate", "false_positive", "confirmed")
LIGHT = {"n_estimators": 5, "max_iter": 10}


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a job was told, what it said and what it left."""

    spec: dict[str, Any]
    result: dict[str, Any]
    artifact: Path
    rows: list[dict[str, Any]]
    trained: dict[str, Any] | None = None
    """What the session was told that trained the model, when this one predicted with it."""

    def job(self, analysis: str, number: int | None = None, **changes: Any) -> AnalysisJob:
        return replace(
            AnalysisJob(
                analysis=analysis,
                artifact=str(self.artifact),
                training=self.spec if self.trained is None else self.trained,
                prediction=None if self.trained is None else self.spec,
                object_number=number,
                object_name="" if number is None else self.rows[number - 1]["name"],
                seed=1,
            ),
            **changes,
        )

    def answer(self, analysis: str, number: int | None = None, **changes: Any) -> dict[str, Any]:
        """Run an analysis as the isolated process does, and check what every answer must have."""
        events: list[dict[str, Any]] = []
        spec = json.loads(json.dumps(asdict(self.job(analysis, number, **changes))))
        outcome = analyse_job(spec, events.append)
        assert set(outcome) == {"answer", "warnings"}
        answer: dict[str, Any] = json.loads(json.dumps(outcome, allow_nan=False))["answer"]
        assert answer["analysis"] == analysis
        assert answer["meaning"] == Analysis(analysis).meaning
        assert answer["sentences"]
        assert all(isinstance(line, str) and "nan" not in line for line in answer["sentences"])
        fractions = [event["progress"] for event in events]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        return answer


@contextmanager
def few_draws() -> Iterator[None]:
    """Save the time of most draws within the catalogue's errors, which no analysis looks at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assessment, "DRAWS", FEWEST_DRAWS)
        yield


def finished(
    job: Any, spec: dict[str, Any], folder: Path, trained: dict[str, Any] | None = None
) -> Session:
    with few_draws():
        result = job(spec, lambda _: None)
    return Session(
        spec=spec,
        result=result,
        artifact=folder / ARTIFACT,
        rows=list(prediction_rows(folder / PREDICTIONS)),
        trained=trained,
    )


# Of one object


def contributions(answer: dict[str, Any]) -> float:
    return sum(column["contribution"] for column in answer["columns"])
