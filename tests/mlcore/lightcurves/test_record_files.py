"""Records are read as they were written."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from mlcore.lightcurves.record_files import RecordFile, RecordWriter
from mlcore.lightcurves.records import SignalRecord, StarRecord

if TYPE_CHECKING:
    from pathlib import Path

OF_TYPE: dict[Any, tuple[Any, Any]] = {
    int: (7, 8),
    float: (0.1, 2454833.123456789),
    str: ("a star", ""),
    bool: (True, False),
    float | None: (0.25, None),
    list[str]: (["a", "ü"], []),
    list[int]: ([1, -2], []),
    list[bool]: ([True, False], []),
    list[float]: ([1.5, 2454833.123456789], []),
}
"""Two values of each type that a field has, so that each field differs between two records."""
KINDS = pytest.mark.parametrize("kind", [StarRecord, SignalRecord])


def two_of(kind: type[Any]) -> list[Any]:
    hints = get_type_hints(kind)
    return [
        kind(**{one.name: OF_TYPE[hints[one.name]][place] for one in fields(kind)})
        for place in (0, 1)
    ]


def kept(kind: type[Any], path: Path) -> RecordFile[Any]:
    with RecordWriter(path, kind) as writer:
        for record in two_of(kind):
            writer.write([record])
    return RecordFile(path, kind)


@KINDS
def test_every_field_comes_back_as_it_was(kind: type[Any], tmp_path: Path) -> None:
    file = kept(kind, tmp_path / "a")
    assert len(file) == 2
    assert [file.numbered(1), file.numbered(2)] == two_of(kind)


def test_each_of_many_is_found(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "a", StarRecord) as writer:
        writer.write(StarRecord(number=number, name="a", file="b") for number in range(1, 36))
    file = RecordFile(tmp_path / "a", StarRecord)
    found = [file.numbered(number) for number in (1, 16, 17, 35)]
    assert [star and star.number for star in found] == [1, 16, 17, 35]
    assert (len(file), file.numbered(36)) == (35, None)
    assert [star.number for star in file.taken((35, 2, 1, 17))] == [35, 2, 1, 17]


@KINDS
@pytest.mark.parametrize("number", [0, 3, -1])
def test_there_is_no_record_of_another_number(kind: type[Any], number: int, tmp_path: Path) -> None:
    assert kept(kind, tmp_path / "a").numbered(number) is None


@KINDS
def test_a_summary_has_all_but_what_is_drawn(kind: type[Any], tmp_path: Path) -> None:
    hints = get_type_hints(kind)
    drawn = {one.name for one in fields(kind) if hints[one.name] in (list[float], list[bool])}
    assert drawn
    told = list(kept(kind, tmp_path / "a").without_lists())
    assert [asdict(record) for record in told] == [
        asdict(record) | {name: [] for name in drawn} for record in two_of(kind)
    ]


@KINDS
def test_a_file_of_no_record_is_empty(kind: type[Any], tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "a", kind):
        pass
    file = RecordFile(tmp_path / "a", kind)
    assert len(file) == 0
    assert file.numbered(1) is None
    assert list(file.without_lists()) == []
