"""Text whose cells are separated by blanks, or stand in columns of fixed width."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from astropy.table import MaskedColumn, Table

from mlcore.datasets.readers.read import RawTable, read_columns, read_frame
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

TABLE = Table(
    {
        "kepid": ["10797460", "10811496", "10854555", "10872983"],
        "koi_disposition": ["FALSE POSITIVE", "CONFIRMED", "CANDIDATE", "CONFIRMED"],
        "koi_period": MaskedColumn([9.488036, 0.5, 2.5, 11.1], mask=[False, False, True, False]),
        "koi_depth": MaskedColumn([616.0, 10829, 8079, 1], mask=[True, False, False, False]),
    }
)


def read(folder: Path, content: str) -> RawTable:
    path = folder / "table"
    path.write_text(content)
    raw = read_frame(path, text={"kepid", "koi_disposition"})
    assert read_columns(path)[0] == raw.columns
    return raw


def written(kind: str) -> str:
    text = io.StringIO()
    TABLE.write(text, format=f"ascii.{kind}")
    return text.getvalue()


def assert_is_the_table(frame: pd.DataFrame) -> None:
    assert frame["kepid"].tolist() == TABLE["kepid"].tolist()
    assert frame["koi_disposition"].tolist() == TABLE["koi_disposition"].tolist()
    for name in ("koi_period", "koi_depth"):
        assert frame[name].fillna(-1).tolist() == TABLE[name].filled(-1).tolist()


@pytest.mark.parametrize(
    "kind",
    ["fixed_width", "fixed_width_two_line", "basic", "rst", "rdb", "tab", "commented_header"],
)
def test_what_astropy_writes_is_read(tmp_path: Path, kind: str) -> None:
    assert_is_the_table(read(tmp_path, written(kind)).frame)


def test_columns_that_only_blanks_draw_are_read(tmp_path: Path) -> None:
    lines = [line for line in written("fixed_width_two_line").splitlines() if "--" not in line]
    assert_is_the_table(read(tmp_path, "\n".join(lines)).frame)
    assert_is_the_table(read(tmp_path, "A title\n\n" + "\n".join(lines) + "\n").frame)


def test_a_printed_frame_is_read_with_and_without_its_index(tmp_path: Path) -> None:
    frame = TABLE.to_pandas()
    assert_is_the_table(read(tmp_path, frame.to_string(index=False)).frame)
    assert_is_the_table(read(tmp_path, frame.to_string()).frame)


def test_what_astropy_prints_is_read_with_its_units(tmp_path: Path) -> None:
    table = TABLE.copy()
    table["koi_period"].unit = "d"
    lines = table.pformat(show_unit=True, max_lines=-1, max_width=-1)
    raw = read(tmp_path, "\n".join([*lines, "Length = 4 rows"]))
    assert [heading.unit for heading in raw.headings] == ["", "", "d", ""]
    assert raw.frame["koi_disposition"].tolist() == TABLE["koi_disposition"].tolist()
    assert raw.notes == (
        'The line "Length = 4 rows", which has no cells of an object, was left out.',
    )


def test_a_table_as_r_writes_it_between_blanks_is_read(tmp_path: Path) -> None:
    rows = '"1" 10797460 9.4 "FALSE POSITIVE"\n"2" 10811496 19.9 "CONFIRMED"\n'
    raw = read(tmp_path, '"kepid" "koi_period" "koi_disposition"\n' + rows)
    assert raw.frame["kepid"].tolist() == ["10797460", "10811496"]
    assert raw.frame["koi_period"].tolist() == [9.4, 19.9]
    assert raw.frame["koi_disposition"].tolist() == ["FALSE POSITIVE", "CONFIRMED"]


def test_text_between_the_columns_is_refused(tmp_path: Path) -> None:
    content = written("fixed_width_two_line").replace("10811496 ", "10811496x")
    with pytest.raises(
        DataError, match=r'^The line "10811496x .*" has text between the columns\.$'
    ):
        read(tmp_path, content)


def test_cells_that_stand_under_each_other_by_chance_are_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^Row 2 of the table has fewer cells than there are"):
        read(tmp_path, "kepid koi_period koi_depth\n10797460 9.4 616\n10811496 616\n")


def test_quoted_cells_between_blanks_are_one(tmp_path: Path) -> None:
    raw = read(tmp_path, 'kepid  koi_disposition\n1 "FALSE POSITIVE"\n2\t""\n')
    assert raw.frame["koi_disposition"].fillna("").tolist() == ["FALSE POSITIVE", ""]
