"""Each example of the page about files is read as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlcore.datasets.readers.read import read_frame
from mlcore.errors import DataError

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "files-that-are-read.md"
ROW = re.compile(
    r"^\| (?P<kind>[^|]+) \| `(?P<example>[^`]+)` \| (?P<objects>\w+) \|(?P<said>.*)\|$"
)
SECTION = PAGE.read_text().partition("## Rows and headers")[2].partition("\n## ")[0]
ROWS = [row.groupdict() for line in SECTION.splitlines() if (row := ROW.match(line))]


def test_the_page_has_examples() -> None:
    assert len(ROWS) == sum(line.startswith("| ") for line in SECTION.splitlines()) - 1
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["kind"])
def test_an_example_is_read_as_the_page_says(tmp_path: Path, row: dict[str, str]) -> None:
    (tmp_path / "table").write_text(row["example"].replace("⏎", "\n"))
    if row["objects"] == "refused":
        with pytest.raises(DataError) as refused:
            read_frame(tmp_path / "table")
        assert str(refused.value) == row["said"].strip()
        return
    raw = read_frame(tmp_path / "table")
    assert len(raw.frame) == int(row["objects"])
    assert " ".join(raw.notes) == row["said"].strip()
    numbers = raw.frame[[name for name in raw.columns if name in {"koi_period", "koi_depth"}]]
    assert set(numbers.stack().dropna().astype(float)) <= {9.5, 8.5, 7.5, 616, 500, 9, 1, 1149.5}
