"""The collections of light curves that the benchmark reads, with what the catalogues say of them.

None of them is the project's own: a folder outside holds them, as `README.md` there says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.benchmark.tables import tables_in_folder
from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.light_curve import LightCurve, Star
from mlcore.lightcurves.reading.scatter import neighbour_scatter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table

__all__ = ["CatalogueSignal", "Collections", "FlattenedStar", "FoldedStar", "collections_in_folder"]

_FLATTENED, _FOLDED = "kepler_flattened.parquet", "folded.parquet"
_BKJD = 2454833.0
_LONGEST_DUTY = 0.49
"""Of the period that a catalogue's transit may take: a few of its false positives take more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueSignal:
    """What a catalogue says of a signal."""

    name: str
    ephemeris: Ephemeris
    label: Disposition | None
    """None where there is no disposition yet."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FlattenedStar:
    """A star's light curve, which somebody has flattened, and its signals in the catalogue."""

    host: str
    curve: LightCurve
    signals: tuple[CatalogueSignal, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FoldedStar:
    """A star's fold at its first signal in the catalogue."""

    host: str
    mission: str
    flux: NDArray[np.float64]
    signal: CatalogueSignal


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, weakref_slot=True)
class Collections:
    """The collections, as far as the folder has them; empty ones are missing."""

    flattened: tuple[FlattenedStar, ...] = ()
    folded: tuple[FoldedStar, ...] = ()
    curves: Path | None = None
    """The folder itself, for what a part reads alone."""
    tables: Path | None = None
    """The folder of the archive's tables, likewise."""
    catalogues: Mapping[str, Mapping[str, Sequence[CatalogueSignal]]] = field(default_factory=dict)
    """What each mission's catalogue says of each host, epochs in BKJD."""
    k2_periods: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Periods of K2's planets by host [d]: the table has no epochs."""

    def folded_of(self, mission: str) -> tuple[FoldedStar, ...]:
        """Return the folds of a mission's stars."""
        return tuple(star for star in self.folded if star.mission == mission)


def collections_in_folder(curves: Path, tables: Path) -> Collections:
    """Read the collections, and join them with the catalogues.

    Parameters
    ----------
    curves
        May hold ``kepler_flattened.parquet`` and ``folded.parquet``.
    tables
        Holds the archive's tables.

    Raises
    ------
    DataError
        When a file cannot be read.
    """
    catalogues = tables_in_folder(tables)
    of = {
        name: {} if table is None else _signals(table)
        for name, table in (("kepler", catalogues.kepler), ("tess", catalogues.tess))
    }
    flattened = _read(curves / _FLATTENED)
    folded = _read(curves / _FOLDED)
    return Collections(
        curves=curves,
        tables=tables,
        catalogues=of,
        k2_periods={} if catalogues.k2 is None else _periods(catalogues.k2),
        flattened=tuple(
            FlattenedStar(
                host=host, curve=_curve(host, time, flux), signals=tuple(of["kepler"][host])
            )
            for host, time, flux in zip(
                flattened["kepid"].astype(str), flattened["time"], flattened["flux"], strict=True
            )
            if host in of["kepler"]
        )
        if len(flattened)
        else (),
        folded=tuple(
            FoldedStar(
                host=host,
                mission=mission,
                flux=np.asarray(flux, dtype=np.float64),
                # The fold is at the ephemeris of the star's first row.
                signal=of[mission][host][0],
            )
            for mission, host, flux in zip(
                folded["mission"], folded["star"].astype(str), folded["flux"], strict=True
            )
            if host in of[mission]
        )
        if len(folded)
        else (),
    )


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame()
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read: {error}") from None


def _signals(table: Table) -> dict[str, list[CatalogueSignal]]:
    """Return each star's signals that have an ephemeris, in the table's order."""
    columns = table.dataset.quantities
    period, epoch, duration = (
        table.frame[columns[name]].to_numpy(dtype=np.float64)
        for name in ("period", "epoch", "duration")
    )
    zero = table.dataset.zero_points.get("epoch", 0.0) - _BKJD
    labels: Iterable[object] = [] if table.labels is None else table.labels.astype(object)
    by_star: dict[str, list[CatalogueSignal]] = {}
    for row, (host, name, label) in enumerate(zip(table.hosts, table.names, labels, strict=True)):
        hours = duration[row]
        if not (period[row] > 0 and hours > 0 and np.isfinite(epoch[row])):
            continue
        by_star.setdefault(str(host), []).append(
            CatalogueSignal(
                name=str(name),
                ephemeris=Ephemeris(
                    period=float(period[row]),
                    epoch=float(epoch[row] + zero),
                    duration=float(min(hours / 24, _LONGEST_DUTY * period[row])),
                ),
                label=Disposition(label) if isinstance(label, str) else None,
            )
        )
    return by_star


def _periods(table: Table) -> dict[str, list[float]]:
    """Return each host's periods, those that are known."""
    by_host: dict[str, list[float]] = {}
    periods = table.frame[table.dataset.quantities["period"]].to_numpy(dtype=np.float64)
    for host, period in zip(table.hosts, periods, strict=True):
        if period > 0:
            by_host.setdefault(str(host), []).append(float(period))
    return by_host


def _curve(host: str, time: NDArray[np.float64], flux: NDArray[np.float64]) -> LightCurve:
    times, relative = (np.asarray(values, dtype=np.float64) for values in (time, flux))
    # Their level is 0 or 1, and says nothing.
    relative = relative - np.median(relative) + 1
    return LightCurve(
        time=times,
        flux=relative,
        error=np.full(len(times), neighbour_scatter(relative)),
        segment=np.zeros(len(times), dtype=np.int64),
        time_zero=_BKJD,
        time_name="BKJD",
        cadence=float(np.median(np.diff(times))),
        star=Star(name=f"KIC {host}"),
        mission="Kepler",
    )
