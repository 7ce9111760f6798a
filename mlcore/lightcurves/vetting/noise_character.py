"""What the noise out of transit is like: skewed, heavy-tailed, correlated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["measure_noise"]

_FEWEST = 50


def measure_noise(candidate: Candidate) -> Mapping[str, float]:
    """Return moments of the deviations out of transit, in standard deviations."""
    folded = candidate.folded
    values = {"log_scatter": float(np.log10(np.median(folded.scatter)))}
    away = (folded.deviation / folded.scatter)[candidate.outside]
    if len(away) > _FEWEST and candidate.in_time:
        values |= {
            # Cut off, so that no single point makes a moment.
            "noise_skewness": float(np.mean(np.clip(away, -6, 6) ** 3)),
            "noise_kurtosis": float(np.mean(np.clip(away, -8, 8) ** 4)),
            "noise_correlation": float(np.mean(away[1:] * away[:-1])),
        }
    return values
