from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets import NotATableError
from mlcore.datasets.readers.formats import EXPECTED
from mlcore.datasets.readers.read import Heading, RawTable, read_frame
from mlcore.errors import DataError
from tests.mlcore.datasets.readers.limited import limited

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame(
    {
        "kepid": [10797460, 10811496],
        "kepoi_name": ["K00752.01", "K00753.01"],
        "koi_period": [9.488036, None],
    }
)
RECORDS = json.loads(FRAME.to_json(orient="records"))
ROWS = [list(row.values()) for row in RECORDS]
METADATA = [
    {"name": "kepid", "datatype": "long"},
    {"name": "kepoi_name", "unit": None},
    {"name": "koi_period", "unit": "days"},
]


def read(folder: Path, content: object) -> RawTable:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "table").write_text(text)
    return read_frame(folder / "table")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(RECORDS, id="records"),
        pytest.param(FRAME.to_json(orient="columns"), id="columns-by-index"),
        pytest.param(FRAME.to_json(orient="index"), id="rows-by-index"),
        pytest.param(FRAME.to_json(orient="split"), id="split"),
        pytest.param({name: FRAME[name].tolist() for name in FRAME}, id="columns"),
        pytest.param({"metadata": METADATA, "data": ROWS}, id="tap"),
        pytest.param({"fields": METADATA, "data": RECORDS}, id="fields"),
        pytest.param([list(FRAME), *ROWS], id="rows-under-names"),
        pytest.param({"status": "ok", "results": RECORDS}, id="wrapped"),
        pytest.param("\n".join(map(json.dumps, RECORDS)) + "\n", id="lines"),
        pytest.param([*RECORDS, dict.fromkeys(FRAME)], id="blank-row"),
        pytest.param("\ufeff" + json.dumps(RECORDS, indent=2), id="byte-order-mark"),
    ],
)
def test_a_table_in_json_is_read(tmp_path: Path, content: object) -> None:
    raw = read(tmp_path, content)
    assert raw.columns == tuple(FRAME)
    assert raw.frame["kepid"].tolist() == [10797460, 10811496]
    assert raw.frame["kepoi_name"].tolist() == ["K00752.01", "K00753.01"]
    assert raw.frame["koi_period"].fillna(0).tolist() == [9.488036, 0]


def test_an_object_is_one_row_and_a_pandas_table_has_its_index(tmp_path: Path) -> None:
    assert read(tmp_path, RECORDS[0]).frame["koi_period"].tolist() == [9.488036]
    raw = read(tmp_path, FRAME.to_json(orient="table"))
    assert raw.columns == ("index", *FRAME)


def test_units_in_metadata_are_units(tmp_path: Path) -> None:
    raw = read(tmp_path, {"metadata": METADATA, "data": ROWS})
    assert raw.headings == (
        Heading(name="kepid"),
        Heading(name="kepoi_name"),
        Heading(name="koi_period", unit="days"),
    )


def test_absent_values_of_an_object_are_missing(tmp_path: Path) -> None:
    raw = read(tmp_path, [{"a": 1}, {"b": 2.5, "a": 3}, {"b": None, "a": 4}])
    assert raw.columns == ("a", "b")
    assert raw.frame["b"].fillna(0).tolist() == [0, 2.5, 0]


SHAPES = (
    "The JSON file is no table: allowed are a list of objects, an object of columns, or an object"
    " with metadata and data, as TAP services answer."
)
BROKEN = f"The file begins as JSON does, but is none; {EXPECTED}."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[1, 2, 3]", SHAPES),
        ("[]", SHAPES),
        ("{}", SHAPES),
        ('{"a": [1, 2], "b": [1]}', SHAPES),
        ('{"a": {"x": 1}, "b": {"x": 2}}', SHAPES),
        ('{"a": [1], "b": {"x": [2]}}', SHAPES),
        ('[{"a": 1}, [2]]', SHAPES),
        ('[{"a": 1}', BROKEN),
        ("[kepid],[koi_period]\n1,2\n", BROKEN),
        ("[" * 100_000, BROKEN),
        ('{"a":' * 100_000, BROKEN),
        ('[{"a": ' + "9" * 5000 + "}]", BROKEN),
        ('{"a": 1}\n{"a": 2', BROKEN),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(NotATableError) as refused:
        read(tmp_path, content)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            '[{"koi_period": 1, "koi_period": 2}]',
            "An object in the JSON file has more than one value named koi_period.",
        ),
        (
            '{"metadata": [{"name": "a"}, {"name": "b"}], "data": [[1, 2], [1]]}',
            "Row 2 of the table has not the 2 values that its columns have names for.",
        ),
        (
            '[{"a": 1, "b": [1, 2]}]',
            "Column b of the JSON file has lists or objects in it; allowed are numbers and words.",
        ),
    ],
)
def test_a_table_that_is_not_whole_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, content)
    assert str(refused.value) == sentence


def test_a_list_in_a_column_that_nobody_asks_for_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "table").write_text('[{"a": 1, "b": [1, 2]}]')
    assert read_frame(tmp_path / "table", columns={"a"}).frame["a"].tolist() == [1]


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    with limited(json_bytes=100), pytest.raises(DataError) as refused:
        read(tmp_path, [{"a": "x" * 100}])
    assert str(refused.value) == (
        "The JSON file is larger than the 0.0001 MB that it may be: send it as CSV or Parquet."
    )


def test_a_file_of_one_long_line_or_of_very_many_is_read(tmp_path: Path) -> None:
    rows = [{"koi_period": number / 7, "koi_depth": number} for number in range(30_000)]
    for indent in (None, 1):
        content = json.dumps(rows, indent=indent)
        with limited(rows=30_000, line_bytes=1000):
            frame = read(tmp_path, content).frame
        assert frame["koi_period"].tolist() == [row["koi_period"] for row in rows]
    with (
        limited(rows=29_999),
        pytest.raises(DataError, match=r"^The table has more than the 29"),
    ):
        read(tmp_path, content)
