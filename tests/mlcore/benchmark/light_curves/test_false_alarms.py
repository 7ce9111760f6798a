"""The reliability that follows from what is called planet in altered curves."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.benchmark.light_curves.false_alarms import reliability


def of(altered: float, altered_called: float, real: float, real_called: float) -> float:
    numbers = (altered, altered_called, real, real_called)
    return float(reliability(*(np.array([number], dtype=np.float64) for number in numbers))[0])


def test_it_is_one_where_nothing_altered_is_called_planet() -> None:
    assert of(50, 0, 200, 100) == 1


def test_it_is_what_thompson_and_others_define() -> None:
    # E = 0.9: 90 of 100 false alarms are not called, so that 900 stand for 1000, 100 called.
    assert of(100, 10, 1900, 1000) == pytest.approx(1 - 900 / 1000 * 0.1 / 0.9)


@pytest.mark.parametrize("numbers", [(0, 0, 10, 5), (10, 1, 10, 0)])
def test_it_is_not_defined_without_altered_signals_or_planets(numbers: tuple[float, ...]) -> None:
    assert np.isnan(of(*numbers))


def test_it_is_zero_where_all_that_is_altered_is_called_planet() -> None:
    assert of(10, 10, 10, 5) == 0
