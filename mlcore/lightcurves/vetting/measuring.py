"""What all vetting tests measure of a signal."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.registry import declared
from mlcore.lightcurves.vetting.aliases import measure_aliases
from mlcore.lightcurves.vetting.centroid_shift import measure_centroid
from mlcore.lightcurves.vetting.companion_size import measure_size
from mlcore.lightcurves.vetting.gaps import measure_gaps
from mlcore.lightcurves.vetting.known_signals import measure_known
from mlcore.lightcurves.vetting.local_events import measure_local_events
from mlcore.lightcurves.vetting.noise_character import measure_noise
from mlcore.lightcurves.vetting.other_signals import measure_others
from mlcore.lightcurves.vetting.phases import measure_secondary, measure_uniqueness
from mlcore.lightcurves.vetting.signal import measure_half_phase, measure_signal
from mlcore.lightcurves.vetting.single_transits import measure_odd_even, measure_transits
from mlcore.lightcurves.vetting.sinusoid import measure_sinusoid
from mlcore.lightcurves.vetting.stellar_density import measure_density
from mlcore.lightcurves.vetting.template_transits import measure_template_transits
from mlcore.lightcurves.vetting.transit_shape import (
    measure_profile,
    measure_shape,
    measure_symmetry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.lightcurves.vetting.candidate import Candidate

__all__ = ["MEASURES", "measure"]

MEASURES: Mapping[str, Callable[[Candidate], Mapping[str, float]]] = MappingProxyType(
    {
        "signal": measure_signal,
        "uniqueness": measure_uniqueness,
        "secondary": measure_secondary,
        "half_phase": measure_half_phase,
        "local_events": measure_local_events,
        "odd_even": measure_odd_even,
        "transits": measure_transits,
        "template_transits": measure_template_transits,
        "gaps": measure_gaps,
        "shape": measure_shape,
        "density": measure_density,
        "size": measure_size,
        "symmetry": measure_symmetry,
        "sinusoid": measure_sinusoid,
        "profile": measure_profile,
        "aliases": measure_aliases,
        "others": measure_others,
        "centroid": measure_centroid,
        "known": measure_known,
        "noise": measure_noise,
    }
)
"""What measures the values of each vetting test, by its name; what cannot be measured is left out
or NaN."""

_LARGEST = 1e6
"""Ratios to a depth of nearly nothing are cut off here, beyond which they say no more."""


def measure(candidate: Candidate) -> dict[str, float]:
    """Return what all tests measure of a signal, NaN where they cannot."""
    values = dict.fromkeys((column.name for column in declared()), math.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        measured = [of(candidate) for of in MEASURES.values()]
    for name, value in ((name, value) for part in measured for name, value in part.items()):
        if math.isfinite(value):
            values[name] = min(max(float(value), -_LARGEST), _LARGEST)
    return values
