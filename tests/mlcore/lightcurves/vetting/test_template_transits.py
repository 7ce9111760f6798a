"""Transit by transit with the fold's own shape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.each_transit import fit_templates, fitted_transits
from mlcore.lightcurves.vetting.measuring import measure
from tests.mlcore.lightcurves.made_curves import dip, flat_of, noise_of, times
from tests.mlcore.lightcurves.vetting.made_signals import EPHEMERIS, PERIOD, TIME, later

if TYPE_CHECKING:
    from numpy.typing import NDArray


def of_flat(dips: NDArray[np.float64], *, kept: NDArray[np.bool_] | None = None) -> Candidate:
    flat = flat_of(TIME, noise_of(TIME) - dips)
    return Candidate(folded=fold(flat if kept is None else flat.take(kept), EPHEMERIS))


PLANET = dip(TIME, EPHEMERIS, 1e-3)


def test_a_template_beside_a_line_is_fitted_exactly() -> None:
    number = np.repeat([3, 4, 6], [20, 20, 6])
    phase = np.concatenate([np.linspace(-1, 1, 20), np.linspace(-1, 1, 20), np.linspace(-1, 1, 6)])
    template = (abs(phase) < 0.4).astype(float)
    depth = np.repeat([2.0, -1.0, 5.0], [20, 20, 6])
    slope = np.repeat([0.3, -7.0, 0.0], [20, 20, 6])
    found = fit_templates(
        number=number,
        phase=phase,
        value=10 + slope * phase - depth * template,
        weight=np.full(46, 4.0),
        template=template,
    )
    assert found.number.tolist() == [3, 4, 6]
    assert found.depth == pytest.approx([2.0, -1.0, 5.0])
    assert found.residual == pytest.approx(0.0, abs=1e-20)
    # Of one template among twenty points of which eight are in transit, about their mean.
    assert found.error[0] == pytest.approx(1 / math.sqrt(4 * 8 * (1 - 8 / 20)))


def test_few_points_or_none_in_transit_are_left_out() -> None:
    number = np.repeat([0, 1, 2], [4, 5, 5])
    phase = np.array([-1, -0.2, 0.2, 1, -1, -0.2, 0.1, 0.2, 1, -1, -0.8, 0.7, 0.8, 1])
    found = fit_templates(
        number=number,
        phase=phase,
        value=phase**2,
        weight=np.ones(14),
        template=(abs(phase) < 0.4).astype(float),
    )
    assert found.number.tolist() == [1]
    nothing = fit_templates(
        number=number[:0], phase=phase[:0], value=phase[:0], weight=phase[:0], template=phase[:0]
    )
    assert len(nothing.depth) == 0


def test_each_transit_has_the_depth_of_its_floor_even_on_a_slope() -> None:
    time = times(3.5 * PERIOD)
    depths = np.array([1e-3, 3e-3, 2e-3, 4e-3])
    deep = depths[np.clip(EPHEMERIS.number(time), 0, 3)] * dip(time, EPHEMERIS, 1.0)
    flux = noise_of(time, scatter=1e-6) - deep + 1e-3 * (time - time[0])
    folded = fold(flat_of(time, flux), EPHEMERIS)
    fit = Candidate(folded=fold(flat_of(time, -deep), EPHEMERIS)).trapezoid
    assert fit is not None
    found = fitted_transits(folded, fit)
    assert found.number.tolist() == [0, 1, 2, 3]
    assert found.depth / found.depth[0] == pytest.approx([1, 3, 2, 4], rel=0.05)


def test_equal_transits_are_alike() -> None:
    values = measure(of_flat(PLANET))
    for floor in ("", "_floor_3", "_floor_8"):
        assert values[f"template_chi_square{floor}"] < 1.7
        assert values[f"template_odd_even{floor}"] < 3
        assert (
            values[f"template_odd_even_over_spread{floor}"] <= values[f"template_odd_even{floor}"]
        )
    assert values["template_chi_square_floor_8"] < values["template_chi_square"]
    assert values["template_present_share"] == 1.0
    assert values["template_median_over_mean"] == pytest.approx(1.0, abs=0.06)
    assert 0.7 < values["template_shallowest"] < 1 < values["template_deepest"] < 1.3
    assert values["template_residual"] == pytest.approx(0.0, abs=0.15)
    assert values["template_worst_residual"] < 0.5
    assert values["template_deviation"] < 0.15
    assert values["template_excess"] < 0.08
    assert values["template_median_strength"] > 7


def test_odd_and_even_eclipses_differ() -> None:
    values = measure(of_flat(PLANET + dip(TIME, later(0, period=2 * PERIOD), 5e-4)))
    assert values["template_odd_even"] > values["template_odd_even_floor_8"] > 5


def test_a_difference_of_the_uncertainty_of_depths_is_none_beside_it() -> None:
    # Deep and precise: 3 hundredths are many errors of noise.
    values = measure(of_flat(50 * PLANET * (1 + 0.03 * (-1.0) ** EPHEMERIS.number(TIME))))
    assert values["template_odd_even"] > 15
    assert values["template_odd_even_floor_8"] < 4


def test_one_event_stands_out() -> None:
    values = measure(of_flat(5 * PLANET * (EPHEMERIS.number(TIME) == 6)))
    assert values["template_largest_share"] > 0.9
    assert values["template_present_share"] < 0.4
    assert values["template_deepest"] > 10
    assert values["template_median_over_mean"] < 0.4


def test_one_transit_cannot_be_compared() -> None:
    values = measure(of_flat(PLANET, kept=EPHEMERIS.number(TIME) == 2))
    assert math.isnan(values["template_chi_square"])
    odd = measure(of_flat(PLANET, kept=EPHEMERIS.number(TIME) % 2 == 1))
    assert math.isfinite(odd["template_chi_square"])
    assert math.isnan(odd["template_odd_even"])
