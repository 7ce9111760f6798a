"""What a transit looks like."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.search.template import TEMPLATE, best_transit, transit_shape


def test_the_dip_is_one_on_average_over_the_duration() -> None:
    assert np.trapezoid(TEMPLATE, dx=1 / 400) == pytest.approx(1.0)


def test_the_dip_falls_from_mid_transit_to_nothing_at_last_contact() -> None:
    assert TEMPLATE.shape == (401,)
    assert (np.diff(TEMPLATE) <= 0).all()
    assert TEMPLATE[-1] == pytest.approx(0.0, abs=1e-3)
    assert TEMPLATE[395] > 0
    # A star that is darker at its edge makes the floor round, and the planet's size the ingress.
    assert 1.1 < TEMPLATE[0] < 1.3
    assert TEMPLATE[350] > 0.7
    assert TEMPLATE[380] < 0.5 * TEMPLATE[350]


def test_the_template_is_the_transit_shape() -> None:
    assert np.array_equal(transit_shape(), TEMPLATE)


def fitted(deviation: np.ndarray, time: np.ndarray, *, cadence: float = 0.0) -> list[float]:
    best = np.zeros(5)
    weight = np.full(len(time), 4.0)
    best_transit(
        time,
        weight * deviation,
        weight,
        np.array([4.9, 5.0, 5.1]),
        np.array([-0.05, 0.0, 0.05]),
        np.array([0.2, 0.3, 0.4]),
        TEMPLATE,
        cadence,
        best,
    )
    return [float(value) for value in best]


def dips(time: np.ndarray, *, period: float, shift: float, duration: float) -> np.ndarray:
    away = abs((time - shift + period / 2) % period - period / 2) / duration * 2
    return 0.01 * np.interp(away, np.linspace(0, 1, 401), TEMPLATE, right=0.0)


TIME = np.arange(-22, 22, 0.01)


def test_the_dip_that_is_there_fits_best() -> None:
    dip = dips(TIME, period=5.1, shift=-0.05, duration=0.4)
    strength, period, shift, duration, depth = fitted(0.3 - dip, TIME)
    assert (period, shift, duration) == (5.1, -0.05, 0.4)
    assert depth == pytest.approx(0.01)
    # Depth over its error where the level is free: the root of the squares that it saves.
    assert strength == pytest.approx(np.sqrt(4 * ((dip - dip.mean()) ** 2).sum()))


def test_a_bump_upwards_is_no_transit() -> None:
    time = np.array([-5.1, -5.0, -4.9, 0.0, 0.1, 5.0])
    assert fitted(np.zeros(6), time)[0] == 0.0
    bump = dips(TIME, period=5.0, shift=0.0, duration=0.3)
    alone = abs(TIME) < 0.1
    assert fitted(bump[alone] - TIME[alone] * 0, TIME[alone])[0] < 1e-6


def test_an_exposure_smears_the_dip() -> None:
    dip = dips(TIME, period=5.0, shift=0.0, duration=0.3)
    smeared = (
        sum(dips(TIME + part * 0.05, period=5.0, shift=0.0, duration=0.3) for part in (-1, 0, 1))
        / 3
    )
    as_long = fitted(-smeared, TIME, cadence=0.15)
    assert as_long[3:] == pytest.approx([0.3, 0.01])
    assert as_long[0] > fitted(-smeared, TIME)[0]
    assert fitted(-dip, TIME)[3:] == pytest.approx([0.3, 0.01])
