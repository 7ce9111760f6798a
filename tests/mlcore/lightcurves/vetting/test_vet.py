"""From a light curve and an ephemeris to a candidate."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.light_curve import Centroid, Star
from mlcore.lightcurves.search.transits import DETECTION_LIMIT, search_transits
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.other_signals import other_signals
from mlcore.lightcurves.vetting.star_search import WEAKEST, search_star, told
from mlcore.lightcurves.vetting.vet import candidate_of
from tests.mlcore.lightcurves.made_curves import NOISE, curve_of, dip, noise_of, times

TIME = times(60)
SHALLOW = Ephemeris(period=3.1, epoch=132.2, duration=0.14)
# Some of its transits lie beside those of the shallow one.
DEEP = Ephemeris(period=6.3, epoch=132.0, duration=0.2)
SPOTS = 0.003 * np.sin(2 * np.pi * TIME / 9)
LOST = dip(TIME, SHALLOW, 6e-4) + dip(TIME, DEEP, 0.01)
CURVE = curve_of(TIME, 1 + SPOTS + noise_of(TIME) - LOST)


def test_a_shallow_planet_keeps_its_depth_beside_a_deep_one() -> None:
    hidden = candidate_of(CURVE, SHALLOW, hidden=[DEEP])
    assert hidden.depth == pytest.approx(6e-4, rel=0.1)
    seen = candidate_of(CURVE, SHALLOW)
    assert abs(seen.depth / 6e-4 - 1) > 0.5


def test_hidden_transits_have_no_points() -> None:
    candidate = candidate_of(CURVE, SHALLOW, hidden=[DEEP])
    folded = candidate.folded
    time = SHALLOW.epoch + folded.number * SHALLOW.period + folded.phase
    assert not DEEP.in_transit(time).any()
    both = DEEP.in_transit(TIME) & SHALLOW.in_transit(TIME)
    assert both.sum() > 10
    # What does not transit with the other planet is all there.
    alone = SHALLOW.in_transit(TIME) & ~DEEP.in_transit(TIME, widths=1 + CURVE.cadence / 0.2)
    assert SHALLOW.in_transit(time).sum() == pytest.approx(alone.sum(), abs=1)


@pytest.mark.parametrize("times_as_long", [1, 2, 3])
def test_the_same_transits_at_a_multiple_of_the_period_are_not_hidden(times_as_long: int) -> None:
    alias = dataclasses.replace(SHALLOW, period=times_as_long * SHALLOW.period)
    plain = candidate_of(CURVE, SHALLOW)
    hidden = candidate_of(CURVE, SHALLOW, hidden=[alias])
    assert np.array_equal(hidden.folded.phase, plain.folded.phase)


def test_a_signal_of_which_nothing_would_be_left_keeps_its_points() -> None:
    # All of the longer period's transits lie in those of the shorter.
    long = dataclasses.replace(SHALLOW, period=4 * SHALLOW.period, duration=0.1)
    hidden = candidate_of(CURVE, long, hidden=[SHALLOW])
    plain = candidate_of(CURVE, long)
    assert hidden.inside.sum() == pytest.approx(plain.inside.sum(), abs=1)
    assert hidden.folded.between(0.8, 2.0).sum() > 0


def test_a_signal_of_which_too_little_would_be_left_keeps_its_points() -> None:
    # Only exposures at its edges, in which hardly any of the transit lies, are not the other's.
    long = dataclasses.replace(SHALLOW, period=4 * SHALLOW.period, duration=0.1)
    other = dataclasses.replace(SHALLOW, duration=0.09)
    edges = long.in_transit(TIME, widths=1 + CURVE.cadence / 0.1) & ~other.in_transit(
        TIME, widths=1 + CURVE.cadence / 0.09
    )
    assert edges.any()
    plain = candidate_of(CURVE, long)
    assert candidate_of(CURVE, long, hidden=[other]).inside.sum() == plain.inside.sum()


def test_two_signals_do_not_hide_a_third_between_them() -> None:
    long = dataclasses.replace(SHALLOW, period=4 * SHALLOW.period, duration=0.1)
    before, after = (
        dataclasses.replace(long, epoch=long.epoch + side * 0.05, period=SHALLOW.period)
        for side in (-1, 1)
    )
    candidate = candidate_of(CURVE, long, hidden=[before, after])
    assert candidate.inside.sum() >= 2
    assert candidate.folded.ephemeris == long


def test_a_signal_whose_other_points_are_flares_is_tested_by_what_it_shares() -> None:
    long = dataclasses.replace(SHALLOW, period=4 * SHALLOW.period, duration=0.2)
    own = long.in_transit(TIME)
    other = dataclasses.replace(SHALLOW, duration=0.1)
    theirs = other.in_transit(TIME, widths=1 + CURVE.cadence / 0.1)
    left = own & ~theirs
    assert left.sum() >= 2
    curve = dataclasses.replace(CURVE, flux=CURVE.flux + 0.02 * left)
    shared = candidate_of(curve, long, hidden=[other])
    assert shared.inside.sum() == pytest.approx((own & theirs).sum(), abs=1)


def test_a_deep_planet_keeps_its_depth_and_its_trend_does_not_see_it() -> None:
    candidate = candidate_of(CURVE, DEEP, hidden=[SHALLOW])
    assert candidate.depth == pytest.approx(0.01, rel=0.04)
    assert np.median(candidate.folded.scatter) == pytest.approx(NOISE, rel=0.15)


def test_what_was_searched_goes_with_each_of_a_stars_signals() -> None:
    search = search_star(CURVE)
    assert search is not None
    for ephemeris, hidden in ((SHALLOW, DEEP), (DEEP, SHALLOW)):
        candidate = candidate_of(CURVE, ephemeris, hidden=[hidden], search=search)
        assert candidate.search is search
        own, others = other_signals(search, ephemeris.period)
        assert own[0].ephemeris.is_alias_of(ephemeris)
        assert others[0].ephemeris.is_alias_of(hidden)
        values = measure(candidate)
        assert values["search_strength"] == own[0].strength
        assert values["other_strength"] == others[0].strength
    assert candidate_of(CURVE, SHALLOW).search is None


def test_nothing_else_is_known_of_a_curve_too_short_for_a_search() -> None:
    time = times(0.9, cadence=2 / 1440)
    planet = Ephemeris(period=0.4, epoch=131.7, duration=0.05)
    curve = curve_of(time, 1 + noise_of(time) - dip(time, planet, 5e-3), cadence=2 / 1440)
    assert search_star(curve) is None
    candidate = candidate_of(curve, planet)
    assert candidate.depth == pytest.approx(5e-3, rel=0.05)
    assert math.isnan(measure(candidate)["other_strength"])


def test_only_strong_signals_are_told_of_and_weak_ones_are_looked_at() -> None:
    weak = Ephemeris(period=4.7, epoch=133.1, duration=0.15)
    curve = curve_of(TIME, CURVE.flux - dip(TIME, weak, 1.5e-4))
    search = search_star(curve)
    assert search is not None
    *strong, last = search.signals
    assert last.ephemeris.is_alias_of(weak)
    assert WEAKEST <= last.strength < DETECTION_LIMIT
    assert told(search) == tuple(strong)
    for signal, planet in zip(strong, (DEEP, SHALLOW), strict=True):
        assert signal.ephemeris.is_alias_of(planet)
    plain = [signal.ephemeris for signal in search_transits(curve).signals]
    assert [signal.ephemeris for signal in strong] == plain


@pytest.mark.parametrize("epoch", [131.5 - 20, 131.5 + 90])
def test_an_ephemeris_whose_transits_lie_outside_is_refused(epoch: float) -> None:
    with pytest.raises(DataError) as refused:
        candidate_of(CURVE, Ephemeris(period=200.0, epoch=epoch, duration=0.2))
    assert str(refused.value) == (
        "The light curve has fewer than 2 points in transit at a period of 200 d and an epoch of"
        f" {epoch:g} d."
    )


def test_an_ephemeris_whose_transits_all_lie_in_gaps_is_refused() -> None:
    kept = ~SHALLOW.in_transit(TIME, widths=2)
    gappy = curve_of(TIME[kept], CURVE.flux[kept])
    with pytest.raises(DataError, match=r"^The light curve has fewer than 2 points in transit"):
        candidate_of(gappy, SHALLOW)


def test_two_points_in_transit_are_enough() -> None:
    inside = np.flatnonzero(SHALLOW.in_transit(TIME))
    for count in (1, 2):
        kept = ~SHALLOW.in_transit(TIME, widths=2)
        kept[inside[4 : 4 + count]] = True
        sparse = curve_of(TIME[kept], CURVE.flux[kept])
        if count == 1:
            with pytest.raises(DataError, match="fewer than 2 points"):
                candidate_of(sparse, SHALLOW)
        else:
            candidate = candidate_of(sparse, SHALLOW)
            assert candidate.inside.sum() == 2


def test_the_centroid_goes_with_its_points() -> None:
    centroid = Centroid(column=TIME.copy(), row=2 * TIME)
    curve = dataclasses.replace(CURVE, centroid=centroid)
    candidate = candidate_of(curve, SHALLOW, hidden=[DEEP])
    folded = candidate.folded
    time = SHALLOW.epoch + folded.number * SHALLOW.period + folded.phase
    observed = candidate.observed
    assert observed is not None
    assert observed.centroid is not None
    assert observed.centroid.column == pytest.approx(time)
    assert observed.centroid.row == pytest.approx(2 * time)
    assert len(observed.segment) == len(time)
    plain = candidate_of(CURVE, SHALLOW).observed
    assert plain is not None
    assert plain.centroid is None


def test_the_star_is_the_curves() -> None:
    star = Star(name="KIC 1", log_g=4.4, radius=1.0)
    curve = dataclasses.replace(CURVE, star=star)
    assert candidate_of(curve, SHALLOW).star is star
