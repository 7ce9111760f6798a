"""The dip that is injected into real curves."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.benchmark.light_curves.transit_model import InjectedTransit, transit_flux
from mlcore.lightcurves.ephemeris import Ephemeris

MOMENT = 1e-4
TIME = np.arange(0, 12, 1e-3)
EPHEMERIS = Ephemeris(period=5.0, epoch=1.25, duration=0.2)


def injected(depth: float = 1e-3, impact: float = 0.3) -> InjectedTransit:
    return InjectedTransit(ephemeris=EPHEMERIS, depth=depth, impact=impact)


@pytest.mark.parametrize("impact", [0.0, 0.5, 0.85])
@pytest.mark.parametrize("depth", [1e-4, 1e-3, 0.02])
def test_its_dip_is_as_deep_at_mid_transit_as_was_asked_for(depth: float, impact: float) -> None:
    transit = InjectedTransit(ephemeris=EPHEMERIS, depth=depth, impact=impact)
    flux = transit_flux(np.array([1.25, 6.25]), transit, cadence=MOMENT)
    assert 1 - flux == pytest.approx(depth, rel=1e-3)


def test_its_dip_lasts_from_first_to_last_contact() -> None:
    flux = transit_flux(TIME, injected(), cadence=MOMENT)
    dark = EPHEMERIS.in_transit(TIME)
    assert (flux[~EPHEMERIS.in_transit(TIME, widths=1.01)] == 1).all()
    assert (flux[EPHEMERIS.in_transit(TIME, widths=0.99)] < 1).all()
    assert dark.sum() == pytest.approx(3 * 200, abs=3)


def test_its_floor_is_deepest_in_the_middle_where_the_star_is_brightest() -> None:
    at = 1.25 + np.array([0.0, 0.02, 0.04, 0.06, 0.08])
    flux = transit_flux(at, injected(impact=0.0), cadence=MOMENT)
    assert (np.diff(flux) > 0).all()


def test_a_long_exposure_keeps_the_light_that_is_missing_and_spreads_it() -> None:
    sharp, smeared = (transit_flux(TIME, injected(), cadence=long) for long in (MOMENT, 0.1))
    assert (1 - smeared).sum() == pytest.approx((1 - sharp).sum(), rel=1e-3)
    assert smeared.min() > sharp.min()
    assert (smeared < 1).sum() > (sharp < 1).sum()


def test_a_planet_a_tenth_of_its_star_hides_more_than_a_hundredth_of_the_light_at_its_centre() -> (
    None
):
    # The centre is brighter than the mean disc: by 1 / (1 - 0.4 / 3 - 0.26 / 6).
    transit = injected(depth=0.01 / (1 - 0.4 / 3 - 0.26 / 6), impact=0.0)
    assert transit.radius == pytest.approx(0.1)
