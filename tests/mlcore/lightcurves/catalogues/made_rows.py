"""Rows of a small catalogue."""

from __future__ import annotations

from dataclasses import asdict, replace

import pyarrow as pa

from mlcore.lightcurves.catalogues.carried import CatalogueRows
from mlcore.lightcurves.catalogues.row import CatalogueRow

__all__ = ["ROW", "catalogue", "moved"]

ROW = CatalogueRow(
    mission="kepler",
    name="K00351.06",
    star="KIC 11442793",
    period=10.0,
    period_error=1e-5,
    epoch=2454833 + 135.0,
    epoch_error=1e-3,
    duration=4.8,
    depth=1000.0,
    magnitude=13.8,
    right_ascension=100.0,
    declination=60.0,
    disposition="confirmed",
    planet=0.99,
)


def moved(row: CatalogueRow, arcseconds: float, **changed: object) -> CatalogueRow:
    """Return a row of a star so far north of another's."""
    place = row.declination + arcseconds / 3600
    return replace(row, declination=place, **changed)  # type: ignore[arg-type]


def catalogue(*rows: CatalogueRow) -> CatalogueRows:
    """Return a catalogue of these rows."""
    return CatalogueRows(pa.Table.from_pylist([asdict(row) for row in rows]))
