"""Small tables of one mission, made of a few rows in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets import K2, KEPLER, TESS, Table, table_from
from mlcore.datasets.readers.read import RawTable

if TYPE_CHECKING:
    from mlcore.datasets import Dataset

EARTH: dict[str, Any] = {
    "kepid": 1,
    "kepoi_name": "K00001.01",
    "koi_period": 365.25,
    "koi_time0bk": 200.0,
    "koi_duration": 13.0,
    "koi_depth": 84.0,
    "koi_impact": 0.0,
    "koi_prad": 1.0,
    "koi_model_snr": 10.0,
    "koi_steff": 5772.0,
    "koi_slogg": 4.438,
    "koi_srad": 1.0,
    "koi_kepmag": 12.0,
    "ra": 290.0,
    "dec": 44.5,
}
"""A Kepler object like Earth, crossing the middle of a star like the Sun."""

HOT_JUPITER: dict[str, Any] = {
    "tid": 1,
    "toi": 101.01,
    "pl_tranmid": 2459000.0,
    "pl_orbper": 3.0,
    "pl_trandurh": 2.5,
    "pl_trandep": 10000.0,
    "pl_rade": 11.0,
    "st_tmag": 10.0,
    "st_dist": 10.0,
    "st_teff": 5772.0,
    "st_logg": 4.438,
    "st_rad": 1.0,
    "st_pmra": 30.0,
    "st_pmdec": 40.0,
    "ra": 100.0,
    "dec": -20.0,
}
"""A TESS object like a hot Jupiter."""


IN_K2: dict[str, Any] = {
    "pl_name": "EPIC 1 b",
    "hostname": "EPIC 1",
    "default_flag": "1",
    "pl_orbper": 3.0,
    "pl_trandur": 2.5,
    "pl_trandep": 1.0,
    "pl_rade": 11.0,
    "st_teff": 5772.0,
    "st_logg": 4.438,
    "st_rad": 1.0,
    "sy_dist": 10.0,
}
"""The hot Jupiter as K2's full table would have it: its depth in percent."""


def made(dataset: Dataset, *rows: dict[str, Any]) -> Table:
    """Return a table of these rows."""
    frame = pd.DataFrame(list(rows))
    raw = RawTable(frame=frame, columns=tuple(frame.columns), dated=None)
    return table_from(raw, dataset, require_labels=False)


def kepler(*changes: dict[str, Any]) -> Table:
    """Return a table of rows that are Earth but for the changes; a None takes a value away."""
    return made(KEPLER, *({**EARTH, **change} for change in changes))


def tess(*changes: dict[str, Any]) -> Table:
    """Return a table of rows that are a hot Jupiter but for the changes."""
    return made(TESS, *({**HOT_JUPITER, **change} for change in changes))


def k2(*changes: dict[str, Any]) -> Table:
    """Return a table of rows that are the hot Jupiter but for the changes."""
    return made(K2, *({**IN_K2, **change} for change in changes))
