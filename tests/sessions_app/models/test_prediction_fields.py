"""A field of a prediction is declared once, in the model, and arrives everywhere."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from mlcore.prediction import stored
from sessions_app.execution import worker
from sessions_app.models import ObjectPrediction
from sessions_app.selectors.exports import ExportFormat, exported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from django.test import Client

    from sessions_app.models import TrainingSession

SEVERAL = {
    "probabilities": "probability_confirmed",
    "judgement": "conformal_answer",
    "values": "value_koi_period",
    "contributions": "contribution_koi_period",
}
"""What stands for several columns of a file, and one of these."""


@pytest.fixture
def job_rows(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The rows that jobs hand to the worker."""
    kept: list[dict[str, Any]] = []

    def prediction_rows(path: Path, *, as_text: bool) -> Iterator[dict[str, Any]]:
        kept.extend(stored.prediction_rows(path))
        yield from stored.prediction_rows(path, as_text=as_text)

    monkeypatch.setattr(worker, "prediction_rows", prediction_rows)
    return kept


@pytest.mark.django_db(transaction=True)
def test_a_declared_field_arrives_in_the_jobs_row_the_database_the_api_and_the_files(
    job_rows: list[dict[str, Any]], published: TrainingSession, client: Client
) -> None:
    fields = list(ObjectPrediction.declared())
    assert sorted(job_rows[0]) == sorted(fields)
    assert published.predictions.values(*fields).get(number=1) == job_rows[0]
    answer = client.get(f"/api/v1/training-sessions/{published.pk}/objects/1").json()
    assert list(answer) == [*fields, "verdict", "mark", "at_planet_rate"]
    parts = {kind: b"".join(exported(published, kind)) for kind in ExportFormat}
    header = parts[ExportFormat.CSV].decode().splitlines()[0].split(",")
    assert {SEVERAL.get(name, name) for name in fields} <= set(header)
    assert pq.read_schema(io.BytesIO(parts[ExportFormat.PARQUET])).names == header
