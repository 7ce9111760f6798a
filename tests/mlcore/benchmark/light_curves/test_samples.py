"""Why a known signal is not found."""

from __future__ import annotations

from mlcore.benchmark.light_curves.samples import KnownSignal, why_not
from mlcore.benchmark.light_curves.seconds import noise_curve
from mlcore.lightcurves.ephemeris import Ephemeris


def known(period: float) -> KnownSignal:
    return KnownSignal(period=period, ephemeris=Ephemeris(period=period, epoch=3.0, duration=0.2))


def test_a_period_of_more_than_half_the_curve_is_not_searched() -> None:
    assert why_not(noise_curve(60.0), known(40.0)) == (
        "2 transits in the data, and periods above 30 d are not searched"
    )


def test_one_transit_alone_has_no_period() -> None:
    assert why_not(noise_curve(60.0), known(70.0)) == (
        "1 transit in the data, from which no period follows"
    )


def test_a_dip_in_the_noise_is_told_with_its_strength() -> None:
    words = why_not(noise_curve(60.0), known(5.0))
    assert words.startswith("12 transits in the data, strength ")
    assert words.endswith(" at the catalogue's ephemeris, where 6 is asked for")


def test_without_an_epoch_the_best_one_counts() -> None:
    words = why_not(noise_curve(60.0), KnownSignal(period=5.0))
    assert words.startswith("strength ")
    assert words.endswith(" at its period and the best epoch, where 6 is asked for")
