"""From a star's light curve and its signals to the records that are kept of them."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.detrending import detrend
from mlcore.lightcurves.drawing.curve import drawn_curve, peaks
from mlcore.lightcurves.drawing.folds import drawn_folds, near_transit
from mlcore.lightcurves.drawing.thinning import rounded
from mlcore.lightcurves.drawing.transits import centroid_shifts, each_transit
from mlcore.lightcurves.reading.scatter import robust_deviation
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.lightcurves.search.transits import DETECTION_LIMIT, LONGEST_DURATION
from mlcore.lightcurves.vetting.stretches import replaced_stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.box_least_squares import Periodogram
    from mlcore.lightcurves.search.transits import TransitSignal
    from mlcore.lightcurves.vetting.report import VettedSignal

__all__ = ["record_of_signal", "record_of_star"]

_HOURS = 24.0


def record_of_star(
    number: int,
    curve: LightCurve,
    *,
    name: str,
    files: Sequence[str],
    periodogram: Periodogram | None,
    numbers: Sequence[int],
    untested: Sequence[str] = (),
) -> StarRecord:
    """Return what is kept of a star and its curve.

    Parameters
    ----------
    number
        Among the session's stars, from 1.
    curve
        As it was read.
    name, files
        Of the star, and what its files were called.
    periodogram
        Of the first search; None where the ephemeris was given.
    numbers
        Of its signals among the session's objects.
    untested
        Why others could not be tested, a sentence each.
    """
    detrended = detrend(curve, longest_duration=LONGEST_DURATION)
    drawn = drawn_curve(curve, detrended.trend, detrended.kept)
    flat = detrended.flux[detrended.kept]
    return StarRecord(
        number=number,
        name=name,
        file=", ".join(files),
        notes=[*curve.notes, *detrended.notes],
        untested=list(untested),
        mission=curve.mission or "",
        points=len(curve.time),
        span=curve.span,
        cadence=curve.cadence,
        time_name=curve.time_name,
        time_zero=curve.time_zero,
        scatter=float(robust_deviation(flat)),
        **drawn,
        **peaks(periodogram),
        limit=DETECTION_LIMIT,
        numbers=list(numbers),
    )


def record_of_signal(
    number: int,
    star: int,
    of_star: int,
    vetted: VettedSignal,
    found: TransitSignal | None,
    *,
    stretches: bool = True,
) -> SignalRecord:
    """Return what is kept of a signal.

    Parameters
    ----------
    number
        Among the session's objects, from 1.
    star, of_star
        Number of its star, and its own among the star's signals, from 1.
    vetted
        The signal with what the tests looked at.
    found
        What the search found; None where the ephemeris was given.
    stretches
        Whether to measure it again with each stretch of its fold replaced, which takes about ten
        times as long as the tests took.
    """
    candidate, ephemeris = vetted.candidate, vetted.ephemeris
    parts = drawn_folds(vetted) | each_transit(candidate)
    parts |= centroid_shifts(candidate, *near_transit(candidate))
    if stretches:
        parts |= _stretches(vetted)
    strength = vetted.values["strength"] if found is None else found.strength
    return SignalRecord(
        number=number,
        star=star,
        of_star=of_star,
        given=found is None,
        detected=found is None or found.strength >= DETECTION_LIMIT,
        period=ephemeris.period,
        epoch=ephemeris.epoch,
        duration=ephemeris.duration * _HOURS,
        depth=candidate.depth * 1e6,
        strength=strength,
        false_alarm=None
        if found is None or math.isnan(found.false_alarm)
        else float(found.false_alarm),
        measured=list(vetted.values),
        values=rounded(np.array(list(vetted.values.values()))),
        shorter=[] if found is None else list(found.shorter),
        **peaks(None if found is None else found.periodogram),
        **parts,
        **asdict(vetted.in_catalogues),
    )


def _stretches(vetted: VettedSignal) -> dict[str, Any]:
    """Return what the tests would measure with each stretch replaced, with all digits."""
    replaced = replaced_stretches(vetted.candidate)
    return {
        "stretch_name": [one.name for one in replaced],
        "stretch_begin": rounded(np.array([one.begin for one in replaced])),
        "stretch_end": rounded(np.array([one.end for one in replaced])),
        "remeasured": [one.values[name] for one in replaced for name in vetted.values],
    }
