"""Make the carried table of measured signals again.

``python -m mlcore.benchmark.light_curves.carry CURVES TABLES``: of the collections of light curves
in one folder and the archive's tables in another. The curves themselves stay where they are.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.benchmark.light_curves.collections import collections_in_folder
from mlcore.benchmark.light_curves.drawn import INJECTED
from mlcore.benchmark.light_curves.eclipses import ECLIPSES
from mlcore.benchmark.light_curves.made import PEAKS, made_signals
from mlcore.benchmark.light_curves.nothing import BY_CHANCE, SIMULATED
from mlcore.benchmark.light_curves.vetted import vetted_folds, vetted_found, vetted_stars
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES, MEASURED_SIGNALS
from mlcore.datasets.missions.light_curves.registry import OF_SHAPE, declared
from mlcore.datasets.readers.read import DATED_KEY
from mlcore.parallel import ONE_CORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["made_rows", "measured_signals", "write_signals"]

_WORDS = {label: word for word, label in LIGHT_CURVES.labels.items()}
_MADE = 300
"""Of so many stars' curves signals are made."""
_ORIGINS = {
    "inverted": "found in the curve turned over",
    "scrambled": "found in the curve with its eighths exchanged",
    INJECTED: "injected and found",
    ECLIPSES: "eclipses injected and found",
    PEAKS: "strongest peak of an altered curve",
    SIMULATED: "strongest peak of simulated noise",
    BY_CHANCE: "at an ephemeris drawn by chance",
}


def main() -> int:
    """Measure all signals and write them."""
    parser = argparse.ArgumentParser(description="Make the carried table of signals again.")
    parser.add_argument("curves", type=Path, help="folder with the collections of light curves")
    parser.add_argument("tables", type=Path, help="folder with the archive's tables")
    parser.add_argument("--output", type=Path, default=MEASURED_SIGNALS.path)
    parser.add_argument("--stars", type=int, default=None, help="only so many of each collection")
    options = parser.parse_args()
    frame = measured_signals(
        options.curves,
        options.tables,
        stars=options.stars,
        cores=ONE_CORE,
        progress=_told,
    )
    write_signals(frame, options.output)
    digest = hashlib.sha256(options.output.read_bytes()).hexdigest()
    sys.stdout.write(f"{digest}  {len(frame)} rows, {options.output.stat().st_size} bytes\n")
    return 0


def measured_signals(
    curves: Path,
    tables: Path,
    *,
    stars: int | None = None,
    cores: Cores,
    progress: ProgressCallback,
) -> pd.DataFrame:
    """Return what the vetting tests measure of the collections' signals.

    Parameters
    ----------
    curves, tables
        Folders with the collections and with the archive's tables.
    stars
        Only so many of each collection; None for all.
    cores
        On which to measure.
    progress
        Told how far it has come.

    Returns
    -------
    DataFrame
        With the columns of `LIGHT_CURVES` that are known: the catalogues' signals at the
        catalogues' ephemerides, what a search finds in the same curves, folds of other curves that
        their makers have binned, of which only what does not depend on the amount of data is kept,
        and signals that were made of the first collection's curves.
    """
    held = collections_in_folder(curves, tables)
    flattened = held.flattened[:stars]
    parts = [
        _rows(
            vetted_stars(flattened, cores=cores, progress=_within(progress, 0.0, 0.3)),
            star="KIC {}",
            origin="at the catalogue's ephemeris",
        ),
        _rows(
            vetted_found(flattened, cores=cores, progress=_within(progress, 0.3, 0.6)),
            star="KIC {}",
            origin="as a search found it",
        ),
    ]
    for mission, star in (("kepler", "KIC {}"), ("tess", "TIC {}")):
        folds = vetted_folds(
            held.folded_of(mission)[:stars], cores=cores, progress=_within(progress, 0.6, 0.7)
        )
        parts.append(_rows(folds, star=star, origin="as a binned fold", only=OF_SHAPE))
    made = made_signals(flattened, _MADE, cores=cores, progress=_within(progress, 0.7, 1.0))
    return pd.concat([*parts, *made_rows(made)], ignore_index=True)


def made_rows(made: Mapping[str, Sequence[MeasuredSignal]]) -> list[pd.DataFrame]:
    """Return the rows of signals that were made, of each kind."""
    return [
        # The catalogue has no name of them.
        _rows(
            [replace(one, name="") for one in signals],
            star="{}" if kind == SIMULATED else "KIC {}",
            origin=_ORIGINS[kind],
        )
        for kind, signals in made.items()
    ]


def write_signals(frame: pd.DataFrame, path: Path) -> None:
    """Write measured signals, always the same bytes for one version of pyarrow."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    arrow = arrow.replace_schema_metadata({DATED_KEY: MEASURED_SIGNALS.dated.isoformat().encode()})
    pq.write_table(arrow, path, compression="zstd", compression_level=19, use_dictionary=False)


def _rows(
    signals: Sequence[MeasuredSignal], *, star: str, origin: str, only: frozenset[str] | None = None
) -> pd.DataFrame:
    names = [column.name for column in declared()]
    values = pd.DataFrame([signal.values for signal in signals]).reindex(columns=names)
    if only is not None:
        values.loc[:, [name for name in names if name not in only]] = float("nan")
    hosts = [star.format(signal.host) for signal in signals]
    number = pd.Series(hosts).groupby(hosts).cumcount() + 1
    told = [
        f"{signal.name or f'{host} signal {count}'}, {origin}"
        for signal, host, count in zip(signals, hosts, number, strict=True)
    ]
    known = pd.DataFrame(
        {
            "signal": told,
            "star": hosts,
            "disposition": [
                None if signal.label is None else _WORDS[signal.label] for signal in signals
            ],
            "number": number.astype("float64"),
            "origin": origin,
        }
    )
    # Seven digits are more than any of them is measured with.
    return pd.concat([known, values.astype("float32")], axis=1)


def _told(done: float, step: str) -> None:
    sys.stderr.write(f"{done:.0%} {step}\n")


def _within(progress: ProgressCallback, begin: float, end: float) -> ProgressCallback:
    return lambda done, step: progress(begin + (end - begin) * done, step)


if __name__ == "__main__":
    sys.exit(main())
