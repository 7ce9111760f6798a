"""Of what is drawn no more points and digits than can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["rounded", "some_of", "spread_over"]


def some_of(chosen: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Return so many of the chosen points at most, evenly among them."""
    places = np.flatnonzero(chosen)
    some = np.zeros(len(chosen), dtype=bool)
    some[places[spread_over(len(places), most)]] = True
    return some


def spread_over(count: int, most: int) -> NDArray[np.int64]:
    """Return so many places of as many at most, evenly among them, with the first and the last.

    Examples
    --------
    >>> spread_over(3, 5).tolist(), spread_over(9, 3).tolist()
    ([0, 1, 2], [0, 4, 8])
    """
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))


def rounded(values: NDArray[np.floating[Any]], digits: int = 6) -> list[float]:
    """Return numbers as they are drawn: more digits only take room.

    Examples
    --------
    >>> rounded(np.array([0.123456789, 1234567.8, 0.0]), 3)
    [0.123, 1230000.0, 0.0]
    """
    whole = np.asarray(values, dtype=np.float64)
    size = np.where(whole == 0, 1.0, np.abs(whole))
    with np.errstate(invalid="ignore"):
        scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
        return [float(value) for value in np.round(whole * scale) / scale]
