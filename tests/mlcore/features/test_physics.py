from __future__ import annotations

import numpy as np
import pytest

from mlcore.features import compute
from tests.mlcore.features.made_tables import kepler, tess


def of_earth(name: str) -> float:
    return float(compute(kepler({}), reference=None)[name].iloc[0])


@pytest.mark.parametrize(
    ("name", "known", "within"),
    [
        ("stellar_density", 1.41, 0.01),
        ("stellar_luminosity", 1.0, 1e-9),
        ("stellar_mass_from_gravity", 1.0, 0.003),
        ("scaled_axis", 215.0, 0.5),
        ("transit_probability", 1 / 215.0, 1e-5),
        ("radius_from_depth", 1.0, 0.002),
        ("radius_ratio_from_radius", 0.00917, 1e-5),
        ("radius_over_depth", 0.0, 0.001),
        ("duration_over_longest", 0.0, 0.01),
        ("density_ratio", 0.0, 0.02),
        ("galactic_latitude", 13.5, 0.5),
    ],
)
def test_an_earth_that_transits_a_sun_has_the_known_values(
    name: str, known: float, within: float
) -> None:
    assert of_earth(name) == pytest.approx(known, abs=within)


def test_a_transit_off_the_centre_is_expected_to_be_shorter() -> None:
    features = compute(kepler({"koi_impact": 0.0}, {"koi_impact": 0.8}), reference=None)
    central, high = features["duration_over_expected"]
    # The chord at b = 0.8 is 0.6 of the diameter, but for the planet's own size.
    assert high - central == pytest.approx(np.log10(1 / 0.6), abs=0.01)
    assert list(features["duration_over_longest"]) == [pytest.approx(central)] * 2


def test_a_chord_that_misses_the_star_has_no_expected_duration() -> None:
    features = compute(kepler({"koi_impact": 1.5}), reference=None)
    assert np.isnan(features["duration_over_expected"].iloc[0])
    assert features["grazing"].iloc[0] == pytest.approx(1.509, abs=0.001)


def test_noise_of_a_star_of_twelfth_magnitude_is_the_handbook_photon_noise() -> None:
    # 4.5 billion electrons in 6.5 hours are 15 ppm; a signal of that noise has this ratio.
    depth, hours, transits = 150.0, 6.5, 1470.0 / 10.0
    snr = depth / (1e6 / np.sqrt(4.5e9)) * np.sqrt(transits)
    table = kepler(
        {"koi_period": 10.0, "koi_depth": depth, "koi_duration": hours, "koi_model_snr": snr}
    )
    assert compute(table, reference=None)["noise_over_photons"].iloc[0] == pytest.approx(
        0.0, abs=1e-9
    )


def test_a_star_at_ten_parsecs_has_its_own_magnitude_and_known_motion() -> None:
    features = compute(tess({}), reference=None).iloc[0]
    assert features["absolute_magnitude"] == pytest.approx(10.0)
    assert features["proper_motion"] == pytest.approx(50.0)
    # 4.74 km / s for one arcsecond a year at one parsec.
    assert features["tangential_velocity"] == pytest.approx(4.74 * 0.05 * 10, abs=0.001)


def test_tess_counts_its_own_electrons() -> None:
    features = compute(tess({"pl_trandurh": 1.0}), reference=None).iloc[0]
    electrons = 1.514e6 * 69 * 3600 * 10 ** (-0.4 * 10)
    assert features["depth_over_photons"] == pytest.approx(0.01 * np.sqrt(electrons))


def test_a_negative_or_zero_depth_is_no_depth() -> None:
    features = compute(kepler({"koi_depth": 0.0}, {"koi_depth": -5.0}), reference=None)
    assert features["radius_from_depth"].isna().all()
