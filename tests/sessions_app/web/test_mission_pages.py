"""The pages of a mission: rows, columns, snapshots and what changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of
from tests.sessions_app.snapshots import kept_snapshot
from tests.sessions_app.web.pages import page, words

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db

ADDRESS = "/missions/kepler"
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def names(client: Client, **query: object) -> list[str]:
    shown = client.get(ADDRESS, query).content.decode()
    return re.findall(r'<th scope="row"><a href="/missions/kepler/objects/([^"]+)"', shown)


# Rows


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("sort", ["koi_period", "-koi_period", "kepoi_name", "koi_disposition"])
def test_rows_are_in_the_order_that_a_heading_asks_for(
    client: Client, kepler: DatasetSnapshot, sort: str
) -> None:
    expected = [row.name for row in rows_of(kepler, sort=sort, page_size=50).rows]
    assert names(client, sort=sort) == expected
    text = client.get(ADDRESS, {"sort": sort}).content.decode()
    turned = "descending" if sort.startswith("-") else "ascending"
    assert text.count("aria-sort") == 1
    assert f'aria-sort="{turned}"' in text
    # It leads to the other order, and not to a page that was turned to before.
    other = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    again = client.get(ADDRESS, {"sort": sort, "page": 2}).content.decode()
    assert f'href="?sort={other}"' in again


def test_rows_are_filtered_by_all_that_the_form_asks_for(
    client: Client, kepler: DatasetSnapshot
) -> None:
    asked = {"disposition": ["confirmed", "none"], "koi_period_min": "2", "koi_period_max": "20"}
    expected = rows_of(
        kepler,
        dispositions=["confirmed", "none"],
        ranges={"koi_period": (2.0, 20.0)},
        page_size=50,
    )
    assert 0 < expected.matching < expected.total
    assert names(client, **asked) == [row.name for row in expected.rows]
    text = page(client, ADDRESS, **asked)
    assert f"{expected.matching} of {expected.total} objects" in text
    wanted = expected.rows[3].name
    assert names(client, search=wanted.lower().replace("k0", "koi-0")) == [wanted]


def test_chosen_columns_stand_with_their_unit_and_those_shown_can_be_bounded(
    client: Client, kepler: DatasetSnapshot
) -> None:
    shown = client.get(ADDRESS, {"columns": ["koi_teq", "kepid"]}).content.decode()
    assert ">Equilibrium temperature</a><small>K</small>" in shown
    assert "Orbital period</a>" not in shown
    assert re.findall(r'name="(\w+)_min"', shown) == ["koi_teq"]
    row = rows_of(kepler, columns=["koi_teq"]).rows[0]
    assert f'<td class="amount">{row.values[0]:g}</td>' in shown


def test_pages_keep_what_is_asked_for(client: Client, kepler: DatasetSnapshot) -> None:
    shown = client.get(ADDRESS, {"sort": "koi_period", "page": 2}).content.decode()
    assert 'href="?sort=koi_period&amp;page=3"' in shown
    expected = rows_of(kepler, sort="koi_period", page=2, page_size=50).rows
    assert names(client, sort="koi_period", page=2) == [row.name for row in expected]


def test_htmx_gets_the_rows_alone_and_a_browser_the_page(
    client: Client, kepler: DatasetSnapshot
) -> None:
    part = client.get(ADDRESS, {"sort": "koi_period"}, headers=PART)
    assert part.content.decode().startswith('<div id="rows">')
    assert "HX-Request-Type" in part["Vary"]
    # Going back asks for what stands in the whole page.
    whole = client.get(ADDRESS, headers={**PART, "HX-Request-Type": "full"})
    assert whole.content.decode().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"koi_period_min": "5", "koi_period_max": "3"}, "from 5 to 3"),
        ({"koi_period_min": "many"}, "Enter a number"),
        ({"sort": "koi_nothing"}, "no such column"),
        ({"sort": "probability_confirmed"}, "no published model"),
        ({"page": "999"}, "from 1 to"),
        ({"page": "nought"}, "whole number"),
        ({"disposition": "planet"}, "planet is not one of the available choices"),
        ({"columns": "koi_score"}, "koi_score is not one of the available choices"),
        ({"page_size": "1000000"}, "1000000 is not one of the available choices"),
    ],
)
def test_what_no_row_can_answer_is_said_with_400(
    client: Client, kepler: DatasetSnapshot, query: dict[str, str], said: str
) -> None:
    for headers in ({}, PART):
        answer = client.get(ADDRESS, query, headers=headers)
        assert answer.status_code == 400
        assert said in words(answer)
        assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("address", ["", "/columns", "/snapshots", "/differences"])
def test_a_mission_that_is_not_loaded_or_is_none_has_no_pages(client: Client, address: str) -> None:
    for mission in ("tess", "nowhere"):
        assert client.get(f"/missions/{mission}{address}").status_code == 404


# Columns


def test_each_column_has_its_meaning_unit_and_coverage(
    client: Client, kepler: DatasetSnapshot
) -> None:
    text = page(client, f"{ADDRESS}/columns")
    columns = columns_of(kepler)
    for column in columns.values():
        assert f"{column.name} {column.title}"[:200] in text.replace(f"{column.leak} ", "")
        assert f" {column.filled} " in text
    assert text.index("koi_prad") < text.index("Everything else")


# Snapshots


def rows(*objects: tuple[str, str]) -> dict[str, list[str]]:
    return {
        "kepoi_name": [name for name, _ in objects],
        "koi_disposition": [disposition for _, disposition in objects],
    }


@pytest.fixture
def two(media: Path) -> tuple[DatasetSnapshot, DatasetSnapshot]:
    older = kept_snapshot(
        rows(("K00001.01", "CANDIDATE"), ("K00002.01", "CONFIRMED"), ("K00003.01", "CONFIRMED")),
        dated="2024-01-02",
    )
    newer = kept_snapshot(
        rows(("K00001.01", "CONFIRMED"), ("K00002.01", "CONFIRMED"), ("K00004.01", "CANDIDATE")),
        dated="2025-01-02",
        is_current=True,
    )
    return older, newer


def test_snapshots_lead_to_what_changed_between_two(
    client: Client, two: tuple[DatasetSnapshot, DatasetSnapshot]
) -> None:
    text = page(client, f"{ADDRESS}/snapshots")
    assert text.index("2 January 2025") < text.index("2 January 2024")
    assert "New sessions use it." in text
    asked = {"older": two[0].pk, "newer": two[1].pk}
    text = page(client, f"{ADDRESS}/differences", **asked)
    for said in (
        "Changed disposition 1",
        "Stayed as they were 1",
        "Came 1",
        "Went 1",
        "Candidate confirmed 1",
        "K00001.01 candidate confirmed",
    ):
        assert said in text.replace(" – ", " ")
    for show, name in (("added", "K00004.01 – candidate"), ("removed", "K00003.01 – confirmed")):
        assert name in page(client, f"{ADDRESS}/differences", **asked, show=show)


def test_one_snapshot_says_that_there_is_nothing_to_compare(
    client: Client, kepler: DatasetSnapshot
) -> None:
    assert "There is one snapshot only" in page(client, f"{ADDRESS}/snapshots")


def test_snapshots_of_another_mission_and_what_is_none_are_refused(
    client: Client, two: tuple[DatasetSnapshot, DatasetSnapshot]
) -> None:
    other = kept_snapshot({"toi": ["1.01"], "tfopwg_disp": ["PC"]}, mission="tess")
    for query, said in (
        ({"older": other.pk, "newer": two[1].pk}, "older must be one of the mission's own"),
        ({"older": two[0].pk, "newer": "x"}, "newer must be one of the mission's own"),
        ({"older": two[0].pk}, "required"),
        ({"older": two[0].pk, "newer": two[1].pk, "show": "x"}, "x is not one of"),
    ):
        assert said in page(client, f"{ADDRESS}/differences", status=400, **query)


def test_a_snapshot_whose_file_is_gone_says_so(client: Client, media: Path) -> None:
    older, newer = (
        kept_snapshot(rows((f"K0000{number}.07", "CANDIDATE")), dated=f"202{number}-01-02")
        for number in (4, 5)
    )
    (media / older.file.name).unlink()
    asked = {"older": older.pk, "newer": newer.pk}
    text = page(client, f"{ADDRESS}/differences", status=410, **asked)
    assert "no longer on this server" in text
