"""How a user's file begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.jobs.first_rows import FirstRows, first_rows_job

if TYPE_CHECKING:
    from pathlib import Path


def first(path: Path, content: str, rows: int = 2) -> FirstRows:
    path.write_text(content, encoding="utf-8")
    return FirstRows(**first_rows_job({"path": str(path), "rows": rows}, lambda _: None))


def test_the_first_rows_are_shown_as_they_are_read(tmp_path: Path) -> None:
    told = first(tmp_path / "table", "Name;Period\nmy star b;1,5\nother;\nthird;3,25\n")
    assert told == FirstRows(
        columns=("Name", "Period"),
        rows=(("my star b", "1.5"), ("other", "")),
        count=3,
    )


def test_a_long_cell_is_cut(tmp_path: Path) -> None:
    told = first(tmp_path / "table", f"name,period\n{'x' * 100},1\n")
    assert told.rows == ((f"{'x' * 59}…", "1"),)


def test_what_is_no_table_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    told = FirstRows(**first_rows_job({"path": str(path), "rows": 2}, lambda _: None))
    assert told.refusal
    assert (told.columns, told.rows, told.count) == ((), (), 0)
