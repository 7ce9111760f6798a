"""Which eclipsing binaries are put into light curves."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.benchmark.light_curves.collections import FlattenedStar
from mlcore.benchmark.light_curves.eclipses import (
    ECLIPSES,
    EclipsingBinary,
    drawn_binary,
    eclipses_flux,
    seen_as_eclipses,
    with_eclipses,
)
from mlcore.benchmark.light_curves.seconds import noise_curve
from mlcore.datasets.spec import Disposition
from mlcore.lightcurves.ephemeris import Ephemeris

CURVE = noise_curve(60.0)
OWN = Ephemeris(period=4.0, epoch=1.0, duration=0.2)


def test_what_tells_a_binary_from_a_planet_could_be_seen() -> None:
    generator = np.random.default_rng(0)
    kinds = set()
    for binary in (drawn_binary(CURVE, generator) for _ in range(200)):
        points = max(int(binary.ephemeris.in_transit(CURVE.time).sum()), 1)
        error = 1e-4 / np.sqrt(points)
        grazing = binary.ingress == 0.5
        unequal = binary.depth - binary.second_depth > 5 * error
        assert grazing or unequal
        assert grazing or binary.second_depth > 2 * error
        assert 0 < binary.depth <= 0.45
        assert 0.5 <= binary.ephemeris.period <= 30
        kinds.add((grazing, bool(binary.second_depth), binary.second_phase == 0.5))
    assert len(kinds) >= 3


def test_the_light_is_missing_in_both_eclipses_and_nowhere_else() -> None:
    binary = EclipsingBinary(
        ephemeris=OWN, depth=0.1, second_depth=0.04, second_phase=0.5, ingress=0.25
    )
    time = np.array([1.0, 1.2, 3.0, 5.0, 2.0, 1.075])
    flux = eclipses_flux(time, binary, cadence=1e-4)
    # At three quarters of half the duration half of the light is missing.
    assert flux == pytest.approx([0.9, 1.0, 0.96, 0.9, 1.0, 0.95], abs=1e-3)


def test_a_star_always_has_the_same_binary_which_is_no_planet() -> None:
    star = FlattenedStar(host="757076", curve=CURVE, signals=())
    once, again = with_eclipses(star), with_eclipses(star)
    assert np.array_equal(once.curve.flux, again.curve.flux)
    (signal,) = once.signals
    assert (signal.name, signal.label) == (ECLIPSES, Disposition.FALSE_POSITIVE)
    inside = signal.ephemeris.in_transit(CURVE.time, widths=0.4)
    assert (once.curve.flux[inside] < CURVE.flux[inside]).all()


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ({"odd_even_strength": 7.0}, True),
        ({"secondary_strength": 7.0}, True),
        ({"half_phase_strength": 7.0}, True),
        ({"odd_even_strength": 5.0}, False),
        ({"odd_even_strength": float("nan")}, False),
        # Deeper than any planet's transit, or a V: only where it is strong.
        ({"depth": 31_000.0, "strength": 50.0}, True),
        ({"depth": 31_000.0, "strength": 30.0}, False),
        ({"v_over_u": -12.0, "strength": 50.0}, True),
        ({"v_over_u": 12.0, "strength": 5000.0}, False),
    ],
)
def test_eclipses_that_look_like_a_planet_are_not_taken_for_a_binarys(
    told: dict[str, float], seen: bool
) -> None:
    assert seen_as_eclipses({"depth": 2000.0, "strength": 20.0, **told}) is seen
