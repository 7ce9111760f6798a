"""Curves and ephemerides in which there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.benchmark.light_curves.collections import FlattenedStar
from mlcore.benchmark.light_curves.nothing import (
    BY_CHANCE,
    curves_of_noise,
    with_chance_ephemeris,
)
from mlcore.benchmark.light_curves.seconds import noise_curve
from mlcore.benchmark.light_curves.vetted import vetted_peaks, vetted_stars
from mlcore.datasets.spec import Disposition
from mlcore.lightcurves.reading.scatter import neighbour_scatter
from mlcore.parallel import ONE_CORE


def test_noise_is_as_missions_would_observe_it_and_always_the_same() -> None:
    stars, again = curves_of_noise(8), curves_of_noise(8)
    assert [star.host for star in stars] == [f"simulated {number}" for number in range(8)]
    assert {round(star.curve.span) for star in stars} == {27, 90, 127}
    for one, other in zip(stars, again, strict=True):
        assert np.array_equal(one.curve.flux, other.curve.flux)
        assert one.curve.error[0] == pytest.approx(neighbour_scatter(one.curve.flux), rel=0.5)


def test_the_strongest_peak_of_noise_is_a_false_positive_that_a_search_chose() -> None:
    (signal,) = vetted_peaks(curves_of_noise(3)[2:], cores=ONE_CORE)
    assert signal.label is Disposition.FALSE_POSITIVE
    assert signal.values["searched"] == 1.0
    assert signal.values["strength"] < 7


def test_an_ephemeris_by_chance_is_one_that_was_stated() -> None:
    star = FlattenedStar(host="757076", curve=noise_curve(20.0), signals=())
    (drawn,), (again,) = with_chance_ephemeris([star]), with_chance_ephemeris([star])
    assert drawn.signals == again.signals
    assert drawn.signals[0].ephemeris.period <= 10
    (signal,) = vetted_stars([drawn], cores=ONE_CORE)
    assert (signal.name, signal.label) == (BY_CHANCE, Disposition.FALSE_POSITIVE)
    assert signal.values["searched"] == 0.0
    assert abs(signal.values["strength"]) < 5
