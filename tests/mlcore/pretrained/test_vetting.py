"""From a light curve to verdicts on its signals."""

from __future__ import annotations

import re

import numpy as np
import pytest

import mlcore
from mlcore.errors import DataError
from mlcore.lightcurves.catalogues.carried import carried_rows, carried_weights
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
from mlcore.lightcurves.vetting.report import vet_curve
from mlcore.prediction.in_sample import LEARNT
from mlcore.prediction.verdict import Verdict
from mlcore.pretrained.vetting import LIGHT_CURVE_MODEL
from tests.mlcore.lightcurves.made_curves import curve_of, dip, noise_of, times

TIME = times(60)
PLANET = Ephemeris(period=5.1, epoch=132.2, duration=0.14)
NOISE = 1 + noise_of(TIME)
CURVE = curve_of(TIME, NOISE - dip(TIME, PLANET, 1e-3))


def test_a_clean_transit_is_a_likely_planet_and_printing_it_says_so_first() -> None:
    (signal,) = mlcore.vet(CURVE)
    assert signal.ephemeris.is_alias_of(PLANET)
    assert signal.assessment.verdict is Verdict.LIKELY_PLANET
    assert signal.probability > 0.6
    first, *others = str(signal).splitlines()
    assert re.fullmatch(
        r"period 5\.[01]\d* d, epoch \d+\.?\d* d, duration 3\.\d+ h, depth \d+ ppm:"
        rf" likely planet, probability {signal.probability:.2f}",
        first,
    )
    assert others
    assert signal.in_sample == ""
    assert [line.strip() for line in others[: len(signal.reasons)]] == list(signal.reasons)


def test_a_grazing_eclipse_is_a_likely_false_positive_and_says_what_failed() -> None:
    phase = np.abs((TIME - PLANET.epoch + PLANET.period / 2) % PLANET.period - PLANET.period / 2)
    grazing = 0.2 * np.clip(1 - phase / 0.1, 0, 1)
    signal = mlcore.vet(curve_of(TIME, NOISE - grazing))[0]
    assert signal.assessment.verdict is Verdict.LIKELY_FALSE_POSITIVE
    assert signal.probability < 0.4
    assert "the transit is a V, as of grazing stars" in str(signal)


def test_a_signal_of_a_catalogue_says_what_its_row_adds_and_which_other_star_has_its_events() -> (
    None
):
    star = "KIC 10797460"
    (row,) = [one for one in carried_rows().of_star(star) if one.name == "K00752.01"]
    koi = Ephemeris(period=row.period, epoch=row.epoch - 2454833, duration=0.12)
    curve = curve_of(TIME, NOISE - dip(TIME, koi, 1e-3), star=Star(name=star))
    near = KnownEphemeris(
        name="K00001.01", star="KIC 1", separation=23.4, period=row.period, epoch=row.epoch
    )
    (signal,) = mlcore.vet(curve, ephemerides=[koi], known=[near])
    assert signal.own is not None
    assert signal.own.row == row
    assert signal.other == near
    evidence = signal.evidence
    assert evidence is not None
    assert (evidence.curve, evidence.row) == (signal.probability, row.planet)
    assert evidence.together == carried_weights()["kepler"].together(evidence.curve, row.planet)
    _, *said = (line.strip() for line in str(signal).splitlines())
    assert said[0].startswith("By the light curve alone ")
    assert "; by the catalogue's row KOI-752.01 " in said[0]
    assert said[:3] == [
        *evidence.sentences,
        "KOI-1.01 of KIC 1, 23.4 arcseconds away, has its events at the same times.",
    ]


def test_a_star_that_the_model_was_trained_on_is_told_first() -> None:
    star = next(star for star in sorted(mlcore.load_published(LIGHT_CURVE_MODEL).stars) if star)
    curve = curve_of(TIME, NOISE - dip(TIME, PLANET, 1e-3), star=Star(name=star))
    (signal,) = mlcore.vet(curve, ephemerides=[PLANET])
    assert signal.in_sample == LEARNT
    assert str(signal).splitlines()[1].strip() == LEARNT


def test_what_is_measured_is_the_same_with_and_without_a_model() -> None:
    (judged,), (tested,) = mlcore.vet(CURVE), vet_curve(CURVE)
    assert judged.ephemeris == tested.ephemeris
    assert judged.tests == tested.tests
    assert judged.values == pytest.approx(tested.values, nan_ok=True)


def test_given_signals_are_judged_in_their_order_even_where_two_are_one() -> None:
    other = Ephemeris(period=3.3, epoch=131.0, duration=0.12)
    first, noise, again = mlcore.vet(CURVE, ephemerides=[PLANET, other, PLANET])
    assert first.ephemeris == again.ephemeris == PLANET
    assert first.probability == again.probability > noise.probability


def test_a_curve_of_nothing_has_nothing_to_judge() -> None:
    assert mlcore.vet(curve_of(TIME, NOISE)) == ()


def test_a_model_of_a_catalogue_is_refused() -> None:
    with pytest.raises(DataError, match="it cannot score Light-curve transit signals"):
        mlcore.vet(CURVE, model=mlcore.load_published("kepler-vetting"))


def test_the_same_curve_gets_the_same_bits() -> None:
    once, again = mlcore.vet(CURVE), mlcore.vet(CURVE)
    assert [signal.probability for signal in once] == [signal.probability for signal in again]
    assert np.array_equal(
        list(once[0].values.values()), list(again[0].values.values()), equal_nan=True
    )
