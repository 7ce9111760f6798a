"""Whether the signal is more than what happens beside gaps.

A spacecraft that turns and warms up leaves flux beside its gaps that no trend takes out, and some
gaps repeat. Transits do not mind where the gaps are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_gaps"]

_BESIDE = 1.0
"""Durations between mid-transit and a gap within which the transit is beside it: half of its
flux beside is missing then."""


def measure_gaps(candidate: Candidate) -> Mapping[str, float]:
    """Return the share of the transits that lie beside gaps, and the strength without them."""
    observed, folded, transits = candidate.observed, candidate.folded, candidate.transits
    if observed is None or not candidate.in_time or not len(transits.depth):
        return {}
    own = folded.ephemeris
    middles = own.epoch + transits.number.astype(np.float64) * own.period
    beside = _nearest(middles, observed.edges) < _BESIDE * folded.duration
    values = {"beside_gaps": float(np.mean(beside))}
    if not beside.all():
        weight = 1 / transits.error[~beside] ** 2
        strength = (weight * transits.depth[~beside]).sum() / np.sqrt(weight.sum())
        values["strength_without_gaps"] = float(strength) / candidate.noise_factor
    return values


def _nearest(times: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each time is from the nearest edge, shape of `times`."""
    after = np.clip(np.searchsorted(edges, times), 1, len(edges) - 1)
    return np.minimum(np.abs(times - edges[after - 1]), np.abs(times - edges[after]))
