"""What else is in the same light curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.search.box_least_squares import Periodogram
from mlcore.lightcurves.search.grid import SearchGrid
from mlcore.lightcurves.search.transits import TransitSearch, TransitSignal
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.other_signals import other_signals
from tests.mlcore.lightcurves.made_curves import dip, flat_of, noise_of
from tests.mlcore.lightcurves.vetting.made_signals import DURATION, EPHEMERIS, PERIOD, TIME

FOLDED = fold(flat_of(TIME, noise_of(TIME) - dip(TIME, EPHEMERIS, 1e-3)), EPHEMERIS)


def periodogram(strength: float, inverted: float) -> Periodogram:
    one = np.array([1.0, 1.0])
    return Periodogram(
        periods=one,
        strength=np.array([1.0, strength]),
        inverted=np.array([inverted, 1.0]),
        durations=one,
        epochs=one,
    )


def found(strength: float, period: float, inverted: float = 4.0) -> TransitSignal:
    return TransitSignal(
        ephemeris=Ephemeris(period=period, epoch=0.0, duration=0.1),
        depth=1e-3,
        strength=strength,
        false_alarm=0.1,
        shorter=(),
        transits=3,
        periodogram=periodogram(strength, inverted),
    )


def searched(*signals: TransitSignal) -> TransitSearch:
    # What the signals were found in is not asked for.
    return TransitSearch(
        signals=signals,
        detrended=None,  # type: ignore[arg-type]
        grid=SearchGrid(periods=np.ones(2), durations=np.ones((2, 1))),
        last=periodogram(4.7, 4.9),
    )


def measured(*signals: TransitSignal) -> dict[str, float]:
    return measure(Candidate(folded=FOLDED, search=searched(*signals)))


@pytest.mark.parametrize("ratio", [1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3])
def test_what_is_at_a_simple_ratio_is_the_signal_itself(ratio: float) -> None:
    own, other = found(9.0, 1.005 * ratio * PERIOD), found(8.0, 1.02 * ratio * PERIOD)
    assert other_signals(searched(own, other), PERIOD) == ((own,), (other,))


def test_the_strongest_other_signals_are_told_of() -> None:
    signals = (found(12.0, PERIOD), found(7.5, 1.1, inverted=7.2), found(9.0, 2.4 * PERIOD))
    values = measured(*signals)
    assert values["search_strength"] == 12.0
    assert values["search_rank"] == 3.0
    assert values["other_strength"] == 9.0
    assert values["other_over_inverted"] == 5.0
    assert values["second_other_strength"] == 7.5
    assert values["second_other_over_inverted"] == pytest.approx(0.3)
    assert values["other_inverted"] == 7.2
    assert values["others_sum"] == pytest.approx(1.5 + 3.0)
    # The weaker is no stronger than bumps are.
    assert values["others_strong"] == 1.0
    assert values["other_period_ratio"] == pytest.approx(np.log10(2.4))
    assert values["other_duration_index"] == pytest.approx(
        np.log10(0.1 / DURATION / 2.4 ** (1 / 3))
    )


def test_where_nothing_else_is_found_the_last_search_says_what_could_be() -> None:
    values = measured(found(12.0, PERIOD))
    assert values["other_strength"] == 4.7
    assert values["other_over_inverted"] == pytest.approx(-0.2)
    assert values["second_other_strength"] == 4.7
    assert values["search_rank"] == pytest.approx(7.3)
    assert values["others_sum"] == values["others_strong"] == 0.0
    assert math.isnan(values["other_period_ratio"])


def test_a_signal_that_no_search_finds_ranks_below_all() -> None:
    values = measured(found(8.0, 1.1))
    assert values["search_strength"] == 0.0
    assert values["search_rank"] == -8.0


def test_nothing_is_said_where_nothing_was_searched() -> None:
    assert math.isnan(measure(Candidate(folded=FOLDED))["other_strength"])
