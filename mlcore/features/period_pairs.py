"""Which objects of similar periods repeat at the same times, compiled.

A million objects have hundreds of millions of pairs of similar periods, of which a tenth is close
in phase too: they are gone through one by one, without an array of all pairs. With its types given
the function is compiled, or read, where the module is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["match_in_phase"]


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
        The columns of `mlcore.features.surroundings.COMPARED`.
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
    for row in range(len(low)):
        period, epoch, days = own[row, 0], own[row, 1], own[row, 2]
        for other in range(low[row], high[row]):
            if host[row] == other_host[other]:
                continue
            length, its_days = days, others[other, 2]
            # Where one duration is unknown, the other one counts.
            if np.isnan(length) or its_days > length:
                length = its_days
            shortest = min(period, others[other, 0])
            apart = abs(epoch - others[other, 1])
            # Nearly the remainder, in a fraction of its time; what is near needs the exact one.
            late = apart - np.floor(apart / shortest) * shortest
            enough = length + 1e-9 * (apart + 1.0)
            if late > enough and shortest - late > enough:
                continue
            late = apart % shortest
            late = min(late, shortest - late)
            if not (late <= length):
                continue
            matches[row] += 1
            off = max(abs(others[other, 0] / period / ratio - 1), period_floor)
            chance = density[row] * 2 * off
            chance *= min(2 * max(late, epoch_floor * length) / shortest, 1.0)
            extremes[row, 0] = min(extremes[row, 0], chance)
            # What is not known is not extreme.
            x = own[row, 5] - others[other, 5]
            y = own[row, 6] - others[other, 6]
            z = own[row, 7] - others[other, 7]
            quarter = (x * x + y * y + z * z) / 4
            quarter = max(quarter, near_floor)
            if chance * quarter < extremes[row, 1]:
                extremes[row, 1] = chance * quarter
                extremes[row, 5] = chance
                pairs[row, 0] = other
            if quarter < extremes[row, 2]:
                extremes[row, 2] = quarter
                pairs[row, 1] = other
            deeper = others[other, 3] / own[row, 3]
            extremes[row, 3] = max(extremes[row, 3], deeper)
            brighter = own[row, 4] - others[other, 4]
            extremes[row, 4] = max(extremes[row, 4], brighter)
