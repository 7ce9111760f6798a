"""Stretches of a fold, replaced one at a time in signals of which it is known what they are."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from mlcore.datasets.missions.light_curves.stretches import STRETCHES
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.stretches import ReplacedStretch, replaced_stretches
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    PERIOD,
    TIME,
    made,
    signals,
)

ALONG = ("before", "ingress", "floor", "egress", "after")


@functools.cache
def replaced(kind: str) -> dict[str, ReplacedStretch]:
    return {one.name: one for one in replaced_stretches(made(signals()[kind]))}


@functools.cache
def as_it_is(kind: str) -> dict[str, float]:
    return measure(made(signals()[kind]))


def test_stretches_are_told_along_the_orbit_and_each_begins_where_the_one_before_ends() -> None:
    found = replaced("planet")
    assert list(found) == [name for name in STRETCHES if name != "shape"]
    ends = [(found[name].begin, found[name].end) for name in ALONG]
    assert [begin for begin, _ in ends[1:]] == pytest.approx([end for _, end in ends[:-1]])
    assert ends[1][0] == pytest.approx(-DURATION / 2 / PERIOD, rel=0.15)
    assert (found["half"].begin + found["half"].end) / 2 == pytest.approx(0.5, abs=2e-3)
    assert (found["rest"].begin, found["outside"].end) == (-0.5, 0.5)


def test_without_the_eclipse_half_a_period_later_there_is_no_strong_event_left() -> None:
    assert as_it_is("circular binary")["half_phase_strength"] > 15
    found = replaced("circular binary")
    assert abs(found["half"].values["half_phase_strength"]) < 2
    assert found["half"].values["depth"] == pytest.approx(
        as_it_is("circular binary")["depth"], rel=0.02
    )
    # It is the deepest other dip, too, and told of once.
    assert "secondary" not in found
    assert found["after"].values["half_phase_strength"] > 15


def test_an_eclipse_at_another_phase_is_the_deepest_other_dip() -> None:
    found = replaced("eccentric binary")
    assert (found["secondary"].begin + found["secondary"].end) / 2 == pytest.approx(0.4, abs=0.01)
    assert as_it_is("eccentric binary")["secondary_strength"] > 15
    assert found["secondary"].values["secondary_strength"] < 6
    assert found["rest"].values["secondary_strength"] > 15


def test_a_grazing_eclipse_gets_the_sides_of_a_planets_transit_as_deep_and_as_long() -> None:
    v, steep = as_it_is("grazing binary"), replaced("grazing binary")["shape"].values
    assert v["trapezoid_ingress"] >= 0.35
    assert steep["trapezoid_ingress"] <= 0.15
    assert steep["depth"] == pytest.approx(v["depth"], rel=0.25)
    assert "shape" not in replaced("planet")


def test_odd_and_even_transits_are_made_equally_deep() -> None:
    kind = "binary at half its period"
    assert as_it_is(kind)["odd_even_strength"] > 4
    assert replaced(kind)["odd_even"].values["odd_even_strength"] < 1
    assert replaced(kind)["half"].values["odd_even_strength"] > 4


def test_a_wave_is_gone_where_all_beside_the_transit_is_flat() -> None:
    found = replaced("drawn out star")
    wave = as_it_is("drawn out star")["depth_range"]
    assert wave > 0.5
    assert found["outside"].values["depth_range"] < 0.25 * wave
    assert found["after"].values["depth_range"] > 0.5 * wave


def test_what_noise_explains_stays_as_it_is() -> None:
    values = as_it_is("planet")
    for name, one in replaced("planet").items():
        for kept in ("scatter_over_depth", "noise_factor", "depth", "scatter_inside"):
            assert one.values[kept] == pytest.approx(values[kept], rel=0.12), (name, kept)


def test_the_same_curve_is_replaced_the_same_way() -> None:
    again = replaced_stretches(made(signals()["planet"]))
    first = [list(one.values.values()) for one in replaced("planet").values()]
    assert np.array_equal([list(one.values.values()) for one in again], first, equal_nan=True)


def test_a_fold_that_rises_in_its_transits_has_no_stretches() -> None:
    inside = abs(EPHEMERIS.phase(TIME)) < DURATION / 2
    assert replaced_stretches(made(-2e-4 * inside)) == ()
