"""Lines that are objects beyond doubt: many at a time, read as one by one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets.readers import delimited
from mlcore.datasets.readers.plain_lines import PlainLines, blocks
from mlcore.datasets.readers.read import read_frame
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("kepid", "kepoi_name", "koi_period", "koi_depth")
ODD = [
    *("", ",,,", " , ,,", "# a remark, of, two", "%,1,2,3", "//", "-----", "--,--,--,--"),
    *("Total:,5,,", "mean,1,2,3", "25%,1,2,3", "NA,NA,NA,NA", "NA,K00001.01,1,2", "null,,,"),
    *(",".join(NAMES), "3 rows returned", "1,K00001.01", "1,K00001.01,2,3,", "1,K00001.01,2,3,,"),
    *(",,2.5,", "1,,,", ",K00001.01,,3", " 1,K00001.01,2,3 ", '"1,K00001.01,2,3"', "kepid 7,a,b,c"),
    *(
        '1,"K00001.01",2,3',
        '"1","K00001.01","2","3"',
        '"# a",b,"2",3',
        '"","","",""',
        '1,"a,b",2,3',
    ),
    *('1,"a\nb",2,3', '1,"a""b",2,3', '1, "ab",2,3', '1,a"b,2,3', "é,K00001.01,2,3", "1,é,2,3"),
    *("1\u2028,K00001.01,2,3", "km,days,ppm,", "1,kepid,2,3", "1,KEPID,x,", "nothing,a,b,c"),
]
"""Lines that may be no objects, or are written in an unusual way."""


def certain(block: bytes, **others: object) -> list[bool] | None:
    known = {
        "delimiter": ",",
        "unit": "",
        "numeric": {2, 3},
        "absent": ("-", "NA", "null"),
        "names_are_words": True,
        **others,
    }
    found = PlainLines(NAMES, **known).certain(block)  # type: ignore[arg-type]
    return None if found is None else found[1].tolist()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,K00001.01,2,3", True),
        ("1,K00001.01,2,3\r", True),
        ("-1,K00001.01,2,3", True),
        ("25,K00001.01,2,3", True),
        ("Totally,K00001.01,2,3", True),
        ('"1","K00001.01","2","3"', True),
        ("1,kepid,2,3", True),
        ("1,,,3", True),
        ("1,kepid,x,y", False),
        ("1,,,", False),
        (",,2,3", False),
        ("1,2,3", False),
        ("1,2,3,4,5", False),
        ("# 1,2,3,4", False),
        ("TOTAL:,2,3,4", False),
        ("25%,2,3,4", False),
        ("NA,2,3,4", False),
        ("é,2,3,4", False),
        ('"a","b","c","d"', False),
    ],
)
def test_a_line_is_certain_only_where_it_can_be_nothing_else(line: str, expected: bool) -> None:
    end = "\r\n" if line.endswith("\r") else "\n"
    block = f"{line.rstrip()}{end}7,K00007.01,8,9{end}"
    assert certain(block.encode()) == [expected, True]


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("1,2,3,4", id="without-an-end"),
        pytest.param("1,2,3,4\r5,6,7,8\n", id="return-alone"),
        pytest.param('1,"2\n3",4,5\n', id="end-in-quotes"),
        pytest.param('1,"2,2",3,4\n', id="delimiter-in-quotes"),
        pytest.param('1,2"",3,4\n', id="quotes-in-a-cell"),
        pytest.param('1, "2",3,4\n', id="blank-before-a-quote"),
        pytest.param('1,"2" ,3,4\n', id="blank-behind-a-quote"),
        pytest.param('1,"2,3,4\n', id="open-quote"),
    ],
)
def test_a_block_that_is_not_of_plain_lines_is_left_to_be_read_line_by_line(block: str) -> None:
    assert certain(block.encode()) is None


def test_blocks_end_where_a_line_does() -> None:
    pieces = [b"a\nb", b"c", b"\nd\ne", b"f"]
    assert list(blocks(pieces, 100)) == [b"a\n", b"bc\nd\n", b"ef"]
    assert list(blocks([b"abc", b"def", b"g"], 4)) == [b"abcdef", b"g"]


def rows_of(drawn: random.Random, lines: int) -> list[str]:
    return [
        f"{n},K{n % 99999:05d}.01,{drawn.random():.6f},{drawn.randrange(9999)}"
        for n in range(lines)
    ]


@pytest.mark.parametrize("seed", range(60))
def test_a_table_of_odd_lines_is_read_as_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    drawn = random.Random(seed)
    lines = rows_of(drawn, 60)
    for odd in drawn.choices(ODD, k=drawn.choice([1, 1, 2, 4])):
        lines.insert(drawn.randrange(len(lines) + 1), odd)
    end = drawn.choice(["\n", "\n", "\r\n", "\r"])
    text = end.join([",".join(NAMES), *lines]) + drawn.choice([end, ""])
    (tmp_path / "table").write_bytes(text.encode())
    # Of few bytes, so that a line or a quoted cell is in two blocks.
    monkeypatch.setattr("mlcore.datasets.readers.packing.PIECE", drawn.choice([40, 300, 1 << 20]))

    def read() -> tuple[object, ...]:
        try:
            raw = read_frame(tmp_path / "table", text={"kepid", "kepoi_name"})
        except DataError as error:
            return type(error), str(error)
        return raw.frame.dtypes.to_dict(), raw.frame.to_json(), raw.notes

    found = read()
    monkeypatch.setattr(delimited._Body, "_plain_lines", lambda _: None)
    assert found == read()


def test_most_lines_of_a_table_are_not_looked_at_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = rows_of(random.Random(0), 3000)
    lines[1000:1000] = ["# a remark", ",,,", '1,"K00001.01",2,3']
    (tmp_path / "table").write_text("\n".join([",".join(NAMES), *lines]) + "\n")
    taken = []
    by_itself = delimited._Body._objects_of_record

    def seen(body: delimited._Body, record: str) -> object:
        taken.append(record)
        return by_itself(body, record)

    monkeypatch.setattr(delimited._Body, "_objects_of_record", seen)
    frame = read_frame(tmp_path / "table").frame
    assert taken == ["# a remark\n", ",,,\n"]
    assert len(frame) == 3001
    assert pd.api.types.is_float_dtype(frame["koi_period"])
