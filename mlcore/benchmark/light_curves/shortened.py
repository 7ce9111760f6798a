"""The beginning of a light curve."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlcore.lightcurves.light_curve import LightCurve

__all__ = ["first_days"]


def first_days(curve: LightCurve, days: float) -> LightCurve:
    """Return a light curve's points of its first days, without centroids."""
    count = int(np.searchsorted(curve.time, curve.time[0] + days, side="right"))
    return replace(
        curve,
        time=curve.time[:count],
        flux=curve.flux[:count],
        error=curve.error[:count],
        segment=curve.segment[:count],
        centroid=None,
    )
