"""The records of those signals that a session predicts, numbered as its objects are.

What is measured of a file has the numbers of its rows. Of these a session may predict some only:
those of stars that were held out, and that have a disposition.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordFile, RecordWriter
from mlcore.lightcurves.records import SignalRecord, StarRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["keep_objects"]


def keep_objects(measured: Path, rows: Sequence[int], results: Path) -> None:
    """Move the records of predicted signals into a folder, with the numbers of the objects.

    Stars go with their signals, and those whose curve could not be used stay. A signal keeps its
    number among those of its star, which is a part of its name.

    Parameters
    ----------
    measured
        Folder in which `mlcore.lightcurves.bundles.measuring.measure_bundle` left the records of
        all signals of a file. Nothing in it is to be used afterwards.
    rows
        Which row of the measured table each object is, from 1, in the order of the objects.
    results
        Folder for the records of the objects and their stars.
    """
    signals = RecordFile(measured / SIGNALS, SignalRecord)
    if list(rows) == list(range(1, len(signals) + 1)):
        for name in (STARS, SIGNALS):
            (measured / name).replace(results / name)
        return
    objects = {row: number for number, row in enumerate(rows, start=1)}
    stars = RecordFile(measured / STARS, StarRecord)
    chosen = [
        star.number
        for star in stars.without_lists()
        if star.refusal or not objects.keys().isdisjoint(star.numbers)
    ]
    places = {star: number for number, star in enumerate(chosen, start=1)}
    with RecordWriter(results / STARS, StarRecord) as of_stars:
        for star in stars.taken(chosen):
            numbers = sorted(objects[row] for row in star.numbers if row in objects)
            of_stars.write([replace(star, number=places[star.number], numbers=numbers)])
    with RecordWriter(results / SIGNALS, SignalRecord) as of_signals:
        for number, signal in enumerate(signals.taken(rows), start=1):
            of_signals.write([replace(signal, number=number, star=places[signal.star])])
