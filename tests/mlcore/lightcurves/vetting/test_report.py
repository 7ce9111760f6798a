"""From a light curve to its tested signals."""

from __future__ import annotations

import dataclasses
import math

import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.errors import DataError
from mlcore.lightcurves.catalogues.carried import carried_rows
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.search.transits import search_transits
from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
from mlcore.lightcurves.vetting.report import vet_curve, vet_signals
from tests.mlcore.lightcurves.made_curves import curve_of, dip, noise_of, times

TIME = times(60)
FIRST = Ephemeris(period=3.1, epoch=132.2, duration=0.14)
SECOND = Ephemeris(period=7.3, epoch=133.0, duration=0.2)
CURVE = curve_of(TIME, 1 + noise_of(TIME) - dip(TIME, FIRST, 1e-3) - dip(TIME, SECOND, 2e-3))


def test_each_strong_signal_is_tested_and_knows_of_the_other() -> None:
    signals = vet_curve(CURVE)
    assert [signal.ephemeris for signal in signals] == [
        signal.ephemeris for signal in search_transits(CURVE).signals
    ]
    first, second = signals
    assert first.ephemeris.is_alias_of(FIRST)
    assert second.ephemeris.is_alias_of(SECOND)
    assert first.candidate.search is second.candidate.search
    assert first.found is not None
    assert second.found is not None
    assert first.values["other_strength"] == second.found.strength
    assert second.values["other_strength"] == first.found.strength
    assert first.values["others_strong"] == second.values["others_strong"] == 1.0


def test_a_signal_means_the_same_whether_it_was_found_or_given() -> None:
    found = vet_curve(CURVE)
    given = vet_curve(CURVE, ephemerides=[signal.ephemeris for signal in found])
    for one, other in zip(found, given, strict=True):
        assert other.found is None
        assert (one.values["searched"], other.values["searched"]) == (1.0, 0.0)
        assert {**other.values, "searched": 1.0} == pytest.approx(one.values, nan_ok=True)


def test_known_signals_of_other_stars_go_to_every_test() -> None:
    known = KnownEphemeris(name="KIC 1", period=3.1, epoch=2454833 + 132.2)
    failed = {
        signal.ephemeris.is_alias_of(FIRST): {
            test.test.name for test in signal.tests if test.outcome is Outcome.FAILED
        }
        for signal in vet_curve(CURVE, known=[known])
    }
    assert "known" in failed[True]
    assert "known" not in failed[False]


def test_a_signal_of_the_stars_own_catalogue_is_told_and_is_no_contamination() -> None:
    rows = carried_rows().of_star("KIC 10797460")
    (row,) = [one for one in rows if one.name == "K00752.01"]
    koi = Ephemeris(period=row.period, epoch=row.epoch - 2454833, duration=0.12)
    curve = curve_of(
        TIME,
        1 + noise_of(TIME) - dip(TIME, koi, 1e-3),
        star=Star(name="KIC 10797460"),
    )
    (signal,) = vet_signals(curve, [koi], [None], search=None)
    assert signal.own is not None
    assert (signal.own.row.name, signal.own.by_epoch) == ("K00752.01", True)
    assert signal.own.row.disposition == "confirmed"
    assert signal.other is None
    nameless = dataclasses.replace(curve, star=Star())
    (unnumbered,) = vet_signals(nameless, [koi], [None], search=None)
    assert unnumbered.own is None
    assert math.isnan(unnumbered.values["known_stars"])


def test_a_curve_too_short_to_search_is_tested_where_an_ephemeris_is_given() -> None:
    time = times(0.9, cadence=2 / 1440)
    planet = Ephemeris(period=0.4, epoch=131.7, duration=0.05)
    curve = curve_of(time, 1 + noise_of(time) - dip(time, planet, 5e-3), cadence=2 / 1440)
    (signal,) = vet_curve(curve, ephemerides=[planet])
    assert signal.values["strength"] > 7
    with pytest.raises(DataError, match=r"^The light curve spans 0\.899 days"):
        vet_curve(curve)


def test_a_curve_of_nothing_has_no_signals() -> None:
    assert vet_curve(curve_of(TIME, 1 + noise_of(TIME))) == ()
