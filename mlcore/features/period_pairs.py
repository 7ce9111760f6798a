"""Which objects of similar periods repeat at the same times, compiled.

A million objects have hundreds of millions of pairs of similar periods, of which a tenth is close
in phase too: they are gone through a few hundred at a time, without an array of all pairs. With
their types given the functions are compiled, or read, where the module is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["match_in_phase", "rising_places"]

_PAIRS_AT_ONCE = 256
"""Pairs whose phases are compared at once: arrays of them stay in a processor's nearest memory."""


@njit("void(float64[::1], float64[::1], boolean, int64, int64[::1])", cache=True)
def rising_places(
    ascending: NDArray[np.float64],
    keys: NDArray[np.float64],
    behind: bool,  # noqa: FBT001 - compiled functions take no keywords
    start: int,
    places: NDArray[np.int64],
) -> None:  # pragma: no cover
    """Find where keys belong in an array, as `numpy.searchsorted` does, in one walk through both.

    Parameters
    ----------
    ascending
        The array, rising.
    keys
        Rising too.
    behind
        Whether a key's place is behind the entries that are equal to it.
    start
        A place that no key's place is before.
    places
        Gets them.
    """
    at = start
    for row in range(len(keys)):
        key = keys[row]
        if behind:
            while at < len(ascending) and ascending[at] <= key:
                at += 1
        else:
            while at < len(ascending) and ascending[at] < key:
                at += 1
        places[row] = at


@njit(
    "void(int64[::1], int64[::1], int64[::1], float64[:, ::1], float64[::1], int64[::1],"
    " float64[:, ::1], float64, float64, float64, float64, int64[::1], float64[:, ::1],"
    " int64[:, ::1])",
    cache=True,
    error_model="numpy",
)
def match_in_phase(  # noqa: PLR0913 - one walk, in arrays  # pragma: no cover
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    host: NDArray[np.int64],
    own: NDArray[np.float64],
    density: NDArray[np.float64],
    other_host: NDArray[np.int64],
    others: NDArray[np.float64],
    ratio: float,
    period_floor: float,
    epoch_floor: float,
    near_floor: float,
    matches: NDArray[np.int64],
    extremes: NDArray[np.float64],
    pairs: NDArray[np.int64],
) -> None:
    """Compare objects with those of other stars whose epochs agree within the duration.

    Parameters
    ----------
    low, high
        For each object the range of the others with which it is compared.
    host, other_host
        Number of the star of each.
    own, others
        The rows of `mlcore.features.surroundings.COMPARED`, an object a column.
    density
        Objects per unit of relative period around the period that is compared with.
    ratio
        Of the other's period to the object's.
    period_floor, epoch_floor, near_floor
        Relative differences of periods, of epochs in durations, and quarters of squared distances,
        below which they say nothing.
    matches
        Is raised by their number.
    extremes
        Columns: the smallest number of matches by chance, the same times a quarter of the squared
        distance of the unit vectors, that quarter, the largest ratio of depths, and the largest
        difference of magnitudes; each is made more extreme. The last is the factor of the second.
    pairs
        Which other object had the second and the third of them.
    """
    near = np.empty(_PAIRS_AT_ONCE, dtype=np.bool_)
    for row in range(len(low)):
        period, epoch, days, star = own[0, row], own[1, row], own[2, row], host[row]
        for begin in range(low[row], high[row], _PAIRS_AT_ONCE):
            end = min(begin + _PAIRS_AT_ONCE, high[row])
            stars = other_host[begin:end]
            periods, epochs = others[0, begin:end], others[1, begin:end]
            durations = others[2, begin:end]
            # Without a branch, so that several pairs are compared by one instruction.
            for place in range(end - begin):
                its_days = durations[place]
                # Where one duration is unknown, the other one counts.
                length = its_days if np.isnan(days) or its_days > days else days
                shortest = min(period, periods[place])
                apart = abs(epoch - epochs[place])
                # Nearly the remainder, in a fraction of its time; what is near needs the exact one.
                late = apart - np.floor(apart / shortest) * shortest
                enough = length + 1e-9 * (apart + 1.0)
                near[place] = (stars[place] != star) & (
                    (late <= enough) | (shortest - late <= enough)
                )
            for place in range(end - begin):
                if not near[place]:
                    continue
                other = begin + place
                length, its_days = days, others[2, other]
                if np.isnan(length) or its_days > length:
                    length = its_days
                shortest = min(period, others[0, other])
                late = abs(epoch - others[1, other]) % shortest
                late = min(late, shortest - late)
                if not (late <= length):
                    continue
                matches[row] += 1
                off = max(abs(others[0, other] / period / ratio - 1), period_floor)
                chance = density[row] * 2 * off
                chance *= min(2 * max(late, epoch_floor * length) / shortest, 1.0)
                extremes[row, 0] = min(extremes[row, 0], chance)
                # What is not known is not extreme.
                x = own[5, row] - others[5, other]
                y = own[6, row] - others[6, other]
                z = own[7, row] - others[7, other]
                quarter = (x * x + y * y + z * z) / 4
                quarter = max(quarter, near_floor)
                if chance * quarter < extremes[row, 1]:
                    extremes[row, 1] = chance * quarter
                    extremes[row, 5] = chance
                    pairs[row, 0] = other
                if quarter < extremes[row, 2]:
                    extremes[row, 2] = quarter
                    pairs[row, 1] = other
                deeper = others[3, other] / own[3, row]
                extremes[row, 3] = max(extremes[row, 3], deeper)
                brighter = own[4, row] - others[4, other]
                extremes[row, 4] = max(extremes[row, 4], brighter)
