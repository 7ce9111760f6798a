"""Which points of a file are no measurements: gaps, numbers that stand for one, repeated times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.placeholders import PLACEHOLDERS
from mlcore.in_words import counted, joined, number
from mlcore.lightcurves.reading.scatter import robust_deviation

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["first_of_each_time", "measured"]

_GAPS = np.array([*PLACEHOLDERS, 99.999, 9.999, 9999.9, 99999.9, -99999.9])
"""Numbers that stand for a missing value; 0 is what TESS's full frames have in their gaps."""
_FAR = 10.0
"""How many deviations from the median such a number lies at least where it is none."""


def measured(
    time: NDArray[np.float64], flux: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Tell which points have a time and a flux that somebody measured.

    Parameters
    ----------
    time, flux
        As the file has them, shape ``(n,)``.

    Returns
    -------
    kept : (n,) bool array
    notes : tuple of str
    """
    notes = []
    there = np.isfinite(time) & np.isfinite(flux)
    if not there.all():
        count = int((~there).sum())
        notes.append(f"{counted(count, 'point')} without a time or a flux left out.")
    for values, what in ((time, "time"), (flux, "flux")):
        stand_ins = _stand_ins(values, there)
        if stand_ins.any():
            found = np.unique(values[stand_ins])
            said = joined([number(float(value), digits=6) for value in found[:3]])
            count = int(stand_ins.sum())
            verb = "stands" if count == 1 else "stand"
            notes.append(
                f"{counted(count, 'point')} whose {what} is {said}, which {verb} for a missing"
                " one, left out."
            )
            there = there & ~stand_ins
    return there, tuple(notes)


def _stand_ins(values: NDArray[np.float64], there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which numbers stand for a missing value: far outside of all others."""
    candidates = there & np.isin(values, _GAPS)
    others = values[there & ~candidates]
    if not candidates.any() or len(others) < 2:
        return np.zeros(len(values), dtype=bool)
    far, middle = _FAR * robust_deviation(others), float(np.median(others))
    # The depth of an eclipse may be such a number, too, and then others lie on the way to it.
    below = others.min() - max(far, (middle - others.min()) / 2)
    above = others.max() + max(far, (others.max() - middle) / 2)
    return np.asarray(candidates & ((values < below) | (values > above)))


def first_of_each_time(
    time: NDArray[np.float64],
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return the order of ascending times without those that come again.

    Parameters
    ----------
    time
        Finite, shape ``(n,)``.

    Returns
    -------
    order : (m,) int array
    notes : tuple of str
    """
    notes = []
    order = np.argsort(time, kind="stable")
    if (np.diff(time) < 0).any():
        notes.append("The points were sorted by time.")
    ascending = time[order]
    again = np.zeros(len(order), dtype=bool)
    again[1:] = np.diff(ascending) <= 0
    if again.any():
        count = int(again.sum())
        notes.append(f"{counted(count, 'point')} with the time of another left out.")
    return order[~again], tuple(notes)
