"""Measurements in several filters, or by several cameras, brought to one level.

A star has another brightness in each filter, and each camera another zero point: points of two of
them, side by side, would scatter by the difference and hide any transit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.readers.light_curve_words import BANDS, plain
from mlcore.errors import DataError
from mlcore.in_words import counted, joined, quoted
from mlcore.lightcurves.reading.columns import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.reading.fluxes import Brightness
    from mlcore.lightcurves.reading.measurements import Measurements

__all__ = ["bands_of", "levelled"]

_FEWEST = 20
"""Points of a band from which its median is known well enough; those of fewer are left out."""
_MOST = 50
"""Bands that a star may be measured in: a column with more different cells is something else."""
_SHOWN = 6


def bands_of(
    measurements: Measurements, kept: NDArray[np.intp]
) -> tuple[NDArray[np.int64] | None, NDArray[np.bool_], tuple[str, ...]]:
    """Return in which filter, and by which camera, each point was measured.

    Parameters
    ----------
    measurements
        What the file has.
    kept
        Places of its points that are measurements, shape ``(n,)``.

    Returns
    -------
    band : (n,) int array, or None
        From 0; None where all points are of one.
    enough : (n,) bool array
        Whether the point's band has enough points to know its level.
    notes : tuple of str

    Raises
    ------
    DataError
        When no band has enough points.
    """
    every = np.ones(len(kept), dtype=bool)
    columns = {
        role: measurements.frame[role.value].iloc[kept].astype("str").str.strip().to_numpy()
        for role in (Role.BAND, Role.CAMERA)
        if role in measurements.headings
    }
    # A column with a value for each point, such as a temperature, tells no bands apart.
    columns = {role: cells for role, cells in columns.items() if 1 < len(np.unique(cells)) <= _MOST}
    if not columns:
        return None, every, ()
    codes, labels = pd.factorize(
        pd.Series([" ".join(cells) for cells in zip(*columns.values(), strict=True)])
    )
    band = np.asarray(codes, dtype=np.int64)
    words = [BANDS[plain(measurements.headings[role].name)] for role in columns]
    what = f"{words[0]}s" if len(words) == 1 else "pairs of filter and camera"
    counts = np.bincount(band, minlength=len(labels))
    names = [str(label)[:20] for label in labels]
    if counts.max() < _FEWEST:
        raise DataError(
            f"The light curve was measured with {len(names)} {what}, and with none of them at least"
            f" {_FEWEST} times: the level of each cannot be known."
        )
    shown = joined(names[:_SHOWN] if len(names) <= _SHOWN else [*names[:_SHOWN], "others"])
    note = (
        f"The points were measured with {len(names)} {what} ({shown}); each was divided by its own"
        " median. An eclipse that is deeper in one of them is seen as their mean."
    )
    notes = [note]
    few = counts < _FEWEST
    if few.any():
        left = int(counts[few].sum())
        notes.append(
            f"{counted(left, 'point')} of {what} with fewer than {_FEWEST} points left out."
        )
    return band, ~few[band], tuple(notes)


def levelled(brightness: Brightness, band: NDArray[np.int64], heading: str) -> Brightness:
    """Return fluxes of which each band has the median 1.

    Parameters
    ----------
    brightness
        Above no light at all, shape ``(n,)``.
    band
        Of each point, as `bands_of` returns it.
    heading
        Of the column of brightness.

    Raises
    ------
    DataError
        When the median flux of a band is not above 0.
    """
    level = pd.Series(brightness.flux).groupby(band).transform("median").to_numpy(np.float64)
    if level.min() <= 0:
        raise DataError(
            f"The median flux in the column {quoted(heading)} is not above 0 in one of the filters"
            " or cameras: a relative flux needs one above 0."
        )
    return type(brightness)(
        flux=brightness.flux / level,
        error=None if brightness.error is None else brightness.error / level,
        notes=brightness.notes,
    )
