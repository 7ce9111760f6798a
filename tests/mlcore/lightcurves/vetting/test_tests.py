"""All vetting tests on stars of which it is known what they are."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from mlcore.datasets.missions.light_curves.registry import (
    OF_SHAPE,
    VETTING_TESTS,
    declared,
    feature_names,
    results,
)
from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.datasets.spec import Role
from mlcore.errors import DataError
from mlcore.in_words import number
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import Fold
from mlcore.lightcurves.light_curve import Centroid, Star
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.star_search import search_star
from mlcore.lightcurves.vetting.vet import candidate_of
from tests.mlcore.lightcurves.made_curves import curve_of, dip, noise_of, times
from tests.mlcore.lightcurves.vetting.made_signals import EPHEMERIS, PERIOD, ended, made, signals

if TYPE_CHECKING:
    from mlcore.lightcurves.light_curve import LightCurve

OF_WHAT_THE_CURVE_LACKS = {"density", "size", "centroid", "known"}
"""Tests of the star's density and radius, the position of its light and other stars."""
DECIDING = tuple(name for name, test in VETTING_TESTS.items() if test.decides is not None)


@pytest.mark.parametrize(
    ("star", "failed"),
    [
        ("planet", set()),
        ("binary at half its period", {"odd_even"}),
        ("eccentric binary", {"secondary"}),
        ("circular binary", {"secondary", "half_phase"}),
        ("grazing binary", {"shape"}),
        ("one event", {"transits"}),
        ("nothing", {"signal", "uniqueness", "transits"}),
        ("drawn out star", {"signal", "uniqueness", "transits", "sinusoid"}),
        ("lopsided dip", {"symmetry"}),
    ],
)
def test_each_star_fails_the_tests_that_it_should(star: str, failed: set[str]) -> None:
    outcomes = ended(made(signals()[star]))
    assert tuple(outcomes) == DECIDING
    assert {name for name, one in outcomes.items() if one.outcome is Outcome.FAILED} == failed
    cannot = {name for name, one in outcomes.items() if one.outcome is Outcome.NOT_POSSIBLE}
    assert cannot == OF_WHAT_THE_CURVE_LACKS


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_planet_passes_whatever_the_noise(seed: int) -> None:
    outcomes = ended(made(signals()["planet"], seed=seed))
    passed = {name for name, one in outcomes.items() if one.outcome is Outcome.PASSED}
    assert passed == set(DECIDING) - OF_WHAT_THE_CURVE_LACKS


@pytest.mark.parametrize("star", ["planet", "circular binary", "one event", "nothing"])
def test_each_sentence_states_the_deciding_value(star: str) -> None:
    values = measure(made(signals()[star]))
    for one in results(values):
        assert one.test.decides is not None
        if one.test.name in OF_WHAT_THE_CURVE_LACKS:
            continue
        assert one.value == values[one.test.decides]
        assert number(one.value) in one.sentence
        assert "{" not in one.sentence
        assert one.sentence.endswith(".")
        begin = one.test.passed if one.outcome is Outcome.PASSED else one.test.failed
        assert one.sentence.startswith(begin.partition("{")[0])


def test_what_cannot_be_measured_is_not_possible_and_says_what_it_takes() -> None:
    outcomes = results(dict.fromkeys((column.name for column in declared()), math.nan))
    assert len(outcomes) == len(DECIDING)
    for one in outcomes:
        assert one.outcome is Outcome.NOT_POSSIBLE
        assert math.isnan(one.value)
        assert one.sentence == f"This takes {one.test.needs}."
    assert [one.sentence for one in results({})] == [one.sentence for one in outcomes]


def test_each_value_is_declared_once() -> None:
    names = [column.name for column in declared()]
    assert len(names) == len(set(names))
    for test in VETTING_TESTS.values():
        if test.decides is not None:
            assert test.decides in {column.name for column in test.columns}
            assert test.least < test.most
            assert math.isfinite(test.least) or math.isfinite(test.most)


def test_tests_stand_under_their_names() -> None:
    assert [test.name for test in VETTING_TESTS.values()] == list(VETTING_TESTS)
    assert (
        *("signal", "uniqueness", "secondary", "half_phase", "odd_even", "transits"),
        *("gaps", "shape", "density", "size", "symmetry", "sinusoid", "centroid", "known"),
    ) == DECIDING


def test_how_a_star_was_looked_at_is_no_feature() -> None:
    kept_back = {column.name for column in declared() if column.role is not Role.FEATURE}
    assert kept_back == {
        *("transits", "beside_gaps", "strength_without_gaps"),
        *("known_distance", "known_stars", "known_dated"),
        # These follow the star's parameters, which are best of those that were followed up.
        *(
            "duration_over_central",
            "companion_radius",
            "secondary_unexplained",
            "half_phase_unexplained",
        ),
        *("centroid_shift", "centroid_strength"),
        *("centroid_distance", "centroid_least_distance"),
    }
    assert set(feature_names()) == {column.name for column in declared()} - kept_back
    assert set(feature_names()) > OF_SHAPE


@pytest.mark.parametrize("star", list(signals()))
def test_each_declared_value_is_measured_and_no_other(star: str) -> None:
    values = measure(made(signals()[star]))
    assert list(values) == [column.name for column in declared()]
    for value in values.values():
        assert math.isnan(value) or abs(value) <= 1e6
    # Nothing else was searched for; all the rest can be told of eighty days.
    unknown = {name for name, value in values.items() if math.isnan(value)}
    assert unknown == {
        column.name
        for name in {"others", *OF_WHAT_THE_CURVE_LACKS}
        for column in VETTING_TESTS[name].columns
    } - {"known_stars", "known_dated"}


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0.3, 20),
    st.floats(0, 1),
    st.floats(0.003, 0.85),
    st.floats(0, 0.02),
    st.integers(0, 99),
)
def test_whatever_is_measured_is_finite_or_unknown(
    period: float, part: float, duty: float, depth: float, seed: int
) -> None:
    time = times(25, cadence=0.05)
    ephemeris = Ephemeris(period=period, epoch=131.5 + part * period, duration=duty * period)
    flux = 1 + noise_of(time, seed) - dip(time, ephemeris, depth)
    try:
        candidate = candidate_of(curve_of(time, flux, cadence=0.05), ephemeris)
    except DataError:
        reject()
    for name, value in measure(candidate).items():
        assert math.isnan(value) or abs(value) <= 1e6, name


def test_a_signal_of_no_depth_at_all_is_measured() -> None:
    time = times(30)
    folded = Fold(
        ephemeris=EPHEMERIS,
        phase=EPHEMERIS.phase(time),
        deviation=np.zeros(len(time)),
        scatter=np.ones(len(time)),
        number=EPHEMERIS.number(time),
        cadence=0.02,
        duration=EPHEMERIS.duration,
    )
    values = measure(Candidate(folded=folded))
    assert values["strength"] == pytest.approx(0.0, abs=1e-9)
    assert values["log_depth"] == -7.0
    assert all(math.isnan(value) or abs(value) <= 1e6 for value in values.values())


# Unevenly, so that no point lies at the very edge of anything.
UNEVEN = np.sort(times(40) + np.random.default_rng(3).uniform(-0.003, 0.003, len(times(40))))
ANOTHER = Ephemeris(period=2.3, epoch=132.0, duration=0.12)
CURVE = dataclasses.replace(
    curve_of(
        UNEVEN,
        1 + noise_of(UNEVEN) - dip(UNEVEN, EPHEMERIS, 1e-3) - dip(UNEVEN, ANOTHER, 1e-3),
        star=Star(log_g=4.4, radius=1.0),
    ),
    centroid=Centroid(column=noise_of(UNEVEN, 4), row=noise_of(UNEVEN, 5)),
)
KNOWN = KnownEphemeris(name="KIC 1", period=3.5, epoch=2455000.0)


def measured(curve: LightCurve, ephemeris: Ephemeris) -> dict[str, float]:
    moved = CURVE.time_zero - curve.time_zero
    hidden = dataclasses.replace(ANOTHER, epoch=ANOTHER.epoch + moved)
    return measure(
        candidate_of(curve, ephemeris, hidden=[hidden], search=search_star(curve), known=[KNOWN])
    )


@pytest.fixture(scope="module")
def before() -> dict[str, float]:
    return measured(CURVE, EPHEMERIS)


def check_same(before: dict[str, float], curve: LightCurve, ephemeris: Ephemeris) -> None:
    after = measured(curve, ephemeris)
    assert list(after) == list(before)
    for name, value in before.items():
        assert math.isfinite(value), name
        assert after[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name


def test_the_unit_of_the_brightness_changes_nothing(before: dict[str, float]) -> None:
    flux, error = 1234.5 * CURVE.flux, 1234.5 * CURVE.error
    check_same(before, dataclasses.replace(CURVE, flux=flux, error=error), EPHEMERIS)


def test_the_scale_of_the_stated_errors_changes_nothing(before: dict[str, float]) -> None:
    check_same(before, dataclasses.replace(CURVE, error=7 * CURVE.error), EPHEMERIS)


def test_the_zero_point_of_time_changes_nothing(before: dict[str, float]) -> None:
    moved = dataclasses.replace(EPHEMERIS, epoch=EPHEMERIS.epoch + 1000.5)
    later = dataclasses.replace(CURVE, time=CURVE.time + 1000.5, time_zero=CURVE.time_zero - 1000.5)
    check_same(before, later, moved)


@pytest.mark.parametrize("transits", [-2, 4])
def test_which_transit_the_epoch_is_changes_nothing(
    before: dict[str, float], transits: int
) -> None:
    epoch = EPHEMERIS.epoch + transits * PERIOD
    check_same(before, CURVE, dataclasses.replace(EPHEMERIS, epoch=epoch))
