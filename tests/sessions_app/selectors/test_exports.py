"""Exported predictions: the same figures as in the database, and no formula among the words."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from sessions_app.files.results import ROWS_AT_ONCE
from sessions_app.models import TrainingSession
from sessions_app.selectors.exports import ExportFormat, exported, file_name
from sessions_app.selectors.planet_rate import expected_rate
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from sessions_app.selectors.planet_rate import ExpectedRate

pytestmark = pytest.mark.django_db

JUDGEMENT = {
    "verdict": "likely planet",
    "conformal": {"answer": "set", "possible": ["candidate", "confirmed"], "coverage": 0.9},
    "domain": {"outside": True, "columns": ["koi_depth"], "sentence": "Far out."},
    "score_interval": {"candidate": {"low": 0.1, "high": 0.3}},
    "failed_checks": [{"check": "one", "sentence": "Too deep."}, {"check": "b", "sentence": "B."}],
    "analogues": [{"name": "K1"}, {"name": "K2"}],
}
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    '=HYPERLINK("http://example.org","x")',
    "=cmd|' /C calc'!A0",
]


def session_with(*rows: dict[str, Any], status: str = "completed") -> TrainingSession:
    session = TrainingSession.objects.create(
        kind="training",
        status=status,
        mission="kepler",
        data_source="user",
        model_type="svm",
        finished_at=timezone.now(),
        model={"columns": ["koi_period", "koi_depth"]},
    )
    standard = {
        "name": "K00001.01",
        "host": "1",
        "label": "confirmed",
        "actual": None,
        "probabilities": [0.1, 0.2, 0.7],
        "temperature": 5000.0,
        "values": [-1.5, None],
        "contributions": [1 / 3, -0.25],
        "base": 0.5,
        "output": 0.6,
        "reasons": ["One.", "Two."],
        "follow_up_rank": 1,
        "judgement": JUDGEMENT,
    }
    keep_objects(
        session,
        [an_object(number, **(standard | row)) for number, row in enumerate(rows, start=1)],
    )
    return session


def frame_of(
    session: TrainingSession, kind: ExportFormat, at: ExpectedRate | None = None
) -> pd.DataFrame:
    content = b"".join(exported(session, kind, at=at))
    if kind is ExportFormat.PARQUET:
        return pq.read_table(io.BytesIO(content)).to_pandas()
    return pd.read_csv(io.BytesIO(content), dtype={"host": str})


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.PARQUET])
def test_an_export_has_every_figure_to_the_last_bit(kind: ExportFormat) -> None:
    session = session_with({}, {"judgement": None, "follow_up_rank": None, "temperature": None})
    frame = frame_of(session, kind)
    first = frame.iloc[0]
    assert list(frame.columns[:8]) == [
        *("number", "name", "host", "prediction", "disposition", "probability_candidate"),
        *("probability_false_positive", "probability_confirmed"),
    ]
    assert first["number"] == 1
    assert (first["name"], first["host"], first["prediction"]) == ("K00001.01", "1", "confirmed")
    assert first["probability_confirmed"] == 0.7
    assert first["verdict"] == "likely planet"
    assert first["conformal_possible"] == "candidate; confirmed"
    assert first["conformal_coverage"] == 0.9
    assert bool(first["novelty_outside"]) is True
    assert first["novelty_columns"] == "koi_depth"
    assert first["probability_candidate_high"] == 0.3
    assert pd.isna(first["probability_confirmed_high"])
    assert first["checks_failed"] == "Too deep.; B."
    assert first["nearest_neighbours"] == "K1; K2"
    assert first["reasons"] == "One.; Two."
    assert first["value_koi_period"] == -1.5
    assert pd.isna(first["value_koi_depth"])
    assert first["contribution_koi_period"] == 1 / 3
    missing = frame.iloc[1]
    for name in ("disposition", "follow_up_rank", "verdict", "novelty_outside", "temperature"):
        assert pd.isna(missing[name])


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.PARQUET])
def test_an_export_has_the_probabilities_at_the_rate_of_planets_that_was_asked_for(
    kind: ExportFormat,
) -> None:
    session = session_with({"probabilities": [0.0, 0.4, 0.6]})
    session.task = "vetting"
    session.model |= {"frequencies": {"false_positive": 0.5, "confirmed": 0.5}}
    assert "planet_rate" not in frame_of(session, kind)
    row = frame_of(session, kind, expected_rate(session, 0.1)).iloc[0]
    # Bayes' rule by hand: 0.6 · 0.1 against 0.4 · 0.9.
    assert row["planet_rate"] == 0.1
    assert row["probability_confirmed_at_planet_rate"] == pytest.approx(0.06 / 0.42)
    assert row["probability_candidate_at_planet_rate"] == 0.0
    assert (row["prediction"], row["prediction_at_planet_rate"]) == ("confirmed", "false_positive")
    assert row["probability_confirmed"] == 0.6


def test_both_formats_have_the_same_columns_of_the_declared_types() -> None:
    session = session_with({})
    schema = pq.read_schema(io.BytesIO(b"".join(exported(session, ExportFormat.PARQUET))))
    header = b"".join(exported(session, ExportFormat.CSV)).decode().splitlines()[0].split(",")
    assert schema.names == header
    assert schema.field("number").type == pa.int64()
    assert schema.field("probability_candidate").type == pa.float64()
    assert schema.field("novelty_outside").type == pa.bool_()
    assert schema.field("name").type == pa.string()


@pytest.mark.parametrize("text", FORMULAS)
def test_a_word_that_begins_as_a_formula_is_no_formula_in_a_spreadsheet(text: str) -> None:
    session = session_with({"name": text, "host": text, "reasons": [text, "x"]})
    content = b"".join(exported(session, ExportFormat.CSV)).decode()
    row = next(iter(csv.DictReader(io.StringIO(content, newline=""))))
    assert row["name"] == row["host"] == f"'{text}"
    assert row["reasons"] == f"'{text}; x"
    # A negative number is a number, and stays one.
    assert row["value_koi_period"] == "-1.5"
    assert row["contribution_koi_depth"] == "-0.25"
    frame = frame_of(session, ExportFormat.PARQUET)
    assert frame["name"][0] == text


@pytest.mark.parametrize("text", ["a=1", "K-1", "", "'x", "Grüße, 行星", 'a "b", c\nd'])
def test_any_other_word_is_exported_as_it_is(text: str) -> None:
    content = b"".join(exported(session_with({"name": text}), ExportFormat.CSV)).decode()
    assert next(iter(csv.DictReader(io.StringIO(content, newline=""))))["name"] == text


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.PARQUET])
def test_a_large_result_is_exported_in_parts_and_in_order(
    kind: ExportFormat, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = session_with(*({"name": f"K{n}"} for n in range(2 * ROWS_AT_ONCE + 1)))
    with django_assert_num_queries(0):
        parts = list(exported(session, kind))
    assert len(parts) == 4
    # The first part comes before the last rows are read; the last says what the columns are.
    assert max(map(len, parts[:-1])) < 0.6 * sum(map(len, parts[:-1]))
    frame = frame_of(session, kind)
    assert frame["number"].tolist() == list(range(1, 2 * ROWS_AT_ONCE + 2))


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.PARQUET])
def test_a_result_without_rows_is_a_file_with_columns(kind: ExportFormat) -> None:
    frame = frame_of(session_with(), kind)
    assert len(frame) == 0
    assert "value_koi_period" in frame


def test_the_files_name_is_the_servers_own() -> None:
    session = session_with()
    expected = f"exoplanet-kepler-{str(session.pk)[:8]}-predictions.csv"
    assert file_name(session, ExportFormat.CSV) == expected


@pytest.fixture
def get(client: Client) -> Callable[..., Any]:
    def ask(session: TrainingSession, **query: str) -> Any:
        TrainingSession.objects.filter(pk=session.pk).update(owner_key="anonymous:x")
        return client.get(f"/api/v1/training-sessions/{session.pk}/export", query)

    return ask


@pytest.mark.parametrize(
    ("query", "kind", "content_type"),
    [
        ({}, "csv", "text/csv; charset=utf-8"),
        ({"as": "csv"}, "csv", "text/csv; charset=utf-8"),
        ({"as": "parquet"}, "parquet", "application/vnd.apache.parquet"),
    ],
)
def test_an_export_is_a_download_that_no_browser_shows(
    get: Callable[..., Any], query: dict[str, str], kind: str, content_type: str
) -> None:
    session = session_with({})
    answer = get(session, **query)
    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="exoplanet-kepler-{str(session.pk)[:8]}-predictions.{kind}"'
    )
    assert answer.streaming
    assert b"".join(answer.streaming_content) == b"".join(exported(session, ExportFormat(kind)))


def test_a_download_takes_the_rate_of_planets_and_refuses_an_impossible_one(
    get: Callable[..., Any],
) -> None:
    session = session_with({})
    session.model |= {"frequencies": {"candidate": 0.2, "false_positive": 0.3, "confirmed": 0.5}}
    session.save()
    header = next(get(session, planet_rate="0.1").streaming_content).decode().splitlines()[0]
    assert "probability_confirmed_at_planet_rate" in header.split(",")
    refused = get(session, planet_rate="1.5")
    assert (refused.status_code, refused.json()["field"]) == (400, "planet_rate")


def test_an_unknown_format_is_refused_with_those_that_there_are(get: Callable[..., Any]) -> None:
    answer = get(session_with({}), **{"as": "exe"})
    assert answer.status_code == 400
    problem = answer.json()
    assert (
        problem["detail"]
        == "as was 'exe', but it must be one of csv, parquet, json, votable, ecsv, fits."
    )
    assert problem["field"] == "as"
    assert problem["allowed"] == list(ExportFormat)


def test_a_session_without_a_result_has_no_export(get: Callable[..., Any]) -> None:
    answer = get(session_with(status="running"))
    assert answer.status_code == 409
    assert answer.json()["detail"] == "The session has no result yet: it is running."


def test_another_users_session_has_no_export(client: Client) -> None:
    session = session_with({})
    TrainingSession.objects.filter(pk=session.pk).update(owner_key="user:1")
    assert client.get(f"/api/v1/training-sessions/{session.pk}/export").status_code == 404
