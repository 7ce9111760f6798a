"""A field of a prediction is declared once, in the file's row, and arrives everywhere."""

from __future__ import annotations

import io
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from mlcore.prediction.stored import ObjectPrediction
from sessions_app.api.serializers import ObjectPredictionSerializer
from sessions_app.selectors.exports import STREAMED, ExportFormat, exported
from tests.sessions_app.results import objects

if TYPE_CHECKING:
    from django.test import Client

    from sessions_app.models import TrainingSession

SEVERAL = {
    "probabilities": "probability_confirmed",
    "judgement": "conformal_answer",
    "values": "value_koi_period",
    "contributions": "contribution_koi_period",
}
"""What stands for several columns of a file, and one of these."""
CALLED = {"label": "prediction", "actual": "disposition"}
"""What is called otherwise by whoever is answered."""
IN_PARTS = {
    "base": ["explained"],
    "output": [],
    "judgement": [
        *("conformal", "novelty", "checks", "score_interval", "score_interval_sentence"),
        "nearest_neighbours",
    ],
}
"""What the API has for a field that it tells in parts, or together with another."""


@pytest.mark.django_db(transaction=True)
def test_a_declared_field_arrives_in_the_file_the_api_and_the_exports(
    published: TrainingSession, client: Client
) -> None:
    names = [one.name for one in fields(ObjectPrediction)]
    row = objects(published)[0]
    answer = client.get(f"/api/v1/training-sessions/{published.pk}/objects/1").json()
    parts_of = {name: [CALLED.get(name, name)] for name in names} | IN_PARTS
    given = [part for parts in parts_of.values() for part in parts]
    assert sorted(answer) == sorted(
        [*given, "mark", "at_planet_rate", "vetting", "catalogue_row", "stretches"]
    )
    by_column = {"values", "contributions"}
    for name in by_column:
        columns = published.model["columns"]
        assert answer[name] == dict(zip(columns, getattr(row, name), strict=True))
    given_otherwise = {"probabilities", *IN_PARTS, *by_column}
    kept = {name: value for name, value in asdict(row).items() if name not in given_otherwise}
    assert {name: answer[CALLED.get(name, name)] for name in kept} == kept
    assert answer["explained"]["output"] == row.output
    assert answer["conformal"] == row.judgement["conformal"]
    assert answer["novelty"] == row.judgement["domain"]
    assert answer["nearest_neighbours"] == row.judgement["analogues"]
    parts = {kind: b"".join(exported(published, kind)) for kind in STREAMED}
    header = parts[ExportFormat.CSV].decode().splitlines()[0].split(",")
    assert {(SEVERAL | CALLED).get(name, name) for name in names} <= set(header)
    assert pq.read_schema(io.BytesIO(parts[ExportFormat.PARQUET])).names == header


def test_each_field_of_the_api_says_what_it_is() -> None:
    given = ObjectPredictionSerializer().fields
    assert [name for name, field in given.items() if not field.help_text] == []
