"""A mission's rows, checked: what training, prediction and loading start from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.computed import fingerprint
from mlcore.datasets.equal_rows import first_equal_row
from mlcore.datasets.object_names import stars_of
from mlcore.datasets.quantities import QUANTITIES, unit_factor
from mlcore.datasets.reading import NOTHING_READ, Reading
from mlcore.datasets.spec import Dataset, Disposition

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Table"]


# Without slots, so that what follows from the frame is worked out once.
@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Rows of a mission's table, with the columns that the registry keeps."""

    dataset: Dataset
    frame: pd.DataFrame
    """The kept columns that the file has, in the registry's order; numbers are float64, words
    are str with missing values; index 0 to n - 1."""
    row_numbers: NDArray[np.int64]
    """Which data row of the file each row was, counted from 1; shape ``(n,)``."""
    withheld_errors: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Uncertainties that no model may see, of the same rows: only for score intervals."""
    ignored_columns: tuple[str, ...] = ()
    """Columns of the file that the registry does not know."""
    withheld_columns: tuple[str, ...] = ()
    """Columns of the file that no model may see, because they state or follow the label."""
    missing_columns: tuple[str, ...] = ()
    """Default feature columns that the file lacks."""
    warnings: tuple[str, ...] = ()
    """What the user should know of, as sentences."""
    reading: Reading = NOTHING_READ
    """Which heading of the file was read as which column, in which unit, which word as what."""

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def fingerprint(self) -> str:
        """A word that another table shares where its rows are the same to the bit."""
        return fingerprint(
            self.dataset,
            self.frame,
            self.withheld_errors,
            self.given_columns,
            self.row_numbers,
        )

    @property
    def features(self) -> pd.DataFrame:
        """Values of the default feature columns, float64, shape ``(n, k)``; absent ones NaN."""
        return self._features(wide=False)

    @property
    def wide_features(self) -> pd.DataFrame:
        """Values of all feature columns, those of the archive's full table included."""
        return self._features(wide=True)

    @cached_property
    def labels(self) -> pd.Series[str] | None:
        """Values of `Disposition`, missing where there is none; None without a label column."""
        if self.dataset.label not in self.frame:
            return None
        words = {word: str(meaning) for word, meaning in self.dataset.labels.items()}
        labels = self.frame[self.dataset.label].map(words).astype("str")
        return labels.rename("disposition")

    @property
    def label_counts(self) -> dict[Disposition, int]:
        """How many rows have each disposition, in the order of `Disposition`."""
        labels = self.labels
        return {kind: 0 if labels is None else int((labels == kind).sum()) for kind in Disposition}

    @cached_property
    def hosts(self) -> pd.Series[str]:
        """Host star of each row.

        Where no column names it, it is the star that the object's name tells; a row that no name
        tells of is a star of its own, the same one as an earlier row of equal values.
        """
        hosts = self._named((self.dataset.host,))
        if self._host_given.all():
            return hosts.rename("host")
        nameless = ~self.stars_known
        given = self._host_given
        # Another object of the star may say what its host is called.
        called = dict(zip(self.object_stars[given], hosts[given], strict=True))
        stars = self.object_stars
        told = stars.map(lambda star: called.get(star, star)) if called else stars
        own = hosts.where(given | stars.isna(), told)
        if nameless.any():
            first = first_equal_row(self.frame[nameless], self.dataset)
            alone = own[nameless]
            own = own.mask(nameless, pd.Series(alone.to_numpy()[first], index=alone.index))
        return own.astype("str").rename("host")

    @cached_property
    def stars_known(self) -> NDArray[np.bool_]:
        """Tell for which rows a name says which star is the host, shape ``(n,)``."""
        if self._host_given.all():
            return self._host_given
        return np.asarray(self._host_given | self.object_stars.notna(), dtype=bool)

    @cached_property
    def object_stars(self) -> pd.Series[str]:
        """Canonical name of each row's star as its object's name tells it, missing elsewhere."""
        column = self.dataset.column(self.dataset.object_name[0])
        if column.name not in self.frame or column.catalogue is None:
            return pd.Series(np.nan, index=self.frame.index).astype("str")
        return stars_of(self.frame[column.name], column.catalogue)

    @cached_property
    def names(self) -> pd.Series[str]:
        """Name of each row's object, or its row number."""
        return self._named(self.dataset.object_name, self.dataset.name_prefix).rename("name")

    @property
    def temperatures(self) -> pd.Series[float]:
        """Effective temperature of each row's host star [K]."""
        name = self.dataset.quantities.get("stellar_temperature")
        if name is None or name not in self.frame:
            return pd.Series(np.nan, index=self.frame.index, name=name)
        unit = self.dataset.column(name).unit
        return self.frame[name] * unit_factor(unit, QUANTITIES["stellar_temperature"].unit)

    @property
    def given_columns(self) -> tuple[str, ...]:
        """Names of all columns of the file, whatever became of them."""
        kept = (*self.frame.columns, *self.withheld_errors.columns)
        return tuple(dict.fromkeys((*kept, *self.withheld_columns, *self.ignored_columns)))

    def take(self, positions: ArrayLike) -> Table:
        """Return the rows at these positions, or where a mask of shape ``(n,)`` is true."""
        return self._at(np.arange(len(self))[np.asarray(positions)])

    def part(self, begin: int, end: int) -> Table:
        """Return the rows from one position to before another, without a copy of their values."""
        return self._at(slice(begin, end))

    def with_rows_of(self, other: Table) -> Table:
        """Return these rows and after them those of another table of the same mission."""
        return replace(
            self,
            frame=pd.concat([self.frame, other.frame], ignore_index=True),
            withheld_errors=pd.concat(
                [self.withheld_errors, other.withheld_errors], ignore_index=True
            ),
            row_numbers=np.concatenate([self.row_numbers, other.row_numbers]),
        )

    def with_stars_of(self, catalogue: Table) -> Table:
        """Return these rows with the stars of those objects that a catalogue names too.

        Where the table does not name an object's star, the catalogue's entry of the same name does.
        """
        host, name = self.dataset.host, self.dataset.object_name[0]
        if self._host_given.all() or name not in self.frame:
            return self
        if not {host, name} <= set(catalogue.frame):
            return self
        known = catalogue.frame[[name, host]].dropna().drop_duplicates(name)
        stars = self.frame[name].map(known.set_index(name)[host])
        if host in self.frame:
            stars = self.frame[host].fillna(stars)
        if not stars.notna().any():
            return self
        named = self.frame.assign(**{host: stars.astype("str")})
        order = [column for column in self.dataset.column_names if column in named]
        return replace(self, frame=named[order])

    def _at(self, chosen: NDArray[np.int64] | slice) -> Table:
        return replace(
            self,
            frame=self.frame.iloc[chosen].reset_index(drop=True),
            withheld_errors=self.withheld_errors
            if self.withheld_errors.empty
            else self.withheld_errors.iloc[chosen].reset_index(drop=True),
            row_numbers=self.row_numbers[chosen],
        )

    @cached_property
    def _host_given(self) -> NDArray[np.bool_]:
        if self.dataset.host not in self.frame:
            return np.zeros(len(self), dtype=bool)
        return self.frame[self.dataset.host].notna().to_numpy(dtype=bool)

    def _features(self, *, wide: bool) -> pd.DataFrame:
        names = [column.name for column in self.dataset.feature_columns(wide=wide)]
        return self.frame.reindex(columns=names).astype("float64")

    def _named(self, columns: tuple[str, ...], prefix: str = "") -> pd.Series[str]:
        rows = None
        for name in reversed(columns):
            if name in self.frame:
                cells = self.frame[name]
                if prefix and name == columns[0]:
                    first = cells.str.slice(stop=1)
                    digits = [sign for sign in first.dropna().unique() if sign.isdigit()]
                    cells = cells.mask(first.isin(digits), prefix + cells)
                rows = cells if rows is None else cells.fillna(rows)
        if rows is None or rows.hasnans:
            numbered = pd.Series([f"row {number}" for number in self.row_numbers], dtype="str")
            rows = numbered if rows is None else rows.fillna(numbered)
        return rows.astype("str")
