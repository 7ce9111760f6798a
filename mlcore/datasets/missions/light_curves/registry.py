"""The vetting tests, in the order in which they are shown."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.aliases import ALIASES
from mlcore.datasets.missions.light_curves.centroid_shift import CENTROID
from mlcore.datasets.missions.light_curves.companion_size import SIZE
from mlcore.datasets.missions.light_curves.gaps import GAPS
from mlcore.datasets.missions.light_curves.known_signals import KNOWN
from mlcore.datasets.missions.light_curves.local_events import LOCAL_EVENTS
from mlcore.datasets.missions.light_curves.noise_character import NOISE
from mlcore.datasets.missions.light_curves.other_signals import OTHERS
from mlcore.datasets.missions.light_curves.phases import SECONDARY, UNIQUENESS
from mlcore.datasets.missions.light_curves.signal import HALF_PHASE, SIGNAL
from mlcore.datasets.missions.light_curves.single_transits import ODD_EVEN, TRANSITS
from mlcore.datasets.missions.light_curves.sinusoid import SINUSOID
from mlcore.datasets.missions.light_curves.stellar_density import DENSITY
from mlcore.datasets.missions.light_curves.template_transits import TEMPLATE_TRANSITS
from mlcore.datasets.missions.light_curves.transit_shape import (
    PROFILE,
    PROFILE_OF_FOLD,
    SHAPE,
    SYMMETRY,
)
from mlcore.datasets.spec import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets.missions.light_curves.spec import TestResult, VettingTest
    from mlcore.datasets.spec import Column

__all__ = ["OF_SHAPE", "VETTING_TESTS", "declared", "feature_names", "results"]

VETTING_TESTS: Mapping[str, VettingTest] = MappingProxyType(
    {
        test.name: test
        for test in (
            SIGNAL,
            UNIQUENESS,
            SECONDARY,
            HALF_PHASE,
            LOCAL_EVENTS,
            ODD_EVEN,
            TRANSITS,
            TEMPLATE_TRANSITS,
            GAPS,
            SHAPE,
            DENSITY,
            SIZE,
            SYMMETRY,
            SINUSOID,
            PROFILE_OF_FOLD,
            ALIASES,
            OTHERS,
            CENTROID,
            KNOWN,
            NOISE,
        )
    }
)
"""The tests by name."""

OF_SHAPE = frozenset(
    {
        *("period", "duration", "depth", "log_depth", "duty_cycle", "duration_index"),
        *("secondary_phase", "secondary_depth_ratio", "half_phase_ratio", "depth_range"),
        *("trapezoid_duration", "trapezoid_ingress", "trapezoid_floor", "trapezoid_depth"),
        *("trapezoid_log_depth", "trapezoid_shift", "trapezoid_log_duration"),
        *("trapezoid_duration_index", "density_index", "v_over_u_share"),
        *("likely_ingress", "likely_duration", "duration_uncertainty"),
        *("local_secondary_ratio", "local_secondary_phase", "local_albedo"),
        *("one_wave_cosine", "two_waves_cosine", "inside_asymmetry"),
        *(f"{part}_depth" for part in PROFILE),
    }
)
"""Values that do not depend on how much of the star's light was gathered, so that a fold of four
years and one of four months can be compared by them."""


def declared() -> tuple[Column, ...]:
    """Return the columns of all tests."""
    return tuple(column for test in VETTING_TESTS.values() for column in test.columns)


def feature_names() -> tuple[str, ...]:
    """Return the names of the values that a model sees."""
    return tuple(column.name for column in declared() if column.role is Role.FEATURE)


def results(values: Mapping[str, float]) -> tuple[TestResult, ...]:
    """Return how the tests that have a limit ended for a signal of these values."""
    return tuple(test.result(values) for test in VETTING_TESTS.values() if test.decides is not None)
