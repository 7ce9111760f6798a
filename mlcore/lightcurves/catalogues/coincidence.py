"""How far apart two ephemerides are during a light curve, and how well that can be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcore.lightcurves.ephemeris import Ephemeris

__all__ = [
    "MOST_BY_CHANCE",
    "RATIOS",
    "Events",
    "Span",
    "apart",
    "chance_of_meeting",
    "drift",
    "predicted_error",
    "tells_phase",
]

RATIOS = (0.5, 1.0, 2.0)
"""Of a signal's period to another one, at which the same events are seen."""
MOST_BY_CHANCE = 0.01
"""Probability of meeting by chance above which that two ephemerides meet says nothing."""
_SURE = 3.0
"""Standard errors by which a prediction may be off."""

_TELLS = 0.1
"""Part of the period above which an error of a predicted time tells nothing of the phase."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """When events come, as a list of them says."""

    period: float
    """[d]."""
    epoch: float
    """Mid-time of one [BJD]; NaN where it is not known."""
    period_error: float = 0.0
    """Standard error [d]."""
    epoch_error: float = 0.0
    """[d]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """When a light curve was taken."""

    first: float
    """In its own times [d]."""
    last: float
    time_zero: float
    """Julian date of time 0; 0 where nothing says it."""

    @property
    def middle(self) -> float:
        """Between both."""
        return (self.first + self.last) / 2

    @property
    def length(self) -> float:
        """From the first to the last [d]."""
        return self.last - self.first


def apart(own: Ephemeris, known: Events, span: Span) -> float:
    """Return how far a signal's transits are from known events, in the signal's durations.

    It is how far they are apart amid the curve and by how much more at its ends, each less what
    three standard errors of the known ephemeris allow: they grow with the number of orbits from its
    epoch to the curve.

    Parameters
    ----------
    own
        Of the signal, in the curve's own times.
    known
        With an epoch.
    span
        Of the curve, which must say from when its times count.
    """
    ratio = min(RATIOS, key=lambda ratio: abs(np.log(own.period / (ratio * known.period))))
    # At half the known period every second transit is an event.
    shorter = min(1.0, ratio) * known.period
    transit = own.epoch + round((span.middle - own.epoch) / own.period) * own.period
    since = transit + span.time_zero - known.epoch
    offset = abs(since - round(since / shorter) * shorter)
    offset = max(0.0, offset - _SURE * predicted_error(known, span))
    return float(offset + drift(own, known, span, ratio=ratio)) / own.duration


def drift(own: Ephemeris, known: Events, span: Span, *, ratio: float = 1.0) -> float:
    """Return by how much two periods part from the middle of a curve to its ends [d].

    Two periods are one only if they keep together over the whole curve.

    Parameters
    ----------
    own, known, span
        See `apart`.
    ratio
        Of the signal's period to the known one, where they are to be one.
    """
    orbits = span.length / (2 * own.period)
    off = abs(own.period - ratio * known.period) - _SURE * ratio * known.period_error
    return max(0.0, off) * orbits


def predicted_error(known: Events, span: Span) -> float:
    """Return the standard error of a known event's time amid a curve [d]."""
    orbits = (span.middle + span.time_zero - known.epoch) / known.period
    return float(np.hypot(known.epoch_error, orbits * known.period_error))


def tells_phase(known: Events, span: Span) -> bool:
    """Tell whether known events are predicted well enough to say where in the orbit a curve is."""
    return predicted_error(known, span) < _TELLS * known.period


def chance_of_meeting(own: Ephemeris, known: Events, span: Span) -> float:
    """Return how probable it is that two ephemerides meet within half a duration by chance.

    The share of the orbit in which their events would, times the share of periods (spread evenly
    in their logarithm, over a factor of e) at which they would keep together.
    """
    shorter = min(own.period, known.period)
    in_phase = own.duration + 2 * _SURE * predicted_error(known, span)
    in_period = 2 * (
        own.duration / max(span.length, own.duration) + _SURE * known.period_error / known.period
    )
    return float(min(1.0, in_phase / shorter) * min(1.0, len(RATIOS) * in_period))
