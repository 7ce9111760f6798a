"""Whether the flux out of transit goes up and down with the orbit.

A star that is drawn out by a heavy companion shows two waves an orbit, one that is lit or moves
fast shows one, and a spotted star's rotation looks like a shallow transit to a search (the SWEET
test of Thompson et al. 2018, ApJS 235, 38).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.sinusoid import WAVES
from mlcore.lightcurves.vetting.phase_scan import scan_phases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_sinusoid"]

_FEWEST = 20


def measure_sinusoid(candidate: Candidate) -> Mapping[str, float]:
    """Return the waves that fit the flux out of transit best."""
    folded, outside = candidate.folded, candidate.outside
    if outside.sum() <= _FEWEST:
        return {}
    deviation = folded.deviation[outside]
    root = np.sqrt(folded.weight[outside])
    turn = 2 * np.pi * folded.phase / folded.ephemeris.period
    values: dict[str, float] = {}
    for name, waves in WAVES.items():
        angle = turn[outside] * waves
        columns = np.column_stack([np.cos(angle), np.sin(angle), np.ones(len(angle))])
        fitted, *_ = np.linalg.lstsq(columns * root[:, None], deviation * root, rcond=None)
        amplitude = float(np.hypot(fitted[0], fitted[1]))
        error = np.sqrt(2 / folded.weight[outside].sum())
        # The noise is what is left without the wave, which else would hide behind itself.
        wave = fitted[0] * np.cos(turn * waves) + fitted[1] * np.sin(turn * waves)
        still = scan_phases(replace(folded, deviation=folded.deviation - wave))
        values |= {
            f"{name}_cosine": float(fitted[0]) / candidate.depth,
            f"{name}_sine": float(fitted[1]) / candidate.depth,
            f"{name}_strength": amplitude / error / still.noise_factor,
        }
    return values
