"""What else is in the same light curve.

Where a star has two transit signals, both are planets nearly always: false positives do not gather
on few stars (Lissauer et al. 2012, ApJ 750, 112). A second signal at twice the period is another
thing: the same eclipses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_others"]


def measure_others(candidate: Candidate) -> Mapping[str, float]:
    """Return how strong the strongest other signal is, and how its period compares."""
    if candidate.others is None:
        return {}
    if not candidate.others:
        return {"other_strength": 0.0}
    strongest = max(candidate.others, key=lambda other: other.strength)
    own, other = candidate.folded.ephemeris.period, strongest.ephemeris.period
    ratio = max(own, other) / min(own, other)
    return {
        "other_strength": strongest.strength,
        "other_inverted": float(strongest.periodogram.inverted.max()),
        "other_period_ratio": float(np.log10(other / own)),
        "other_commensurate": min(abs(part * ratio - round(part * ratio)) for part in (1, 2)),
    }
