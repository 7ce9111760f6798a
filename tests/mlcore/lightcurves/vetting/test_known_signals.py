"""Whether a signal is that of another star nearby."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
from mlcore.lightcurves.vetting.known_signals import nearest_known
from mlcore.lightcurves.vetting.measuring import measure
from tests.mlcore.lightcurves.made_curves import dip
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    EPOCH,
    PERIOD,
    TIME,
    ended,
    made,
)

if TYPE_CHECKING:
    from mlcore.lightcurves.vetting.candidate import Candidate

ZERO = 2454833
CANDIDATE = made(dip(TIME, EPHEMERIS, 1e-3))


def beside(*known: KnownEphemeris) -> Candidate:
    return replace(CANDIDATE, known=known)


def binary(period: float = PERIOD, epoch: float = EPOCH, name: str = "KIC 1") -> KnownEphemeris:
    return KnownEphemeris(name=name, period=period, epoch=ZERO + epoch)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("events", [-300, 0, 40])
def test_the_same_events_are_recognised_years_away(ratio: float, events: int) -> None:
    period = PERIOD / ratio
    known = binary(period, EPOCH + events * period)
    found = nearest_known(beside(binary(5.3, name="far"), known))
    assert found is not None
    assert found[0] is known
    assert found[1] == pytest.approx(0.0, abs=1e-6)
    outcome = ended(beside(known))["known"]
    assert outcome.outcome is Outcome.FAILED
    assert "Another star" in outcome.sentence


def test_a_known_star_whose_events_come_at_other_times_is_another() -> None:
    late = binary(epoch=EPOCH + 0.8 * DURATION)
    assert measure(beside(late))["known_distance"] == pytest.approx(0.8)
    assert ended(beside(late))["known"].outcome is Outcome.PASSED


def test_a_period_that_drifts_away_over_the_curve_is_another() -> None:
    # Both meet in the middle, and are apart by a duration at both ends.
    middle = (TIME[0] + TIME[-1]) / 2
    transit = EPOCH + round((middle - EPOCH) / PERIOD) * PERIOD
    drifting = binary(PERIOD + DURATION / (40 / PERIOD), transit)
    distance = measure(beside(drifting))["known_distance"]
    assert distance == pytest.approx(1.0, rel=0.01)
    assert ended(beside(drifting))["known"].outcome is Outcome.PASSED


def test_what_is_lacking_is_said() -> None:
    observed = CANDIDATE.observed
    assert observed is not None
    undated = replace(beside(binary()), observed=replace(observed, time_zero=0.0))
    for candidate, said in (
        (undated, "does not say from when its times count"),
        (replace(CANDIDATE, known=None), "Where the star is on the sky is not known"),
        (beside(), "No star within four arcminutes has an ephemeris"),
        (beside(replace(binary(), epoch_error=0.4)), "cannot be compared"),
    ):
        assert said in ended(candidate)["known"].sentence


def test_the_tolerance_grows_with_the_orbits_since_the_epoch() -> None:
    thousand = binary(epoch=EPOCH + 0.8 * DURATION - 1000 * PERIOD)
    assert ended(beside(thousand))["known"].outcome is Outcome.PASSED
    # Three errors of a thousand orbits are 0.4 of a duration.
    uncertain = replace(thousand, period_error=0.4 * DURATION / 3000)
    assert measure(beside(uncertain))["known_distance"] == pytest.approx(0.4, abs=0.01)
    assert ended(beside(uncertain))["known"].outcome is Outcome.FAILED


def test_a_star_that_loses_less_light_is_no_source_of_it() -> None:
    own = replace(CANDIDATE, star=replace(CANDIDATE.star, magnitude=10.0))
    lost = 1e6 * own.depth * 10**-4
    for part, outcome in ((0.4, Outcome.NOT_POSSIBLE), (1.5, Outcome.FAILED)):
        other = replace(binary(), lost_light=part * lost)
        assert ended(replace(own, known=(other,)))["known"].outcome is outcome


def test_without_a_list_or_julian_dates_it_is_not_possible() -> None:
    assert nearest_known(CANDIDATE) is None
    observed = CANDIDATE.observed
    assert observed is not None
    undated = replace(beside(binary()), observed=replace(observed, time_zero=0.0))
    for candidate in (CANDIDATE, undated, replace(beside(binary()), observed=None)):
        assert ended(candidate)["known"].outcome is Outcome.NOT_POSSIBLE
