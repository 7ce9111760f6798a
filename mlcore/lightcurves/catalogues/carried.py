"""The rows of the catalogues that the package carries, found by star and by place on the sky."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from functools import cache, cached_property, lru_cache
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.computed import fingerprint
from mlcore.lightcurves.catalogues.row import CatalogueRow
from mlcore.lightcurves.catalogues.together import Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "CARRIED_DATED",
    "CARRIED_ROWS",
    "WEIGHTS_KEY",
    "CatalogueRows",
    "carried_rows",
    "carried_weights",
]

CARRIED_ROWS = Path(__file__).parents[2] / "datasets" / "carried" / "catalogue_rows.parquet"
"""What is in it, and from where: see `PROVENANCE.md` beside it."""
WEIGHTS_KEY = b"weights"
"""Of its metadata: the `Weights` of each mission, in JSON."""
CARRIED_DATED = date(2025, 10, 4)
"""Of the archive's tables that it was made of."""
_ARCSECONDS = 3600.0


class CatalogueRows:
    """Rows of catalogues.

    Parameters
    ----------
    table
        With the fields of `CatalogueRow` as columns.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._places: dict[str, list[int]] = {}
        also = table.column("also").to_pylist() if "also" in table.column_names else []
        named = zip_longest(table.column("star").to_pylist(), also, fillvalue=())
        for place, (star, others) in enumerate(named):
            for key in dict.fromkeys(map(_key, (star, *(others or ())))):
                self._places.setdefault(key, []).append(place)
        self._ra, self._dec = (
            np.radians(table.column(name).to_numpy()) for name in ("right_ascension", "declination")
        )

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __reduce__(self) -> tuple[Callable[..., CatalogueRows], tuple[bytes, ...]]:
        if self is carried_rows():
            return carried_rows, ()
        # Bytes travel once to a cluster's workers, for however many stars.
        return _rows_in, (self._content,)

    @cached_property
    def fingerprint(self) -> str:
        """A word that other rows share where they are the same to the bit."""
        return fingerprint(self._content)

    @cached_property
    def _content(self) -> bytes:
        written = pa.BufferOutputStream()
        pq.write_table(self._table, written, compression="zstd")
        return bytes(written.getvalue())

    def of_star(self, star: str) -> tuple[CatalogueRow, ...]:
        """Return the rows of a star, such as ``KIC 11442793``, in the catalogue's order."""
        return tuple(map(self._row, self._places.get(_key(star), ())))

    def near(
        self, right_ascension: float, declination: float, *, within: float
    ) -> tuple[tuple[CatalogueRow, float], ...]:
        """Return the rows near a place on the sky, with their distance, the nearest first.

        Parameters
        ----------
        right_ascension, declination
            [deg].
        within
            Largest distance [arcsec].
        """
        ra, dec = np.radians(right_ascension), np.radians(declination)
        # The haversine, which is exact for small angles.
        half = np.sin((self._dec - dec) / 2) ** 2
        half = half + np.cos(self._dec) * np.cos(dec) * np.sin((self._ra - ra) / 2) ** 2
        apart = np.degrees(2 * np.arcsin(np.sqrt(np.minimum(half, 1.0)))) * _ARCSECONDS
        places = np.flatnonzero(apart <= within)
        nearest = places[np.argsort(apart[places], kind="stable")]
        return tuple((self._row(place), float(apart[place])) for place in nearest.tolist())

    def _row(self, place: int) -> CatalogueRow:
        (row,) = self._table.slice(place, 1).to_pylist()
        known: dict[str, Any] = {
            name: math.nan if value is None else value for name, value in row.items()
        }
        if "also" in known:
            known["also"] = tuple(row["also"] or ())
        return CatalogueRow(**known)


@cache
def carried_rows() -> CatalogueRows:
    """Return the rows that the package carries."""
    return CatalogueRows(pq.read_table(CARRIED_ROWS))


@cache
def carried_weights() -> Mapping[str, Weights]:
    """Return how much a light curve and a row count, by mission; without K2, of which none is."""
    told = json.loads(pq.read_schema(CARRIED_ROWS).metadata[WEIGHTS_KEY])
    return MappingProxyType({mission: Weights(**one) for mission, one in told.items()})


@lru_cache(maxsize=2)
def _rows_in(content: bytes) -> CatalogueRows:
    rows = CatalogueRows(pq.read_table(pa.BufferReader(content)))
    # As they came: written again they may be other bytes.
    vars(rows)["_content"] = content
    return rows


def _key(star: str) -> str:
    return re.sub(r"[\s_-]+", "", star).lower()
