"""One search of a star's curve that all its signals share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.errors import DataError
from mlcore.lightcurves.search.peak import strongest_peak
from mlcore.lightcurves.search.transits import DETECTION_LIMIT, search_transits
from mlcore.progress import silent

if TYPE_CHECKING:
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.transits import TransitSearch, TransitSignal
    from mlcore.progress import ProgressCallback

__all__ = ["WEAKEST", "search_star", "shown", "told"]

WEAKEST = 5.0
"""Strength from which something in the same curve is looked at as another signal: noise makes one
so strong in most curves, which is part of what the strength is held against."""


def search_star(curve: LightCurve, *, report: ProgressCallback = silent) -> TransitSearch | None:
    """Search a star's curve once, down to what noise makes, knowing of no signal.

    Parameters
    ----------
    curve
        As it was read.
    report
        Told how far it has come.

    Returns
    -------
    TransitSearch or None
        None where the curve is too short or too long for a grid of periods, or has no trend.
    """
    try:
        return search_transits(curve, limit=WEAKEST, report=report)
    except DataError:
        return None


def told(search: TransitSearch) -> tuple[TransitSignal, ...]:
    """Return the signals of such a search that a search alone would tell of: the strong ones.

    What was found after the first weak one is as weak, but for chance.
    """
    strong = [signal.strength >= DETECTION_LIMIT for signal in search.signals]
    return search.signals[: strong.index(False) if False in strong else len(strong)]


def shown(curve: LightCurve, search: TransitSearch | None) -> tuple[TransitSignal, ...]:
    """Return what a search tells of, or the strongest peak where nothing is strong enough.

    Parameters
    ----------
    curve
        As it was read.
    search
        Of it, as `search_star` returns it.

    Raises
    ------
    DataError
        When the curve cannot be searched, or nothing in it dips.
    """
    signals = () if search is None else told(search) or search.signals[:1]
    if signals:
        return signals
    again = search_transits(curve, limit=0.0, most=1)
    return again.signals or (strongest_peak(again),)
