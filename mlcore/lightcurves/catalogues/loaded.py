"""The newest rows of each mission's catalogue: of a table that an operator loaded, or carried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.computed import NOTHING_KEPT
from mlcore.datasets import DATASETS
from mlcore.datasets.snapshot import read_whole_snapshot
from mlcore.in_words import joined
from mlcore.lightcurves.catalogues.carried import (
    CARRIED_DATED,
    CARRIED_ROWS,
    CatalogueRows,
    carried_rows,
)
from mlcore.lightcurves.catalogues.row import MISSIONS
from mlcore.lightcurves.catalogues.table_rows import rows_of_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.computed import Computed
    from mlcore.datasets.table import Table
    from mlcore.lightcurves.catalogues.judging import Judge

__all__ = ["Catalogues", "LoadedTable", "newest_catalogues"]

_COMPARED = ("period", "duration", "depth", "magnitude")
"""What tells whether a row is as it was when the carried probability was stated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedTable:
    """A mission's table that was loaded."""

    mission: str
    path: Path
    """Of its snapshot, as `mlcore.datasets.snapshot.write_snapshot` wrote it."""
    dated: date | None = None
    """Date of its data; None where nothing says it."""
    star_numbers: tuple[tuple[int, str], ...] = ()
    """Of rows, from 1, the star's numbers in other catalogues: a snapshot has none of them."""

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> LoadedTable:
        """Return a table as a job's order names it, with JSON values."""
        dated = told.get("dated")
        return cls(
            mission=told["mission"],
            path=Path(told["path"]),
            dated=date.fromisoformat(dated) if dated else None,
            star_numbers=tuple((row, number) for row, number in told.get("star_numbers", ())),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogues:
    """What signals of light curves are looked up in."""

    rows: CatalogueRows
    said: str
    """Which catalogues they are, of which day, as a sentence."""


def newest_catalogues(
    loaded: Sequence[LoadedTable] = (),
    *,
    judge: Judge | None = None,
    computed: Computed = NOTHING_KEPT,
) -> Catalogues:
    """Return the newest rows of each mission.

    A loaded table stands in place of the carried rows of its mission, unless it is older than
    these. Its row keeps the carried probability, which models of other stars stated, as long as
    its period, duration, depth and magnitude are the same; else the published model is asked. Where
    that was trained on the star, the carried one stays if there is any.

    Parameters
    ----------
    loaded
        At most one of a mission.
    judge
        Asks the published models; None: nobody is asked.
    computed
        Where rows may be kept as they were read and checked.

    Examples
    --------
    >>> newest_catalogues().said
    'Signals are looked up in the catalogues of Kepler, K2 and TESS of 2025-10-04, as carried.'
    """
    newer = {
        one.mission: one
        for one in loaded
        if one.mission in MISSIONS and (one.dated is None or one.dated >= CARRIED_DATED)
    }
    said = _said(newer)
    if not newer:
        return Catalogues(rows=carried_rows(), said=said)
    carried = pq.read_table(CARRIED_ROWS).to_pandas()
    parts = []
    for mission in MISSIONS:
        own = carried[carried["mission"] == mission]
        if mission in newer:
            table, _ = read_whole_snapshot(
                newer[mission].path, DATASETS[mission], computed=computed
            )
            own = _judged_rows(table, own, judge)
            own["also"] = _numbers_of_stars(newer[mission], len(own))
        parts.append(own)
    rows = pd.concat(parts, ignore_index=True)
    rows["model"] = rows["model"].fillna("").astype("str")
    rows["in_sample"] = rows["in_sample"].eq(True)  # noqa: FBT003 - unknown of carried rows
    rows["also"] = [one if isinstance(one, list) else [] for one in rows["also"]]
    table = pa.Table.from_pandas(rows, preserve_index=False)
    return Catalogues(rows=CatalogueRows(table), said=said)


def _numbers_of_stars(table: LoadedTable, rows: int) -> list[list[str]]:
    numbers: list[list[str]] = [[] for _ in range(rows)]
    for row, number in table.star_numbers:
        if row <= rows:
            numbers[row - 1].append(number)
    return numbers


def _said(newer: Mapping[str, LoadedTable]) -> str:
    parts = []
    for mission, one in newer.items():
        dated = "without a date" if one.dated is None else f"of {one.dated}"
        parts.append(f"{MISSIONS[mission]} {dated}, as loaded")
    if kept := [title for mission, title in MISSIONS.items() if mission not in newer]:
        parts.append(f"{joined(kept)} of {CARRIED_DATED}, as carried")
    return f"Signals are looked up in the catalogues of {'; of '.join(parts)}."


def _judged_rows(table: Table, carried: pd.DataFrame, judge: Judge | None) -> pd.DataFrame:
    """Return the rows of a loaded table with what is said of each."""
    rows = rows_of_table(table)
    before = carried.drop_duplicates("name").set_index("name").reindex(rows["name"])
    planet = before["planet"].to_numpy(dtype=np.float64, copy=True)
    model = np.full(len(rows), "", dtype=object)
    in_sample = np.zeros(len(rows), dtype=bool)
    wanted = ~(_unchanged(rows, before) & np.isfinite(planet))
    judged = judge(table, wanted) if judge is not None and wanted.any() else None
    if judged is not None:
        places = np.flatnonzero(wanted)
        # Whoever learnt from the star is asked last.
        taken = np.isfinite(judged.planet) & (~judged.in_sample | ~np.isfinite(planet[places]))
        planet[places[taken]] = judged.planet[taken]
        model[places[taken]] = judged.model
        in_sample[places[taken]] = judged.in_sample[taken]
    return rows.assign(planet=planet.astype("float32"), model=model, in_sample=in_sample)


def _unchanged(rows: pd.DataFrame, before: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows have the values that they had, shape ``(n,)``."""
    now, then = (
        frame[list(_COMPARED)].to_numpy(dtype=np.float32, na_value=np.nan)
        for frame in (rows, before)
    )
    same: NDArray[np.bool_] = ((now == then) | (np.isnan(now) & np.isnan(then))).all(axis=1)
    return same
