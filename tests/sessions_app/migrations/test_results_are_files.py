"""Results that were rows of the database are files afterwards, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mlcore.prediction.stored import StoredPredictions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("sessions_app", "0016_hosts")]
HERE = [("sessions_app", "0017_results_are_files")]


@pytest.fixture
def before() -> Iterator[Any]:
    """The models as they were while predictions were rows."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    # Whatever came of it, the other tests find the newest tables.
    newest = MigrationExecutor(connection)
    newest.migrate(newest.loader.graph.leaf_nodes())


def session_of(before: Any, status: str = "completed", kind: str = "training") -> Any:
    return before.get_model("sessions_app", "Session").objects.create(
        kind=kind, status=status, mission="kepler", data_source="nasa"
    )


@pytest.mark.long
def test_each_row_of_a_completed_session_is_in_its_file(before: Any, media: Path) -> None:
    session, empty = session_of(before), session_of(before)
    running, analysis = session_of(before, "running"), session_of(before, kind="analysis")
    rows = [
        {
            "number": number,
            "name": f"K{number:05} 行星",
            "host": str(number),
            "label": "confirmed",
            "actual": None if number % 2 else "candidate",
            "probabilities": [0.1, 0.2, 0.7],
            "temperature": None if number % 3 else 5000.5,
            "values": [None, 1e-300],
            "contributions": [1 / 3, -2.0],
            "base": 0.5,
            "output": -0.5,
            "reasons": ["One.", "Two."],
            "follow_up_rank": None if number == 1 else number,
            "judgement": None if number == 2 else {"verdict": "likely planet", "checks": []},
        }
        for number in range(1, 2602)
    ]
    predictions = before.get_model("sessions_app", "ObjectPrediction").objects
    # In another order than that of their numbers.
    predictions.bulk_create(predictions.model(session=session, **row) for row in reversed(rows))
    MigrationExecutor(connection).migrate(HERE)
    stored = StoredPredictions(media / "results" / str(session.pk) / "predictions.parquet")
    assert len(stored) == len(rows)
    kept = [one for batch in stored.batches(1000) for one in batch]
    for row, one in zip(rows, kept, strict=True):
        assert {name: getattr(one, name) for name in row} == row
    assert [one.verdict for one in kept[:3]] == ["likely planet", None, "likely planet"]
    nothing = StoredPredictions(media / "results" / str(empty.pk) / "predictions.parquet")
    assert len(nothing) == 0
    for other in (running, analysis):
        assert not (media / "results" / str(other.pk)).exists()
    assert sorted(path.name for path in (media / "results").iterdir()) == sorted(
        [str(session.pk), str(empty.pk)]
    )
