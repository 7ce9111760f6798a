"""Which rows of a loaded table fit: by disposition, by ranges, and by a name in any spelling."""

from __future__ import annotations

from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from mlcore.datasets.object_names import RoundedNumberError, as_listed, parse_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.spec import Dataset

__all__ = ["NO_DISPOSITION", "fitting_rows"]

NO_DISPOSITION = "none"
"""What is asked for where rows without a disposition are."""


def fitting_rows(
    table: pa.Table,
    dataset: Dataset,
    *,
    kinds: frozenset[str],
    bounds: Mapping[str, tuple[float, float]],
    search: str,
    names: Sequence[str],
    called: pa.ChunkedArray | None = None,
) -> pa.Table:
    """Return the rows that are asked for.

    Parameters
    ----------
    table
        Rows of a mission's table.
    dataset
        The mission.
    kinds
        Dispositions, `NO_DISPOSITION` among them; none: all rows.
    bounds
        The least and the greatest value of columns of numbers.
    search
        An object or a star, in any usual spelling; empty: all rows.
    names
        The columns that name either.
    called
        Which rows are of an object or a star that is called so elsewhere; None: none.
    """
    conditions = []
    if kinds:
        words = [word for word, kind in dataset.labels.items() if kind in kinds]
        label = table.column(dataset.label)
        one_of = pc.is_in(label, value_set=pa.array(words, label.type))
        # What is no disposition of the mission's is none, as a model's table has it.
        known = pc.is_in(label, value_set=pa.array(list(dataset.labels), label.type))
        conditions.append(pc.or_(one_of, pc.invert(known)) if NO_DISPOSITION in kinds else one_of)
    for name, (low, high) in bounds.items():
        values = table.column(name)
        within = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
        conditions.append(pc.fill_null(within, fill_value=False))
    if search:
        named = [_named(table.column(name), search, dataset, name) for name in names]
        conditions.append(reduce(pc.or_, [*named, *([] if called is None else [called])]))
    return table.filter(reduce(pc.and_, conditions)) if conditions else table


def _named(cells: pa.ChunkedArray, search: str, dataset: Dataset, column: str) -> pa.ChunkedArray:
    """Tell which cells name the object or the star that is looked for."""
    catalogue = dataset.column(column).catalogue
    spelled, of_star = " ".join(search.split()), True
    if catalogue is not None:
        with suppress(RoundedNumberError):
            spelled = as_listed(spelled, catalogue)
        parsed = parse_name(spelled, catalogue)
        of_star = parsed is None or parsed.is_star
    spelled = spelled.casefold()
    if column == dataset.object_name[0]:
        # Names are shown with what the table leaves out.
        spelled = spelled.removeprefix(dataset.name_prefix.casefold())
    cells = pc.utf8_lower(cells)
    found = pc.equal(cells, spelled)
    if of_star:
        # A star's objects begin with its name.
        for divider in (".", " ", "-"):
            found = pc.or_(found, pc.starts_with(cells, pattern=spelled + divider))
    return pc.fill_null(found, fill_value=False)
