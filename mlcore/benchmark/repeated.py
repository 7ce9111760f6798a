"""Kepler's rows, repeated until there are enough: each repetition has stars of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mlcore.datasets import DATASETS, read_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets import Table

__all__ = ["JITTER", "catalogue", "repeated_stars"]

JITTER = 0.03
"""By how much of itself a repeated value differs from the catalogue's, one standard deviation."""
_FIRST = 10_000


def catalogue() -> Table:
    """Return the Kepler table that the project carries."""
    carried = DATASETS["kepler"].carried
    assert carried is not None  # noqa: S101 - this mission carries one
    return read_table(carried.path, DATASETS["kepler"], require_labels=True)


def repeated_stars(
    known: pd.DataFrame, place: NDArray[np.int64]
) -> tuple[NDArray[np.int64], pd.Series[str], pd.Series[str]]:
    """Return the stars of repeated rows, with as many objects each as the catalogue's.

    Parameters
    ----------
    known
        The catalogue's rows.
    place
        Of the repeated rows, from 0, shape ``(n,)``.

    Returns
    -------
    numbers : ndarray, shape ``(n,)``
        One for each star, rising with the repetition.
    kepid, kepoi_name : Series
        What the star and the object are called.
    """
    star, row = pd.factorize(known["kepid"])[0], place % len(known)
    numbers = _FIRST + star[row] + place // len(known) * (star.max() + 1)
    ends = known["kepoi_name"].str.slice(start=-3).to_numpy()[row]
    names = [f"K{number:05d}{end}" for number, end in zip(numbers, ends, strict=True)]
    stars = pd.Series(numbers + 10_000_000).astype(str)
    return numbers, stars, pd.Series(names, dtype="str")
