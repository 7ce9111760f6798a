"""Whether a signal is that of another star nearby, whose light falls on this one.

A bright eclipsing binary leaves its eclipses, at its own period and epoch, in the light of stars
arcminutes away (Coughlin et al. 2014, AJ 147, 119).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
    from mlcore.lightcurves.vetting.observed import Observed

__all__ = ["measure_known", "nearest_known"]

_RATIOS = (0.5, 1.0, 2.0)
"""Of the signal's period to a known one, at which the same events are seen."""


def nearest_known(candidate: Candidate) -> tuple[KnownEphemeris, float] | None:
    """Return the known ephemeris that is nearest to a signal's, and how far off it is.

    Returns
    -------
    tuple of KnownEphemeris and float, or None
        The distance is how far the events of both are apart at the middle of the curve and by how
        much more at its ends, in the signal's durations. None where nothing is known, or the curve
        does not say from when it counts.
    """
    observed = candidate.observed
    if not candidate.known or observed is None or not observed.time_zero:
        return None
    distances = [_distance(candidate, observed, known) for known in candidate.known]
    place = int(np.argmin(distances))
    return candidate.known[place], distances[place]


def _distance(candidate: Candidate, observed: Observed, known: KnownEphemeris) -> float:
    own = candidate.folded.ephemeris
    first, last = float(observed.edges[0]), float(observed.edges[-1])
    ratio = min(_RATIOS, key=lambda ratio: abs(np.log(own.period / (ratio * known.period))))
    # At half the known period every second transit is an event.
    shorter = min(1.0, ratio) * known.period
    transit = own.epoch + round(((first + last) / 2 - own.epoch) / own.period) * own.period
    since = transit + observed.time_zero - known.epoch
    offset = abs(since - round(since / shorter) * shorter)
    # Two periods are one only if they keep together over the whole curve.
    drift = abs(own.period - ratio * known.period) * (last - first) / (2 * own.period)
    return float(offset + drift) / candidate.folded.duration


def measure_known(candidate: Candidate) -> Mapping[str, float]:
    """Return how far the nearest known ephemeris is from the signal's."""
    nearest = nearest_known(candidate)
    return {} if nearest is None else {"known_distance": nearest[1]}
