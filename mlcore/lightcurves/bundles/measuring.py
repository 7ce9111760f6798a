"""Measuring the signals of many stars' light curves, a task a star."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.errors import DataError
from mlcore.lightcurves.bundles.star import MeasuredStar, measured_star, numbered
from mlcore.lightcurves.records import SIGNALS, STARS, RecordWriter, SignalRecord, StarRecord
from mlcore.parallel import ONE_CORE, run_all
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlcore.lightcurves.bundles.bundle import Bundle, StarFiles
    from mlcore.lightcurves.known import KnownSignal
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["measure_bundle", "measured_stars", "notes_of", "table_of", "write_table"]

_AT_ONCE = 64
"""Stars whose files and results are held at the same time."""
_REFUSED_SHOWN = 5
NOTES_KEY = b"notes"
"""Of a table's metadata: what is to be said of all its rows, as sentences in JSON."""


def measure_bundle(
    bundle: Bundle,
    table: Path,
    records: Path,
    *,
    known: Sequence[KnownSignal] = (),
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
) -> None:
    """Measure all signals of a bundle, and write them as a table and as records.

    Parameters
    ----------
    bundle
        Which stars' files there are.
    table
        Where to write the table of signals, of the columns of `LIGHT_CURVES`, as Parquet.
    records
        Folder for the records of stars and signals.
    known
        Signals of the only star, which are measured instead of what a search finds.
    cores
        Where to find free ones, and which cluster there is.
    progress
        Called with the fraction of the stars that are done, and which is next.

    Raises
    ------
    DataError
        When no star's curve can be used.
    """
    rows: list[dict[str, Any]] = []
    refused: list[StarRecord] = []
    with (
        RecordWriter(records / STARS, StarRecord) as stars,
        RecordWriter(records / SIGNALS, SignalRecord) as signals,
    ):
        measured = measured_stars(bundle, known=known, cores=cores, progress=progress)
        for number, one in enumerate(measured, start=1):
            star = numbered(one, star=number, first=len(rows) + 1)
            stars.write([star.star])
            signals.write(star.signals)
            rows += star.rows
            if star.star.refusal:
                refused.append(star.star)
    if not rows:
        raise DataError(
            refused[0].refusal
            if len(bundle.stars) == 1
            else f"None of the {len(bundle.stars)} light curves can be used. {_said(refused)}"
        )
    notes = []
    if refused:
        were = "was" if len(refused) == 1 else "were"
        count = f"{len(refused)} of {len(bundle.stars)}"
        notes.append(f"{count} light curves {were} left out. {_said(refused)}")
    write_table(rows, table, notes)


def measured_stars(
    bundle: Bundle,
    *,
    known: Sequence[KnownSignal] = (),
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
    stars: Sequence[StarFiles] | None = None,
) -> Iterator[MeasuredStar]:
    """Yield each star of a bundle, measured, in their order; see `measure_bundle`.

    Parameters
    ----------
    bundle, known, cores, progress
        As `measure_bundle` takes them.
    stars
        Only these of the bundle; None for all.
    """
    chosen = bundle.stars if stars is None else stars
    for begin in range(0, len(chosen), _AT_ONCE):
        part = chosen[begin : begin + _AT_ONCE]
        calls = [partial(_measured, star, _contents(bundle, star), known=known) for star in part]
        steps = [_step(star, begin + place, len(chosen)) for place, star in enumerate(part)]

        def told(done: float, step: str, *, begin: int = begin, size: int = len(part)) -> None:
            progress((begin + done * size) / len(chosen), step)

        yield from run_all(calls, steps, cores=cores, progress=told)


def _measured(
    star: StarFiles,
    contents: Sequence[tuple[str, bytes]] | str,
    report: ProgressCallback,
    *,
    known: Sequence[KnownSignal],
) -> MeasuredStar:
    if isinstance(contents, str):
        named = ", ".join(star.files)
        return MeasuredStar(star=StarRecord(number=0, name=star.name, file=named, refusal=contents))
    return measured_star(star, contents, report, known=known)


def _contents(bundle: Bundle, star: StarFiles) -> tuple[tuple[str, bytes], ...] | str:
    try:
        return bundle.contents(star)
    except DataError as error:
        return str(error)


def _step(star: StarFiles, place: int, count: int) -> str:
    if count == 1:
        return f"Searching the light curve of {star.name}"
    return f"Searching light curves: {star.name}, star {place + 1} of {count}"


def write_table(rows: Sequence[dict[str, Any]], path: Path, notes: Sequence[str] = ()) -> None:
    """Write rows of signals as Parquet, with what is to be said of all of them."""
    arrow = pa.Table.from_pandas(table_of(rows), preserve_index=False)
    metadata = {**(arrow.schema.metadata or {}), NOTES_KEY: json.dumps(list(notes)).encode()}
    pq.write_table(arrow.replace_schema_metadata(metadata), path, compression="zstd")


def table_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of signals as a table of the columns of `LIGHT_CURVES` that they have."""
    frame = pd.DataFrame(list(rows))
    # Whoever sent no disposition is not to be told that the column is empty.
    if LIGHT_CURVES.label in frame and frame[LIGHT_CURVES.label].isna().all():
        frame = frame.drop(columns=LIGHT_CURVES.label)
    names = [name for name in LIGHT_CURVES.column_names if name in frame]
    text = {column.name for column in LIGHT_CURVES.columns if column.text}
    kinds = {name: "str" if name in text else "float64" for name in names}
    return frame[names].astype(kinds)


def notes_of(path: Path) -> tuple[str, ...]:
    """Return what a table that `measure_bundle` wrote says of all its rows."""
    return tuple(json.loads((pq.read_schema(path).metadata or {}).get(NOTES_KEY, b"[]")))


def _said(refused: Sequence[StarRecord]) -> str:
    shown = [f"{star.file[:60]}: {star.refusal}" for star in refused[:_REFUSED_SHOWN]]
    more = len(refused) - len(shown)
    return " ".join([*shown, *([f"And {more} more."] if more else [])])
