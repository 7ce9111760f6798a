"""The trapezoid that fits a fold best, as an exposure smears it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.trapezoid import INGRESSES, TrapezoidFit, fit_trapezoid
from tests.mlcore.lightcurves.made_curves import CADENCE, dip, flat_of, noise_of, times
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    EPOCH,
    PERIOD,
    TIME,
    ended,
)

SHORT = 0.05
"""A transit of little more than two exposures [d]."""
EXPOSURE = np.linspace(-0.5, 0.5, 41) * CADENCE


def trapezoid(ingress: float, duration: float, *, exposed: bool) -> np.ndarray:
    """Return the dips of a trapezoid, as points or as exposures see it."""
    own = Ephemeris(period=PERIOD, epoch=EPOCH, duration=duration)
    seen = TIME[:, None] + EXPOSURE[None, :] if exposed else TIME[:, None]
    away = abs(own.phase(seen)) / duration
    return np.clip((0.5 - away) / ingress, 0, 1).mean(axis=1)


def fitted(dips: np.ndarray, duration: float, *, cadence: float) -> TrapezoidFit:
    own = Ephemeris(period=PERIOD, epoch=EPOCH, duration=duration)
    fit = fit_trapezoid(fold(flat_of(TIME, noise_of(TIME) - dips, cadence=cadence), own))
    assert fit is not None
    return fit


@pytest.mark.parametrize("ingress", [0.08, 0.25, 0.5])
def test_it_finds_the_ingress_of_a_trapezoid(ingress: float) -> None:
    fit = fitted(4e-3 * trapezoid(ingress, DURATION, exposed=True), DURATION, cadence=CADENCE)
    assert fit.ingress == pytest.approx(ingress, abs=0.1)
    # The nearest of the durations that are tried.
    assert fit.duration == pytest.approx(0.4 * 1.15**7 if ingress < 0.5 else 1.0, abs=0.15)
    assert fit.depth == pytest.approx(4e-3, rel=0.08)
    assert fit.squares / fit.points == pytest.approx(1.0, abs=0.25)
    assert fit.flat_squares > 10 * fit.squares
    assert fit.mean_ingress() == pytest.approx(ingress, abs=0.1)
    duration, spread = fit.mean_duration()
    assert duration == pytest.approx(fit.duration, abs=0.1)
    assert 0 <= spread < 0.15


def test_a_short_transit_with_a_floor_is_no_v_once_it_is_smeared() -> None:
    dips = 4e-3 * trapezoid(0.08, SHORT, exposed=True)
    smeared = fitted(dips, SHORT, cadence=CADENCE)
    sharp = fitted(dips, SHORT, cadence=0.0)
    assert smeared.ingress <= 0.15
    assert sharp.ingress >= 0.25
    assert smeared.depth == pytest.approx(4e-3, rel=0.05)


def test_its_dip_is_the_average_over_an_exposure() -> None:
    fit = TrapezoidFit(
        duration=1.2,
        ingress=0.25,
        shift=0.1,
        depth=1.0,
        error=1.0,
        squares=1.0,
        flat_squares=2.0,
        points=10,
        exposure=0.4,
        tried=np.ones((13, len(INGRESSES))),
    )
    phase = np.linspace(-1.5, 1.5, 61)
    around = phase[:, None] - 0.1 + np.linspace(-0.2, 0.2, 4001)[None, :]
    exact = np.clip((0.6 - abs(around)) / 0.3, 0, 1).mean(axis=1)
    assert fit.dip(phase) == pytest.approx(exact, abs=2e-4)
    assert fit.likelihood().sum() == pytest.approx(1.0)


def test_seven_points_around_the_transits_have_no_shape() -> None:
    inside = EPHEMERIS.in_transit(TIME)
    for count in (7, 8):
        kept = abs(EPHEMERIS.phase(TIME)) > 3.2 * DURATION
        kept[np.flatnonzero(inside)[:count]] = True
        folded = fold(flat_of(TIME, noise_of(TIME)).take(kept), EPHEMERIS)
        assert (fit_trapezoid(folded) is None) == (count == 7)
        outcome = ended(Candidate(folded=folded))["shape"]
        if count == 7:
            assert outcome.outcome is Outcome.NOT_POSSIBLE
            assert outcome.sentence == "This takes eight points around the transits."


def test_what_the_shape_says_is_told_in_its_units() -> None:
    values = measured(4e-3 * trapezoid(0.15, DURATION, exposed=True))
    duration = values["trapezoid_duration"] * DURATION
    assert values["trapezoid_floor"] == pytest.approx(
        values["trapezoid_duration"] * (1 - 2 * values["trapezoid_ingress"])
    )
    assert values["trapezoid_log_depth"] == pytest.approx(math.log10(4e-3), abs=0.03)
    assert values["trapezoid_log_duration"] == pytest.approx(math.log10(24 * duration))
    assert values["trapezoid_duration_index"] == pytest.approx(
        math.log10(duration / PERIOD ** (1 / 3))
    )
    likely = values["likely_duration"] * DURATION
    assert values["density_index"] == pytest.approx(
        math.log10(PERIOD / likely**3) + 0.75 * values["trapezoid_log_depth"]
    )
    # The floor over the mean: a trapezoid's mean is its floor less one ingress.
    assert values["trapezoid_depth"] == pytest.approx(1 / 0.85, rel=0.1)
    assert values["trapezoid_gain"] > 1000
    assert values["trapezoid_strength"] == pytest.approx(
        math.sqrt(values["trapezoid_gain"]), rel=0.05
    )


def test_a_v_fits_a_v_better_than_a_u_does_and_the_other_way_round() -> None:
    flat = measured(4e-3 * trapezoid(0.05, DURATION, exposed=True))
    grazing = measured(4e-3 * trapezoid(0.5, DURATION, exposed=True))
    assert flat["v_over_u"] > 50
    assert flat["v_over_best"] > flat["u_over_best"]
    assert grazing["v_over_u"] < -50
    assert grazing["v_over_best"] == pytest.approx(0.0, abs=5)
    assert grazing["v_over_u_share"] < 0 < flat["v_over_u_share"] < 1


def test_a_late_transit_is_shifted() -> None:
    late = Ephemeris(period=PERIOD, epoch=EPOCH + 0.1 * DURATION, duration=DURATION)
    values = measured(dip(TIME, late, 3e-3))
    assert values["trapezoid_shift"] == pytest.approx(0.1)
    assert values["ingress_asymmetry"] > 5


def test_two_minute_exposures_are_fitted_as_half_hours_are() -> None:
    time = times(27, cadence=2 / 1440)
    dips = 3e-3 * np.clip((0.5 - abs(EPHEMERIS.phase(time)) / DURATION) / 0.1, 0, 1)
    folded = fold(flat_of(time, noise_of(time) - dips, cadence=2 / 1440), EPHEMERIS)
    fit = fit_trapezoid(folded)
    assert fit is not None
    assert fit.points > 1000
    # Durations are tried in steps of a seventh.
    assert fit.squares / fit.points == pytest.approx(1.0, abs=0.2)
    assert fit.ingress <= 0.15


def measured(dips: np.ndarray) -> dict[str, float]:
    return measure(Candidate(folded=fold(flat_of(TIME, noise_of(TIME) - dips), EPHEMERIS)))
