"""Measuring the signals of many stars' light curves, a task a star."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.errors import DataError
from mlcore.in_words import counted
from mlcore.lightcurves.bundles.batches import batches
from mlcore.lightcurves.bundles.kept import keep_star, kept_star, key_of
from mlcore.lightcurves.bundles.star import MeasuredStar, measured_star, numbered
from mlcore.lightcurves.catalogues.loaded import newest_catalogues
from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordWriter
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.parallel import ONE_CORE, run_all
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlcore.lightcurves.bundles.batches import Contents
    from mlcore.lightcurves.bundles.bundle import Bundle, StarFiles
    from mlcore.lightcurves.bundles.parts import Parts
    from mlcore.lightcurves.catalogues.carried import CatalogueRows
    from mlcore.lightcurves.catalogues.loaded import Catalogues
    from mlcore.lightcurves.known import KnownSignal
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = [
    "looked_up_in",
    "measure_bundle",
    "measured_stars",
    "notes_of",
    "table_of",
    "write_table",
]

_REFUSED_SHOWN = 5
_REFUSED_TOLD = 20
"""Stars that are left out of which each is told as soon as it is known; of more the count is, at
the end."""
NOTES_KEY = b"notes"
"""Of a table's metadata: what is to be said of all its rows, as sentences in JSON."""
_CATALOGUES_KEY = b"catalogues"
"""Likewise: what they were looked up in, as a sentence."""


def measure_bundle(
    bundle: Bundle,
    table: Path,
    records: Path,
    *,
    known: Sequence[KnownSignal] = (),
    catalogues: Catalogues | None = None,
    parts: Parts | None = None,
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
    catalogues
        What signals are looked up in; None: the rows that the package carries.
    parts
        Where what is measured of each star is kept as soon as it is there, and taken from when the
        same is asked again; None: nowhere.
    cores
        Where to find free ones, and which cluster there is.
    progress
        Called with the fraction of the stars that are done, and which is next or was left out.

    Raises
    ------
    DataError
        When no star's curve can be used.
    """
    catalogues = newest_catalogues() if catalogues is None else catalogues
    rows: list[dict[str, Any]] = []
    refused: list[StarRecord] = []
    untested: list[str] = []
    with (
        RecordWriter(records / STARS, StarRecord) as stars,
        RecordWriter(records / SIGNALS, SignalRecord) as signals,
    ):
        measured = measured_stars(
            bundle,
            known=known,
            rows=catalogues.rows,
            parts=parts,
            cores=cores,
            progress=progress,
        )
        for number, one in enumerate(measured, start=1):
            star = numbered(one, star=number, first=len(rows) + 1)
            stars.write([star.star])
            signals.write(star.signals)
            rows += star.rows
            untested += [f"{star.star.name}: {why}" for why in star.star.untested]
            if star.star.refusal:
                refused.append(star.star)
                if len(bundle.stars) > 1 and len(refused) <= _REFUSED_TOLD:
                    progress(number / len(bundle.stars), _left_out(star.star))
    if not rows:
        raise DataError(
            refused[0].refusal
            if len(bundle.stars) == 1
            else f"None of the {len(bundle.stars)} light curves can be used. {_said(refused)}"
        )
    notes = []
    if refused:
        of = f"{len(refused)} of {len(bundle.stars)} light curves"
        notes.append(f"{of} {_were(len(refused))} left out. {_said(refused)}")
    if untested:
        of = counted(len(untested), "known signal")
        notes.append(f"{of} {_were(len(untested))} left out. {_shown(untested)}")
    write_table(rows, table, notes, looked_up_in=catalogues.said)


def measured_stars(
    bundle: Bundle,
    *,
    known: Sequence[KnownSignal] = (),
    rows: CatalogueRows | None = None,
    parts: Parts | None = None,
    cores: Cores = ONE_CORE,
    progress: ProgressCallback = silent,
    stars: Sequence[StarFiles] | None = None,
) -> Iterator[MeasuredStar]:
    """Yield each star of a bundle, measured, in their order; see `measure_bundle`.

    Parameters
    ----------
    bundle, known, parts, cores, progress
        As `measure_bundle` takes them.
    rows
        Of the catalogues that signals are looked up in; None: those that the package carries.
    stars
        Only these of the bundle; None for all.
    """
    chosen = bundle.stars if stars is None else stars
    begin = before = 0
    for batch in batches(bundle, chosen):
        keys = [key_of(*one, known, rows=rows) if parts is not None else "" for one in batch]
        left = [place for place, key in enumerate(keys) if parts is None or not parts.has(key)]
        resumed = len(batch) - len(left)
        before += resumed
        calls = [
            partial(_measured, *batch[place], known=known, rows=rows, keep=(parts, keys[place]))
            for place in left
        ]
        steps = [_step(batch[place][0], begin + place, len(chosen), before) for place in left]

        def told(
            done: float, step: str, *, first: int = begin + resumed, size: int = len(left)
        ) -> None:
            progress((first + done * size) / len(chosen), step)

        results = run_all(calls, steps, cores=cores, progress=told) if calls else []
        made = dict(zip(left, results, strict=True))
        for place, (one, key) in enumerate(zip(batch, keys, strict=True)):
            yield _taken(made.pop(place, None), one, key, known=known, rows=rows, parts=parts)
        begin += len(batch)


def _measured(
    star: StarFiles,
    contents: Contents,
    report: ProgressCallback,
    *,
    known: Sequence[KnownSignal],
    rows: CatalogueRows | None,
    keep: tuple[Parts | None, str] = (None, ""),
) -> MeasuredStar | None:
    """Return what is measured of a star; None where it was kept and can be read there."""
    if isinstance(contents, str):
        named = ", ".join(star.files)
        refused = StarRecord(number=0, name=star.name, file=named, refusal=contents)
        measured = MeasuredStar(star=refused)
    else:
        measured = measured_star(star, contents, report, known=known, rows=rows)
    parts, key = keep
    # A worker of another host may not see the folder.
    if parts is not None and parts.seen() and keep_star(parts, key, measured):
        return None
    return measured


def _taken(
    measured: MeasuredStar | None,
    files: tuple[StarFiles, Contents],
    key: str,
    *,
    known: Sequence[KnownSignal],
    rows: CatalogueRows | None,
    parts: Parts | None,
) -> MeasuredStar:
    """Return what was measured of a star, here or before, and see that it is kept."""
    if measured is None and parts is not None:
        measured = kept_star(parts, key)
    elif measured is not None and parts is not None and not parts.has(key):
        keep_star(parts, key, measured)
    if measured is None:
        # It was damaged, or somebody took it away.
        measured = _measured(*files, silent, known=known, rows=rows)
    return cast("MeasuredStar", measured)


def _step(star: StarFiles, place: int, count: int, before: int) -> str:
    if count == 1:
        return f"Searching the light curve of {star.name}"
    resumed = f"; {counted(before, 'star')} kept from before" if before else ""
    return f"Searching light curves: {star.name}, star {place + 1} of {count}{resumed}"


def write_table(
    rows: Sequence[dict[str, Any]], path: Path, notes: Sequence[str] = (), *, looked_up_in: str = ""
) -> None:
    """Write rows of signals as Parquet, with what is to be said of all of them."""
    arrow = pa.Table.from_pandas(table_of(rows), preserve_index=False)
    metadata = {
        **(arrow.schema.metadata or {}),
        NOTES_KEY: json.dumps(list(notes)).encode(),
        _CATALOGUES_KEY: looked_up_in.encode(),
    }
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


def looked_up_in(path: Path) -> str:
    """Return which catalogues a table's signals were looked up in, as a sentence; or nothing."""
    metadata = pq.read_schema(path).metadata or {}
    return str(metadata.get(_CATALOGUES_KEY, b""), "utf-8")


def _left_out(star: StarRecord) -> str:
    return f"Left out {star.file[:60]}. {star.refusal}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _said(refused: Sequence[StarRecord]) -> str:
    return _shown([f"{star.file[:60]}: {star.refusal}" for star in refused])


def _shown(sentences: Sequence[str]) -> str:
    shown = sentences[:_REFUSED_SHOWN]
    more = len(sentences) - len(shown)
    return " ".join([*shown, *([f"And {more} more."] if more else [])])
