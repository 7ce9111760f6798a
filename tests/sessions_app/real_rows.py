"""Small files of real rows: all rows of some host stars, drawn from the carried Kepler table."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import mlcore
from mlcore.datasets.splits import split_by_star

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mlcore.datasets import Table

KEPLER = mlcore.DATASETS["kepler"]
BEYOND_DEFAULT = tuple(column.name for column in KEPLER.columns if column.wide)
"""Columns that only the archive's full table has."""
HEADER = "# This file was produced by the NASA Exoplanet Archive\n# Fri Oct  3 23:12:15 2025\n"
"""What precedes the archive's own files, the date of the data among it."""


@cache
def carried() -> Table:
    """Return the whole carried table."""
    return mlcore.obtain(KEPLER, use_archive=False).table


@cache
def drawn(draw: str, rows: int = 300) -> pd.DataFrame:
    """Return about as many rows; each name of a draw draws other stars."""
    whole = carried()
    assert whole.labels is not None
    chosen = split_by_star(
        whole.hosts, whole.labels, test_fraction=rows / len(whole), salt=f"draw {draw}"
    )
    return whole.take(chosen).frame


def kepler_file(
    path: Path, draw: str = "a", *, rows: int = 300, without: tuple[str, ...] = ()
) -> Path:
    """Write drawn rows as one of the archive's CSV files."""
    frame = drawn(draw, rows).drop(columns=list(without), errors="ignore")
    path.write_text(HEADER + frame.to_csv(index=False), encoding="utf-8")
    return path
