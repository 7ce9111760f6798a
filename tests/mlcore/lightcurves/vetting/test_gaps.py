"""Whether the signal is more than what happens beside gaps."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.lightcurves.folding import fold
from mlcore.lightcurves.vetting.candidate import Candidate
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.observed import Observed, edges_of
from mlcore.lightcurves.vetting.vet import candidate_of
from tests.mlcore.lightcurves.made_curves import CADENCE, curve_of, dip, flat_of, noise_of, times
from tests.mlcore.lightcurves.vetting.made_signals import (
    DURATION,
    EPHEMERIS,
    EPOCH,
    PERIOD,
    TIME,
    ended,
)

DIPS = dip(TIME, EPHEMERIS, 1e-3)


def beside(edges: list[float]) -> Candidate:
    observed = Observed(edges=np.array(edges), segment=np.zeros(len(TIME), dtype=np.int64))
    return Candidate(
        folded=fold(flat_of(TIME, noise_of(TIME) - DIPS), EPHEMERIS), observed=observed
    )


def test_stretches_end_at_gaps_and_at_segments() -> None:
    time = np.concatenate([times(5), times(5, start=137.0), times(5, start=142.1)])
    curve = curve_of(time, np.ones(len(time)))
    # A tenth of a day is no gap.
    first, second, third, last = edges_of(curve)
    assert (first, last) == (time[0], time[-1])
    assert second == pytest.approx(136.5, abs=CADENCE)
    assert third == 137.0
    segment = np.repeat([0, 1], [100, len(time) - 100])
    edges = edges_of(dataclasses.replace(curve, segment=segment))
    assert {time[99], time[100]} < set(edges)
    assert list(edges) == sorted(edges)


def test_where_points_are_hours_apart_a_few_that_miss_are_no_gap() -> None:
    time = times(40, cadence=0.2)
    kept = np.ones(len(time), dtype=bool)
    kept[[50, 51, 100, 101, 102, 103]] = False
    edges = edges_of(curve_of(time[kept], np.ones(kept.sum()), cadence=0.2))
    assert edges.tolist() == [time[0], time[99], time[104], time[-1]]


def test_transits_beside_gaps_are_counted() -> None:
    count = measure(beside([0.0, 500.0]))["transits"]
    transit = EPOCH + 3 * PERIOD
    near = [transit + 0.9 * DURATION, transit + PERIOD - 1.5]
    values = measure(beside([0.0, *near, 500.0]))
    assert values["beside_gaps"] == pytest.approx(1 / count)
    assert values["strength_without_gaps"] == pytest.approx(
        values["multiple_event"] * math.sqrt(1 - 1 / count), rel=0.05
    )
    away = [transit + 1.1 * DURATION, transit + PERIOD - 1.5]
    assert measure(beside([0.0, *away, 500.0]))["beside_gaps"] == 0.0


def test_a_signal_that_is_made_of_ends_fails() -> None:
    every = np.sort(np.concatenate([EPOCH + np.arange(22) * PERIOD + part for part in (0.0, 0.5)]))
    outcome = ended(beside(list(every)))["gaps"]
    assert outcome.outcome is Outcome.FAILED
    assert outcome.value == 1.0
    assert math.isnan(measure(beside(list(every)))["strength_without_gaps"])
    assert ended(beside([0.0, 500.0]))["gaps"].outcome is Outcome.PASSED


def test_a_curve_without_gaps_has_its_two_ends() -> None:
    candidate = candidate_of(curve_of(TIME, 1 + noise_of(TIME) - DIPS), EPHEMERIS)
    assert candidate.observed is not None
    assert candidate.observed.edges.tolist() == [TIME[0], TIME[-1]]
    assert measure(candidate)["beside_gaps"] == 0.0
