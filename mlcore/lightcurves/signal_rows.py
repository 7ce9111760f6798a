"""A signal as a row of `LIGHT_CURVES`: what the tests measured of it, and how its star was seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.vetting.report import VettedSignal

__all__ = ["signal_row"]

_WORDS_FOUND = "as a search found it"
_WORDS_GIVEN = "at a given ephemeris"


def signal_row(
    curve: LightCurve,
    vetted: VettedSignal,
    *,
    number: int,
    name: str,
    file: str = "",
    disposition: str = "",
) -> dict[str, Any]:
    """Return what is known of a signal, by the columns of `LIGHT_CURVES`.

    Parameters
    ----------
    curve
        The signal's.
    vetted
        What was measured of it.
    number
        The signal's among those of its star, from 1.
    name
        The star's.
    file
        From which its light curve was read.
    disposition
        What whoever sent it says that the signal is; empty where nothing.
    """
    found = vetted.found
    certain = found is not None and not math.isnan(found.false_alarm)
    return {
        "signal": f"{name} signal {number}",
        "star": name,
        "file": file,
        "disposition": disposition or None,
        "origin": _WORDS_GIVEN if found is None else _WORDS_FOUND,
        "number": float(number),
        "epoch": vetted.ephemeris.epoch,
        "time_zero": curve.time_zero,
        "false_alarm": float(found.false_alarm) if found is not None and certain else None,
        "points": float(len(curve.time)),
        "span": curve.span,
        "cadence": curve.cadence,
        "star_radius": curve.star.radius,
        "star_temperature": curve.star.teff,
        **vetted.values,
    }
