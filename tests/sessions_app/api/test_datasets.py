"""The missions' tables in the API: what is loaded, its rows, and what changed between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from mlcore.references import ACKNOWLEDGEMENT
from sessions_app import services
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db
ROWS = "/api/v1/datasets/kepler/rows"


def ask(client: Client, address: str, **query: Any) -> dict[str, Any]:
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_every_mission_is_listed_with_its_snapshots(
    client: Client, kepler: DatasetSnapshot
) -> None:
    page = client.get("/api/v1/datasets").json()
    listed = page["results"]
    assert (page["count"], page["next"], page["previous"]) == (len(listed), None, None)
    assert [one["mission"] for one in listed] == ["kepler", "k2", "tess", "tce", "lightcurves"]
    first, second = listed[:2]
    assert (first["archive_table"], first["doi"]) == ("cumulative", "10.26133/NEA4")
    assert first["acknowledgement"] == ACKNOWLEDGEMENT
    assert [snapshot["id"] for snapshot in first["snapshots"]] == [kepler.pk]
    assert first["snapshots"][0]["label_counts"] == kepler.label_counts
    assert second["snapshots"] == []


def test_a_mission_has_columns_with_unit_meaning_and_coverage(
    client: Client, kepler: DatasetSnapshot, media: Path
) -> None:
    mission = ask(client, "/api/v1/datasets/kepler")
    assert mission["current"]["sha256"] == kepler.sha256
    columns = {column["column"]: column for column in mission["columns"]}
    radius = columns["koi_prad"]
    assert (radius["title"], radius["unit"]) == ("Planet radius", "R_earth")
    values = pq.read_table(media / kepler.file.name).column("koi_prad")
    assert radius["filled_share"] == 1 - values.null_count / kepler.rows
    assert ask(client, "/api/v1/datasets/tess")["columns"] == []


def test_rows_are_asked_for_by_the_address(
    client: Client, kepler: DatasetSnapshot, media: Path
) -> None:
    page = ask(
        client,
        ROWS,
        columns="koi_period, koi_prad",
        ordering="-koi_period",
        disposition="confirmed,candidate",
        koi_period_min="2",
        koi_period_max="20",
        page_size="5",
    )
    rows = pq.read_table(media / kepler.file.name).to_pylist()
    fitting = [
        row
        for row in rows
        if row["koi_disposition"] != "FALSE POSITIVE" and 2 <= row["koi_period"] <= 20
    ]
    fitting.sort(key=lambda row: -row["koi_period"])
    assert (page["count"], page["total"], page["snapshot"]["id"]) == (
        len(fitting),
        len(rows),
        kepler.pk,
    )
    assert [row["values"] for row in page["results"]] == [
        {name: row[name] for name in ("koi_period", "koi_prad")} for row in fitting[:5]
    ]
    assert [column["unit"] for column in page["columns"]] == ["d", "R_earth"]
    assert (page["model"], page["model_title"], page["previous"]) == (None, None, None)
    assert [row["verdict"] for row in page["results"]] == [None] * 5
    following = client.get(page["next"]).json()
    assert [row["values"]["koi_prad"] for row in following["results"]] == [
        row["koi_prad"] for row in fitting[5:10]
    ]
    assert client.get(following["previous"]).json()["results"] == page["results"]
    name = fitting[0]["kepoi_name"]
    found = ask(client, ROWS, search=f"koi-{float(name[1:]):.2f}", columns="", ra_min="")
    assert [row["name"] for row in found["results"]] == [name]


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ({"colums": "ra"}, "colums", "'colums' is no parameter of this address: it takes "),
        ({"koi_period_min": "a"}, "koi_period_min", "koi_period_min was 'a', but it must be a nu"),
        ({"koi_age_min": "1"}, "koi_age", "koi_age named 'koi_age', but this table has no such"),
        (
            {"ordering": "age"},
            "ordering",
            "ordering named 'age', but this table has no such column",
        ),
        ({"columns": "age"}, "columns", "columns named 'age', but this table has no such column"),
        ({"page_size": "10001"}, "page_size", "page_size was '10001', but it must be a whole num"),
        ({"page": "40"}, "page", "page was 40, but it must be from 1 to 4."),
        ({"snapshot": "999999"}, "snapshot", "snapshot was 999999, but of Kepler objects of int"),
        ({"disposition": "planet"}, "disposition", "disposition was 'planet', but it must be one"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(
    client: Client, kepler: DatasetSnapshot, query: dict[str, str], field: str, said: str
) -> None:
    answer = client.get(ROWS, query)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["detail"].startswith(said)


def test_there_are_no_rows_of_what_is_not_loaded(client: Client) -> None:
    answer = client.get("/api/v1/datasets/tess/rows")
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The tess table is not loaded on this server."
    assert client.get("/api/v1/datasets/corot/rows").status_code == 404


def test_rows_whose_file_is_gone_are_gone(
    client: Client, kepler: DatasetSnapshot, media: Path
) -> None:
    (media / kepler.file.name).unlink()
    assert client.get(ROWS).status_code == 410


def test_two_snapshots_are_compared(
    client: Client, kepler: DatasetSnapshot, media: Path, tmp_path: Path
) -> None:
    path = kepler_file(tmp_path / "newer.csv")
    lines = path.read_text().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if ",CANDIDATE," in line)
    lines[place] = lines[place].replace(",CANDIDATE,", ",CONFIRMED,")
    path.write_text("".join(lines[:-1]))
    newer, _, _ = services.load_dataset("kepler", file=path, folder=None)
    listed = client.get("/api/v1/datasets/kepler/snapshots").json()["results"]
    assert [(one["id"], one["is_current"]) for one in listed] == [
        (newer.pk, True),
        (kepler.pk, False),
    ]
    address = f"/api/v1/datasets/kepler/snapshots/{kepler.pk}/differences"
    found = ask(client, address, to=newer.pk)
    rows = pq.read_table(media / kepler.file.name).to_pylist()
    assert found["added"] == []
    assert [one["name"] for one in found["removed"]] == [rows[-1]["kepoi_name"]]
    assert [(one["before"], one["after"]) for one in found["changed"]] == [
        ("candidate", "confirmed")
    ]
    assert found["moves"] == [{"before": "candidate", "after": "confirmed", "count": 1}]
    assert found["unchanged"] == len(rows) - 2
    assert ask(client, address)["newer"]["id"] == newer.pk
    back = ask(client, f"/api/v1/datasets/kepler/snapshots/{newer.pk}/differences", to=kepler.pk)
    assert [one["name"] for one in back["added"]] == [rows[-1]["kepoi_name"]]
    assert client.get(address, {"to": "7777"}).json()["field"] == "to"
    missing = client.get("/api/v1/datasets/kepler/snapshots/7777/differences")
    assert missing.status_code == 404
    # Rows of an earlier snapshot are asked for by its id.
    assert ask(client, ROWS, snapshot=kepler.pk)["total"] == len(rows)
