"""The strongest peak of a search in which nothing repeats strongly enough to be a signal."""

from __future__ import annotations

import numpy as np

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.search.false_alarm import false_alarm_probability
from mlcore.lightcurves.search.transits import TransitSearch, TransitSignal

__all__ = ["strongest_peak"]


def strongest_peak(search: TransitSearch) -> TransitSignal:
    """Return the highest peak of a search's last periodogram, as it stands.

    Noise has one in every curve: that it is shown tells how far from a signal it is.

    Parameters
    ----------
    search
        One that found no signal.

    Raises
    ------
    DataError
        When nothing in the curve dips at all.
    """
    periodogram = search.last
    place = int(periodogram.strength.argmax())
    peak = float(periodogram.strength[place])
    if peak <= 0:
        raise DataError("Nothing in this light curve dips.")
    return TransitSignal(
        ephemeris=Ephemeris(
            period=float(periodogram.periods[place]),
            epoch=float(periodogram.epochs[place]),
            duration=float(periodogram.durations[place]),
        ),
        depth=np.nan,
        strength=peak,
        false_alarm=false_alarm_probability(periodogram, peak),
        transits=0,
        shorter=(),
        periodogram=periodogram,
    )
