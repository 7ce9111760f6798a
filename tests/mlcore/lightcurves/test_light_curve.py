"""The brightness of a star over time."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.light_curve import Star
from tests.mlcore.lightcurves.made_curves import curve_of


def test_a_star_of_the_suns_gravity_and_radius_is_as_dense_as_the_sun() -> None:
    assert Star(log_g=4.438, radius=1.0).density == pytest.approx(1.0)
    # A star of a tenth of the gravity and twice the radius.
    assert Star(log_g=3.438, radius=2.0).density == pytest.approx(0.05)


@pytest.mark.parametrize(
    "star", [Star(), Star(log_g=4.4), Star(radius=1.0), Star(log_g=4.4, radius=0.0)]
)
def test_a_star_without_gravity_or_radius_has_no_density(star: Star) -> None:
    assert star.density is None


def test_a_curve_spans_from_its_first_to_its_last_point() -> None:
    assert curve_of(np.array([2.0, 3.0, 9.5]), np.ones(3)).span == 7.5
