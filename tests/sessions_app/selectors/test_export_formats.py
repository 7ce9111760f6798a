"""Exports in other people's formats: positions, units and where the result is from."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable.ucd import check_ucd
from astropy.table import Table
from django.utils import timezone

from mlcore.datasets import DATASETS, read_table
from mlcore.prediction.table_formats.described import columns_in, provenance_in
from mlcore.references import ACKNOWLEDGEMENT
from sessions_app.models import DatasetSnapshot, TrainingSession
from sessions_app.selectors.export_columns import _UCDS_OF_QUANTITIES, export_columns
from sessions_app.selectors.exports import ExportFormat, exported
from sessions_app.selectors.planet_rate import expected_rate
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db
COLUMNS = ["koi_period", "koi_depth", "koi_prad", "stellar_density"]


@pytest.fixture
def session(kepler: DatasetSnapshot, media: Path) -> TrainingSession:
    """A result on the small snapshot, of one of its objects and one that it does not have."""
    made = TrainingSession.objects.create(
        kind="training",
        status="completed",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        snapshot=kepler,
        seed=11,
        finished_at=timezone.now(),
        model={
            "model_type": "svm",
            "columns": COLUMNS,
            "train_rows": 240,
            "test_rows": 2,
            "versions": {"numpy": "2.0", "xgboost": "3.0"},
            "frequencies": {"candidate": 0.2, "false_positive": 0.3, "confirmed": 0.5},
        },
    )
    name = pq.read_table(media / kepler.file.name).column("kepoi_name")[7].as_py()
    values = {"values": [1 / 3, None, 2.5, 1.4], "contributions": [0.1, 0.2, -0.3, 1 / 7]}
    objects = [an_object(1, name=name, **values), an_object(2, name="mine", **values)]
    keep_objects(made, objects)
    return made


def facts_of(session: TrainingSession) -> dict[str, str]:
    content = b"".join(exported(session, ExportFormat.PARQUET))
    return {fact.name: fact.value for fact in provenance_in(pq.read_schema(io.BytesIO(content)))}


def test_a_file_says_where_it_is_from(session: TrainingSession, kepler: DatasetSnapshot) -> None:
    facts = facts_of(session)
    assert facts["software"] == "Exoplanet Playground 0.1.0"
    assert facts["session"] == str(session.pk)
    assert facts["archive_table"] == "the NASA Exoplanet Archive's table cumulative"
    assert facts["archive_doi"] == "10.26133/NEA4"
    assert facts["acknowledgement"] == ACKNOWLEDGEMENT
    assert (facts["snapshot_sha256"], facts["snapshot_dated"]) == (kepler.sha256, "2025-10-03")
    assert (facts["seed"], facts["model_type"]) == ("11", "svm")
    assert facts["libraries"] == "numpy 2.0, xgboost 3.0"
    # Nothing is said that does not apply.
    assert "planet_rate" not in facts
    assert "mark" not in facts


def test_rows_of_a_users_own_are_not_said_to_be_the_archives(session: TrainingSession) -> None:
    session.reference, session.snapshot, session.data_source = session.snapshot, None, "user"
    facts = facts_of(session)
    assert facts["rows"] == "the user's files"
    assert "snapshot" not in facts
    assert facts["compared_with"].startswith("the file cumulative.csv")


def test_columns_have_units_and_words_of_the_virtual_observatory(session: TrainingSession) -> None:
    content = b"".join(exported(session, ExportFormat.PARQUET))
    columns = {column.name: column for column in columns_in(pq.read_schema(io.BytesIO(content)))}
    assert [columns[f"value_{name}"].unit for name in COLUMNS] == ["d", "ppm", "R_earth", "g / cm3"]
    assert columns["value_koi_period"].description == "Orbital period."
    assert columns["value_koi_period"].ucd == "time.period"
    assert columns["ra"].unit == columns["dec"].unit == "deg"
    assert all(column.description for column in columns.values())


def test_every_word_is_on_the_list(session: TrainingSession) -> None:
    columns = export_columns(session, at=expected_rate(session, 0.1), positions={})
    words = {column.ucd for column in columns if column.ucd} | set(_UCDS_OF_QUANTITIES.values())
    assert len(words) > 15
    for word in words:
        assert check_ucd(word, check_controlled_vocabulary=True), word


def test_an_object_is_where_the_missions_table_has_it(
    session: TrainingSession, kepler: DatasetSnapshot, media: Path
) -> None:
    row = pq.read_table(media / kepler.file.name).to_pylist()[7]
    table = pq.read_table(io.BytesIO(b"".join(exported(session, ExportFormat.PARQUET))))
    assert table.column("name")[0].as_py() == row["kepoi_name"]
    assert table.column("ra").to_pylist() == [row["ra"], None]
    assert table.column("dec").to_pylist() == [row["dec"], None]


def test_csv_says_where_it_is_from_only_if_it_is_asked(session: TrainingSession) -> None:
    plain = b"".join(exported(session, ExportFormat.CSV)).decode()
    told = b"".join(exported(session, ExportFormat.CSV, header=True)).decode()
    assert plain.startswith("number,name,host")
    comments = [line for line in told.splitlines() if line.startswith("# ")]
    assert f"# session: {session.pk}" in comments
    assert told.split("\r\n", len(comments))[-1] == plain


def test_json_has_the_same_numbers_and_is_read_as_a_table(
    session: TrainingSession, tmp_path: Path
) -> None:
    content = b"".join(exported(session, ExportFormat.JSON))
    said = json.loads(content)
    plain = b"".join(exported(session, ExportFormat.CSV)).decode()
    rows = list(csv.reader(io.StringIO(plain)))
    assert [column["name"] for column in said["columns"]] == rows[0]
    assert [["" if cell is None else str(cell) for cell in row] for row in said["data"]] == rows[1:]
    assert said["provenance"]["seed"] == "11"
    # What one downloads can be sent again under the archive's own names.
    named = content.replace(b'"value_koi', b'"koi').replace(b'"temperature"', b'"koi_steff"')
    (tmp_path / "table.json").write_bytes(named)
    table = read_table(tmp_path / "table.json", DATASETS["kepler"], require_labels=False)
    assert table.frame["koi_period"].tolist() == [1 / 3, 1 / 3]


def ask(client: Client, session: TrainingSession, **query: str) -> Any:
    TrainingSession.objects.filter(pk=session.pk).update(owner_key="anonymous:x")
    return client.get(f"/api/v1/training-sessions/{session.pk}/export", query)


def content_of(answer: Any) -> bytes:
    parts: Iterator[bytes] = answer.streaming_content
    content = b"".join(parts)
    # As the server does, which closes the database's connection too.
    for close in answer._resource_closers:
        close()
    return content


def test_a_votable_is_written_once_by_a_process_apart_and_sent_compressed(
    client: Client, session: TrainingSession, media: Path
) -> None:
    first = ask(client, session, **{"as": "votable"})
    assert first.status_code == 200
    assert first["Content-Type"] == "application/x-votable+xml"
    assert first["Content-Disposition"].endswith('-predictions.vot"')
    table = Table.read(io.BytesIO(content_of(first)), format="votable")
    of_parquet = pq.read_table(io.BytesIO(b"".join(exported(session, ExportFormat.PARQUET))))
    assert table.colnames == of_parquet.column_names
    for name in ("number", "name", "ra", "value_koi_prad", "contribution_stellar_density"):
        assert table[name].tolist() == of_parquet.column(name).to_pylist()
    assert str(table["value_koi_prad"].unit) == "Rgeo"
    packed = client.get(
        f"/api/v1/training-sessions/{session.pk}/export",
        {"as": "votable"},
        headers={"accept-encoding": "gzip"},
    )
    (kept,) = media.glob(f"results/{session.pk}/written/*-predictions.votable.gz")
    assert content_of(packed) == kept.read_bytes()
    assert gzip.decompress(kept.read_bytes()).startswith(b"<?xml")
    again = client.get(
        f"/api/v1/training-sessions/{session.pk}/export",
        {"as": "votable"},
        headers={"if-none-match": first["ETag"]},
    )
    assert again.status_code == 304


def test_fits_at_a_rate_of_planets_is_written_for_who_asks(
    client: Client, session: TrainingSession, media: Path
) -> None:
    answer = ask(client, session, **{"as": "fits", "planet_rate": "0.1"})
    with fits.open(io.BytesIO(content_of(answer))) as file:
        assert file[1].header["RATE"] == "0.1"
        assert file[1].data["planet_rate"].tolist() == [0.1, 0.1]
    assert not list(media.glob(f"results/{session.pk}/written/*fits*"))
    assert not list((media / "incoming").iterdir())


def test_a_header_is_true_or_false(client: Client, session: TrainingSession) -> None:
    refused = ask(client, session, header="perhaps")
    assert (refused.status_code, refused.json()["field"]) == (400, "header")
    assert b"# seed: 11\r\n" in content_of(ask(client, session, header="1"))
    assert b"#" not in content_of(ask(client, session))
