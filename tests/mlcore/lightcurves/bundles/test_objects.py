"""Records of those signals that are predicted, numbered as the objects of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.lightcurves.bundles.objects import keep_objects
from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordFile, RecordWriter
from mlcore.lightcurves.records import SignalRecord, StarRecord

if TYPE_CHECKING:
    from pathlib import Path

SIGNALS_OF = ((), (1, 2), (), (3,), (4, 5, 6), *((number,) for number in range(7, 41)))
"""Numbers of each star's signals: the first star is refused, the third has none."""


def signal_of(number: int, star: int, of_star: int) -> SignalRecord:
    return SignalRecord(
        number=number,
        star=star,
        of_star=of_star,
        given=False,
        detected=True,
        period=float(number),
        epoch=0.0,
        duration=1.0,
        depth=10.0 * number,
        strength=9.0,
        near_flux=[float(number)],
    )


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """Return a folder with the records of all signals of a file."""
    folder = tmp_path / "measured"
    folder.mkdir()
    with (
        RecordWriter(folder / STARS, StarRecord) as stars,
        RecordWriter(folder / SIGNALS, SignalRecord) as signals,
    ):
        for star, numbers in enumerate(SIGNALS_OF, start=1):
            refusal = "It has only 3 points." if star == 1 else ""
            stars.write(
                [
                    StarRecord(
                        number=star,
                        name=f"star {star}",
                        file=f"{star}.csv",
                        refusal=refusal,
                        time=[float(star)],
                        numbers=list(numbers),
                    )
                ]
            )
            signals.write(
                signal_of(number, star, place) for place, number in enumerate(numbers, start=1)
            )
    return folder


def kept(measured: Path, rows: list[int]) -> tuple[list[StarRecord], list[SignalRecord]]:
    results = measured.with_name("results")
    results.mkdir()
    keep_objects(measured, rows, results)
    stars = RecordFile(results / STARS, StarRecord)
    signals = RecordFile(results / SIGNALS, SignalRecord)
    assert [star.number for star in stars.without_lists()] == list(range(1, len(stars) + 1))
    return list(stars.taken(range(1, len(stars) + 1))), list(signals.taken(range(1, len(rows) + 1)))


def test_where_all_signals_are_predicted_the_records_are_as_they_were(measured: Path) -> None:
    before = {name: (measured / name).read_bytes() for name in (STARS, SIGNALS)}
    kept(measured, list(range(1, 41)))
    results = measured.with_name("results")
    assert {name: (results / name).read_bytes() for name in before} == before


def test_of_some_signals_each_record_is_that_of_its_row(measured: Path) -> None:
    rows = [2, 4, 6, 30]
    stars, signals = kept(measured, rows)
    assert [signal.period for signal in signals] == [float(row) for row in rows]
    assert [signal.near_flux for signal in signals] == [[float(row)] for row in rows]
    assert [signal.number for signal in signals] == [1, 2, 3, 4]
    # What it is called is what its row is called.
    names = [f"{stars[signal.star - 1].name} signal {signal.of_star}" for signal in signals]
    assert names == ["star 2 signal 2", "star 5 signal 1", "star 5 signal 3", "star 29 signal 1"]


def test_stars_go_with_their_signals_and_those_that_are_refused_stay(measured: Path) -> None:
    stars, _ = kept(measured, [2, 4, 6, 30])
    assert [(star.name, star.numbers, star.time) for star in stars] == [
        ("star 1", [], [1.0]),
        ("star 2", [1], [2.0]),
        ("star 5", [2, 3], [5.0]),
        ("star 29", [4], [29.0]),
    ]


def test_objects_in_another_order_than_the_rows_have_their_own_records(measured: Path) -> None:
    stars, signals = kept(measured, [40, 5, 4])
    assert [signal.period for signal in signals] == [40.0, 5.0, 4.0]
    assert {star.name: star.numbers for star in stars} == {
        "star 1": [],
        "star 5": [2, 3],
        "star 39": [1],
    }
