"""From the best box to period, epoch, duration and depth."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.search.refining import refine
from tests.mlcore.lightcurves.made_curves import NOISE, dip, flat_of, noise_of, times

TIME = times(60)
STEP = 0.004


def near(true: Ephemeris, seed: int) -> Ephemeris:
    """Return a box as a grid finds it: beside the transit, and shorter."""
    rng = np.random.default_rng(seed)
    return Ephemeris(
        period=true.period + rng.uniform(-0.5, 0.5) * STEP,
        epoch=true.epoch + rng.uniform(-0.2, 0.2) * true.duration,
        duration=true.duration * rng.uniform(0.75, 1.0),
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_was_injected_comes_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    period = rng.uniform(3, 9)
    true = Ephemeris(
        period=period, epoch=131.5 + rng.uniform(0, period), duration=rng.uniform(0.12, 0.3)
    )
    flat = flat_of(TIME, noise_of(TIME, seed) - dip(TIME, true, 1e-3))
    found = refine(flat, near(true, seed), period_step=STEP)
    assert found is not None
    assert found.ephemeris.period == pytest.approx(true.period, abs=1.5e-3)
    assert true.phase(np.array([found.ephemeris.epoch])) == pytest.approx(0.0, abs=0.012)
    assert found.ephemeris.duration == pytest.approx(true.duration, rel=0.12)
    assert found.depth == pytest.approx(1e-3, rel=0.08)
    # The level is that of a quarter in transit and three quarters beside it.
    points = true.in_transit(TIME).sum() * 3 / 4
    assert found.strength == pytest.approx(1e-3 / NOISE * np.sqrt(points), rel=0.1)


def test_the_epoch_is_the_first_transit_in_the_curve() -> None:
    true = Ephemeris(period=5.0, epoch=133.0 + 20, duration=0.2)
    flat = flat_of(TIME, noise_of(TIME) - dip(TIME, true, 1e-3))
    found = refine(flat, true, period_step=STEP)
    assert found is not None
    assert found.ephemeris.epoch == pytest.approx(133.0, abs=0.01)
    assert 131.5 <= found.ephemeris.epoch < 131.5 + found.ephemeris.period


def test_a_refined_transit_is_stronger_than_its_box() -> None:
    true = Ephemeris(period=5.0, epoch=133.0, duration=0.2)
    flat = flat_of(TIME, noise_of(TIME) - dip(TIME, true, 1e-3))
    found = refine(flat, near(true, 3), period_step=STEP)
    box = near(true, 3)
    inside = box.in_transit(TIME)
    depth = flat.deviation[~inside].mean() - flat.deviation[inside].mean()
    assert found is not None
    assert found.strength > depth / NOISE * np.sqrt(inside.sum())


def test_a_transit_is_no_longer_than_half_a_period() -> None:
    box = Ephemeris(period=1.0, epoch=132.0, duration=0.45)
    wide = -1e-3 * (abs((TIME - 132.0 + 0.5) % 1 - 0.5) < 0.35)
    found = refine(flat_of(TIME, noise_of(TIME) + wide), box, period_step=1e-4)
    assert found is not None
    assert found.ephemeris.duration <= 0.5 * (1 + 1e-3)


def test_no_dip_fits_a_bump() -> None:
    box = Ephemeris(period=5.0, epoch=133.0, duration=0.2)
    straight = flat_of(TIME, np.zeros(len(TIME)))
    assert refine(straight, box, period_step=STEP) is None


def test_two_points_are_no_transit() -> None:
    box = Ephemeris(period=5.0, epoch=133.0, duration=0.2)
    flat = flat_of(TIME, noise_of(TIME) - dip(TIME, box, 1e-3))
    inside = box.in_transit(TIME, widths=4)
    few = ~inside
    few[np.flatnonzero(inside)[:2]] = True
    assert refine(flat.take(few), box, period_step=STEP) is None
