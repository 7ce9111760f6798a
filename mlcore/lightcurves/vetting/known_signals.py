"""Whether a signal is that of another star nearby, whose light falls on this one.

A bright eclipsing binary leaves its eclipses, at its own period and epoch, in the light of stars
arcminutes away (Coughlin et al. 2014, AJ 147, 119).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.catalogues.coincidence import (
    MOST_BY_CHANCE,
    Events,
    Span,
    apart,
    chance_of_meeting,
    tells_phase,
)
from mlcore.lightcurves.catalogues.own_row import events_of
from mlcore.lightcurves.catalogues.row import lost_light
from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.catalogues.surroundings import Surroundings
    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.observed import Observed

__all__ = ["known_near", "measure_known", "nearest_known"]

_LESSER = 0.5
"""Part of a signal's lost light below which another star's cannot be what falls on this one: the
magnitudes of two missions' bands differ by less than what this allows for."""


def known_near(around: Surroundings) -> tuple[KnownEphemeris, ...] | None:
    """Return the ephemerides of other stars near a star; None where nobody knows where it is."""
    if around.near is None:
        return None
    known = []
    for row, separation in around.near:
        events = events_of(row)
        known.append(
            KnownEphemeris(
                name=row.name,
                star=row.star,
                separation=separation,
                lost_light=row.lost_light,
                period=events.period,
                epoch=events.epoch,
                period_error=events.period_error,
                epoch_error=events.epoch_error,
            )
        )
    return tuple(known)


def nearest_known(candidate: Candidate) -> tuple[KnownEphemeris, float] | None:
    """Return the known ephemeris that is nearest to a signal's, and how far off it is.

    Left out are those whose errors leave the phase open by now, that would meet a signal like this
    one by chance, and those of stars that lose less light than this one does: what they show is
    rather its own.

    Returns
    -------
    tuple of KnownEphemeris and float, or None
        The distance is that of `mlcore.lightcurves.catalogues.coincidence.apart`. None where
        nothing can be compared, or the curve does not say from when it counts.
    """
    observed = candidate.observed
    if not candidate.known or observed is None or not observed.time_zero:
        return None
    span, own = _span(observed), candidate.folded.ephemeris
    lost = lost_light(1e6 * candidate.depth, candidate.star.magnitude)
    distances = []
    for known in candidate.known:
        events = _events(known)
        by_chance = len(candidate.known) * chance_of_meeting(own, events, span)
        lesser = known.lost_light < _LESSER * lost
        comparable = tells_phase(events, span) and by_chance < MOST_BY_CHANCE and not lesser
        distances.append(apart(own, events, span) if comparable else math.inf)
    place = int(np.argmin(distances))
    return None if math.isinf(distances[place]) else (candidate.known[place], distances[place])


def measure_known(candidate: Candidate) -> Mapping[str, float]:
    """Return how far the nearest known ephemeris is from the signal's, and what there is to it."""
    observed = candidate.observed
    if observed is None:
        return {}
    values = {"known_dated": float(bool(observed.time_zero))}
    if candidate.known is not None:
        values["known_stars"] = float(len(candidate.known))
    nearest = nearest_known(candidate)
    return values if nearest is None else values | {"known_distance": nearest[1]}


def _span(observed: Observed) -> Span:
    return Span(
        first=float(observed.edges[0]),
        last=float(observed.edges[-1]),
        time_zero=observed.time_zero,
    )


def _events(known: KnownEphemeris) -> Events:
    return Events(
        period=known.period,
        epoch=known.epoch,
        period_error=known.period_error,
        epoch_error=known.epoch_error,
    )
