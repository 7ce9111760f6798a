"""Rows of a loaded table: the table's own, whatever is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlcore.datasets import DATASETS
from mlcore.datasets.snapshot import write_snapshot
from mlcore.datasets.table import Table
from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.models import DatasetSnapshot, ObjectVerdict
from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of, verdict_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture
def frame(kepler: DatasetSnapshot, media: Path) -> pd.DataFrame:
    """The snapshot's file, read by another library."""
    read: pd.DataFrame = pq.read_table(media / kepler.file.name).to_pandas()
    return read


def numbers(snapshot: DatasetSnapshot, **asked: Any) -> list[int]:
    return [row.number for row in rows_of(snapshot, page_size=10_000, **asked).rows]


def test_a_page_has_the_tables_rows_with_their_values(
    kepler: DatasetSnapshot, frame: pd.DataFrame
) -> None:
    page = rows_of(kepler, columns=["koi_period", "koi_prad", "kepid"], page=2, page_size=40)
    assert (page.total, page.matching, page.pages) == (
        len(frame),
        len(frame),
        -(-len(frame) // 40),
    )
    assert [column.name for column in page.columns] == ["koi_period", "koi_prad", "kepid"]
    assert [(column.title, column.unit) for column in page.columns[:2]] == [
        ("Orbital period", "d"),
        ("Planet radius", "R_earth"),
    ]
    assert [row.number for row in page.rows] == list(range(41, 81))
    for row, of_frame in zip(page.rows, frame.iloc[40:80].to_dict("records"), strict=True):
        assert row.name == of_frame["kepoi_name"]
        assert row.host == row.values[2] == of_frame["kepid"]
        assert str(row.disposition).upper().replace("_", " ") == of_frame["koi_disposition"]
        assert row.in_test_split is of_frame["in_test_split"]
        expected = of_frame["koi_prad"]
        assert row.values[0] == of_frame["koi_period"]
        assert row.values[1] == (None if pd.isna(expected) else expected)


def test_without_columns_a_page_has_what_a_model_sees(kepler: DatasetSnapshot) -> None:
    names = [column.name for column in rows_of(kepler).columns]
    assert names[:3] == ["koi_period", "koi_impact", "koi_duration"]
    assert not any("_err" in name for name in names)


def test_a_columns_coverage_is_the_share_of_its_rows_with_a_value(
    kepler: DatasetSnapshot, frame: pd.DataFrame
) -> None:
    columns = columns_of(kepler)
    assert list(columns) == [name for name in frame.columns if name != "in_test_split"]
    for name, column in columns.items():
        assert column.filled == frame[name].notna().sum()
        assert column.coverage == pytest.approx(frame[name].notna().mean())
    assert columns["koi_prad"].coverage < 1.0


@pytest.mark.parametrize("turned", [False, True])
def test_sorted_rows_without_a_value_come_last_either_way(
    kepler: DatasetSnapshot, frame: pd.DataFrame, turned: bool
) -> None:
    ordered = frame.sort_values("koi_prad", ascending=not turned, kind="stable", na_position="last")
    assert frame["koi_prad"].isna().any()
    sort = "-koi_prad" if turned else "koi_prad"
    assert numbers(kepler, sort=sort) == [place + 1 for place in ordered.index]


def test_rows_are_filtered_by_disposition_and_by_ranges_at_once(
    kepler: DatasetSnapshot, frame: pd.DataFrame
) -> None:
    fits = (
        frame["koi_disposition"].isin(["CONFIRMED", "CANDIDATE"])
        & frame["koi_period"].between(2.0, 20.0)
        & (frame["koi_prad"] <= 4.0)
    )
    assert 10 < fits.sum() < len(frame) / 2
    asked = numbers(
        kepler,
        dispositions=["confirmed", "candidate"],
        ranges={"koi_period": (2.0, 20.0), "koi_prad": (None, 4.0)},
    )
    assert asked == [place + 1 for place in frame.index[fits]]
    assert numbers(kepler, dispositions=["none"]) == []


@pytest.mark.parametrize(
    "spelled", ["{}", "koi-{:.0f}", "KOI {:.2f}", "kepoi"], ids=["listed", "star", "object", "kic"]
)
def test_an_object_is_found_in_any_spelling(
    kepler: DatasetSnapshot, frame: pd.DataFrame, spelled: str
) -> None:
    several = frame[frame["kepid"].duplicated(keep=False)].iloc[0]
    name, star = several["kepoi_name"], several["kepid"]
    of_star = [place + 1 for place in frame.index[frame["kepid"] == star]]
    own = [place + 1 for place in frame.index[frame["kepoi_name"] == name]]
    assert len(of_star) > len(own) == 1
    koi = float(name.removeprefix("K"))
    if spelled == "kepoi":
        assert numbers(kepler, search=f" kic-{int(star):09d} ") == of_star
        assert numbers(kepler, search=star) == of_star
    elif spelled == "koi-{:.0f}":
        assert numbers(kepler, search=spelled.format(int(koi))) == of_star
    else:
        assert numbers(kepler, search=spelled.format(name if spelled == "{}" else koi)) == own
    assert numbers(kepler, search="K99999.01") == []


def snapshot_of(mission: str, frame: pd.DataFrame, media: Path) -> DatasetSnapshot:
    table = Table(dataset=DATASETS[mission], frame=frame, row_numbers=frame.index.to_numpy() + 1)
    (media / "datasets").mkdir()
    write_snapshot(table, media / "datasets/some.parquet")
    return DatasetSnapshot.objects.create(
        mission=mission,
        file="datasets/some.parquet",
        rows=len(frame),
        test_rows=0,
        columns=list(frame),
        label_counts={},
    )


def test_an_object_of_tess_is_found_by_its_star_and_by_its_own_number(media: Path) -> None:
    toi = ["1000.01", "1000.02", "100.01", "1001.01"]
    frame = pd.DataFrame(
        {
            "toi": toi,
            "tid": ["50365310", "50365310", "7", "1000"],
            "tfopwg_disp": ["CP", "FP", "PC", None],
            "pl_orbper": [1.0, 2.0, float("nan"), 4.0],
        }
    )
    snapshot = snapshot_of("tess", frame, media)
    assert [row.name for row in rows_of(snapshot).rows] == [f"TOI {name}" for name in toi]
    assert numbers(snapshot, search="TOI-1000") == [1, 2]
    assert numbers(snapshot, search="toi 1000.02") == [2]
    assert numbers(snapshot, search="TIC 50365310") == [1, 2]
    assert numbers(snapshot, search="TIC-1000") == [4]
    assert numbers(snapshot, dispositions=["none"]) == [4]
    assert numbers(snapshot, dispositions=["none", "confirmed"]) == [1, 4]
    assert numbers(snapshot, ranges={"pl_orbper": (None, None)}) == [1, 2, 4]


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"columns": ["koi_score"]}, "columns", "no such column"),
        ({"sort": "-radius"}, "sort", "no such column"),
        ({"sort": "probability_confirmed"}, "sort", "no published model"),
        ({"verdicts": ["likely planet"]}, "verdict", "no published model"),
        ({"ranges": {"kepid": (1.0, None)}}, "kepid", "holds words"),
        ({"ranges": {"koi_period": (3.0, 2.0)}}, "koi_period", "from 3 to 2"),
        ({"ranges": {"koi_period": (float("nan"), None)}}, "koi_period", "from nan"),
        ({"ranges": {"in_test_split": (0.0, None)}}, "in_test_split", "no such column"),
        ({"dispositions": ["planet"]}, "disposition", "one of candidate, false_positive"),
        ({"page": 99}, "page", "from 1 to 4"),
        ({"page": 0}, "page", "from 1 to 4"),
        ({"page_size": 10_001}, "page_size", "from 1 to 10000"),
    ],
)
def test_what_no_row_can_answer_is_refused_by_name(
    kepler: DatasetSnapshot, asked: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said) as refused:
        rows_of(kepler, **asked)
    assert refused.value.field == field


def test_an_object_has_the_verdict_of_the_missions_published_model(
    media: Path, archive_dir: Path
) -> None:
    k2, _, _ = services.load_dataset("k2", file=None, folder=archive_dir)
    assert verdict_model("k2") is None
    model = services.install("k2-vetting")
    assert verdict_model("k2") == model
    page = rows_of(k2, page_size=50)
    told = {verdict.name: verdict for verdict in ObjectVerdict.objects.filter(session=model)}
    assert page.model == model
    assert len(told) == 100
    for row in page.rows:
        assert row.verdict is not None
        assert row.verdict.planet_probability == told[row.name].probabilities[1]
        assert [str(kind) for kind in row.verdict.possible] == told[row.name].possible
    likeliest = rows_of(k2, sort="-probability_confirmed", page_size=1000).rows
    chances = [row.verdict.planet_probability for row in likeliest if row.verdict]
    assert chances == sorted(chances, reverse=True)
    assert len(chances) == 100
    assert all(row.verdict is None for row in likeliest[100:])
    said = {row.number: row.verdict.word for row in likeliest if row.verdict}
    assert set(said.values()) >= {"likely planet", "undecided"}
    for words in (["undecided"], ["likely planet", "undecided"]):
        wanted = sorted(number for number, word in said.items() if word in words)
        assert numbers(k2, verdicts=words) == wanted
    with pytest.raises(RefusedError, match="must be one of likely planet") as refused:
        rows_of(k2, verdicts=["a planet"])
    assert refused.value.field == "verdict"
