"""A curve folded at a period."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import Fold, fold, view
from tests.mlcore.lightcurves.made_curves import CADENCE, dip, flat_of, noise_of, times

TIME = times(40)
EPHEMERIS = Ephemeris(period=4.3, epoch=133.1, duration=0.3)


def folded_box(*, level: float = 0.0) -> Fold:
    deviation = level - 1e-3 * EPHEMERIS.in_transit(TIME)
    return fold(flat_of(TIME, deviation), EPHEMERIS)


def test_a_fold_has_its_level_out_of_transit_at_nothing() -> None:
    folded = folded_box(level=0.02)
    inside = folded.between(0.0, 0.5)
    assert folded.deviation[~inside] == pytest.approx(0.0, abs=1e-15)
    assert folded.deviation[inside] == pytest.approx(-1e-3)
    assert np.array_equal(inside, EPHEMERIS.in_transit(TIME))
    assert np.array_equal(folded.number, EPHEMERIS.number(TIME))
    assert np.array_equal(folded.phase, EPHEMERIS.phase(TIME))


def test_points_weigh_by_their_scatter_in_the_level() -> None:
    scatter = np.where(TIME[0] + 20 > TIME, 1.0, 3.0)
    deviation = np.where(TIME[0] + 20 > TIME, 0.0, 1.0)
    folded = fold(flat_of(TIME, deviation, scatter=scatter), EPHEMERIS)
    assert -folded.deviation[0] == pytest.approx(0.1, abs=0.005)
    assert np.array_equal(folded.weight, 1 / scatter**2)


def test_parts_of_a_fold_are_on_both_sides_in_durations() -> None:
    folded = folded_box()
    beside = folded.between(1.0, 2.0)
    away = abs(EPHEMERIS.phase(TIME))
    assert np.array_equal(beside, (away >= 0.3) & (away < 0.6))
    assert (folded.phase[beside] < 0).any()
    assert (folded.phase[beside] > 0).any()


def test_a_transit_is_no_shorter_than_a_point_and_no_longer_than_half_a_period() -> None:
    short = Ephemeris(period=4.3, epoch=133.1, duration=0.001)
    assert fold(flat_of(TIME, noise_of(TIME)), short).duration == CADENCE
    long = Ephemeris(period=4.3, epoch=133.1, duration=4.0)
    assert fold(flat_of(TIME, noise_of(TIME)), long).duration == 2.15
    assert fold(flat_of(TIME, noise_of(TIME)), EPHEMERIS).duration == 0.3


def test_a_view_is_the_mean_in_each_bin() -> None:
    folded = folded_box()
    seen = view(folded, reach=0.6, bins=8, width=0.15)
    assert seen == pytest.approx([0, 0, 0, -1e-3, -1e-3, 0, 0, 0], abs=4e-4)
    assert list(seen[[0, 1, 6, 7]]) == pytest.approx([0.0] * 4, abs=1e-15)
    assert list(seen[[3, 4]]) == pytest.approx([-1e-3] * 2)


def test_wide_bins_overlap() -> None:
    folded = folded_box()
    narrow = view(folded, reach=0.6, bins=8, width=0.15)
    wide = view(folded, reach=0.6, bins=8, width=0.45)
    assert narrow[2] == pytest.approx(0.0, abs=1e-15)
    assert wide[2] == pytest.approx(-1e-3 / 3, rel=0.25)


def test_a_view_may_be_centred_elsewhere() -> None:
    half = Ephemeris(period=4.3, epoch=133.1 + 2.15, duration=0.3)
    deviation = -dip(TIME, half, 1e-3)
    folded = fold(flat_of(TIME, deviation), EPHEMERIS)
    moved = view(folded, reach=0.6, bins=8, width=0.15, centre=2.15)
    straight = view(fold(flat_of(TIME, deviation), half), reach=0.6, bins=8, width=0.15)
    # But for the level, of which a dip elsewhere is a part.
    assert moved - moved[0] == pytest.approx(straight - straight[0], abs=1e-12)
    assert moved[3] < -9e-4


def test_a_bin_without_points_is_between_its_neighbours() -> None:
    folded = folded_box()
    empty = flat_of(TIME, folded.deviation).take(abs(folded.phase - 0.225) > 0.08)
    seen = view(fold(empty, EPHEMERIS), reach=0.6, bins=8, width=0.15)
    assert seen[5] == pytest.approx((seen[4] + seen[6]) / 2)
    assert seen[5] == pytest.approx(-5e-4)


def test_a_view_of_nothing_is_unknown() -> None:
    folded = folded_box()
    empty = flat_of(TIME, folded.deviation).take(abs(folded.phase) > 1)
    seen = view(fold(empty, EPHEMERIS), reach=0.6, bins=8, width=0.15)
    assert np.isnan(seen).all()
