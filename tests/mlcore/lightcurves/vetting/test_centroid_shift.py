"""Whether the light that dims is the star's own."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.light_curve import Centroid
from mlcore.lightcurves.vetting.centroid_shift import segment_shifts
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.vet import candidate_of
from tests.mlcore.lightcurves.made_curves import curve_of, dip, noise_of
from tests.mlcore.lightcurves.vetting.made_signals import EPHEMERIS, TIME, ended

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.vetting.candidate import Candidate

DIPS = dip(TIME, EPHEMERIS, 1e-2)
JITTER = 1e-4
"""Scatter of a centroid [pixel]."""


def moving(column: Any, row: Any = 0.0, *, segment: NDArray[np.int64] | None = None) -> Candidate:
    """Return a signal whose light moves so in transit, on a detector that it drifts over."""
    drift = 0.02 * np.sin(2 * np.pi * TIME / 30)
    curve = curve_of(TIME, 1 + noise_of(TIME) - DIPS)
    centroid = Centroid(
        column=200 + drift + noise_of(TIME, 1, scatter=JITTER) + column,
        row=300 - drift + noise_of(TIME, 2, scatter=JITTER) + row,
    )
    numbers = curve.segment if segment is None else segment
    return candidate_of(dataclasses.replace(curve, centroid=centroid, segment=numbers), EPHEMERIS)


def of_source(distance: float) -> NDArray[np.float64]:
    """Return how the centre of light moves when a star so many pixels away dims."""
    return np.asarray(-distance * DIPS / (1 - DIPS))


def test_a_star_that_dims_itself_does_not_move_its_light() -> None:
    values = measure(moving(0.0))
    assert abs(values["centroid_strength"]) < 3
    assert values["centroid_shift"] < 5e-5
    assert values["centroid_least_distance"] == 0.0
    outcome = ended(moving(0.0))["centroid"]
    assert outcome.outcome is Outcome.PASSED


@pytest.mark.parametrize("distance", [0.5, 3.0])
def test_the_distance_of_what_dims_is_found(distance: float) -> None:
    candidate = moving(0.6 * of_source(distance), 0.8 * of_source(distance))
    values = measure(candidate)
    assert values["centroid_distance"] == pytest.approx(distance, rel=0.08)
    assert 0.8 * distance < values["centroid_least_distance"] < values["centroid_distance"]
    assert values["centroid_strength"] > 10
    outcome = ended(candidate)["centroid"]
    assert outcome.outcome is (Outcome.FAILED if distance > 1 else Outcome.PASSED)


def test_each_segment_has_its_own_shift_with_its_error() -> None:
    # On another detector the light moves the other way.
    segment = (TIME[0] + 40 < TIME).astype(np.int64)
    candidate = moving(of_source(2.0) * (1 - 2 * segment), segment=segment)
    first, second = segment_shifts(candidate)
    assert (first.segment, second.segment) == (0, 1)
    assert first.column == pytest.approx(-0.02, rel=0.15)
    assert second.column == pytest.approx(0.02, rel=0.15)
    for shift in (first, second):
        assert abs(shift.row) < 4 * shift.row_error
        # Of some eight points in each transit.
        assert shift.row_error == pytest.approx(JITTER / math.sqrt(8 * shift.transits), rel=0.6)
        assert shift.transits > 8
    assert measure(candidate)["centroid_distance"] == pytest.approx(2.0, rel=0.08)


def test_segments_without_a_centroid_or_of_one_transit_say_nothing() -> None:
    segment = (TIME[0] + 40 < TIME).astype(np.int64)
    unknown = np.where(segment == 1, np.nan, 0.0)
    (only,) = segment_shifts(moving(unknown, segment=segment))
    assert only.segment == 0
    late = (EPHEMERIS.number(TIME) >= 20).astype(np.int64) + (EPHEMERIS.number(TIME) >= 21)
    assert [shift.segment for shift in segment_shifts(moving(0.0, segment=late))] == [0]


def test_without_centroids_it_is_not_possible() -> None:
    candidate = candidate_of(curve_of(TIME, 1 + noise_of(TIME) - DIPS), EPHEMERIS)
    assert segment_shifts(candidate) == ()
    outcome = ended(candidate)["centroid"]
    assert outcome.outcome is Outcome.NOT_POSSIBLE
    assert outcome.sentence == (
        "This takes two transits with the position of the light on the detector."
    )
