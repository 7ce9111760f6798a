from __future__ import annotations

import numpy as np
import pytest

from mlcore.calibration.prior_shift import prior_corrected, with_planet_rate
from mlcore.errors import HyperparameterError
from mlcore.tasks import DISPOSITION, VETTING


def test_two_classes_are_corrected_by_elkans_formula() -> None:
    p, before, after = np.linspace(0.01, 0.99, 50), 0.4, 0.1
    corrected = prior_corrected(
        np.column_stack([1 - p, p]), trained=(1 - before, before), expected=(1 - after, after)
    )
    # Elkan 2001, theorem 2.
    expected = after * (p - p * before) / (before - p * before + after * p - before * after)
    np.testing.assert_allclose(corrected[:, 1], expected)
    np.testing.assert_allclose(corrected.sum(axis=1), 1.0)


def test_the_training_rate_changes_nothing() -> None:
    p = np.random.default_rng(0).dirichlet(np.ones(3), size=20)
    corrected = prior_corrected(p, trained=(0.2, 0.5, 0.3), expected=(0.2, 0.5, 0.3))
    np.testing.assert_allclose(corrected, p)


def test_an_object_of_which_nothing_is_known_gets_the_expected_rate() -> None:
    trained = (0.2, 0.5, 0.3)
    expected = with_planet_rate(trained, 0.9, classes=DISPOSITION.classes)
    corrected = prior_corrected(np.array([trained]), trained=trained, expected=expected)
    np.testing.assert_allclose(corrected, [expected])


def test_the_ranking_of_two_classes_stays() -> None:
    p = np.random.default_rng(0).random(100)
    after = prior_corrected(np.column_stack([1 - p, p]), trained=(0.6, 0.4), expected=(0.99, 0.01))
    np.testing.assert_array_equal(np.argsort(after[:, 1]), np.argsort(p))


def test_correcting_brings_probabilities_to_the_objects_that_are_there() -> None:
    random = np.random.default_rng(1)
    # Scores of planets and of others, whatever their rate: normal, two apart.
    rate, expected_rate, rows = 0.5, 0.05, 200_000
    planet = random.random(rows) < expected_rate
    score = random.normal(size=rows) + 2 * planet
    stated = 1 / (1 + np.exp(-(2 * score - 2)) * (1 - rate) / rate)
    corrected = prior_corrected(
        np.column_stack([1 - stated, stated]),
        trained=(1 - rate, rate),
        expected=(1 - expected_rate, expected_rate),
    )[:, 1]
    assert stated.mean() > 0.15
    assert corrected.mean() == pytest.approx(planet.mean(), abs=2e-3)
    likely = corrected > 0.5
    assert corrected[likely].mean() == pytest.approx(planet[likely].mean(), abs=0.02)


def test_other_classes_keep_their_proportion() -> None:
    assert with_planet_rate((0.2, 0.6, 0.2), 0.6, classes=DISPOSITION.classes) == pytest.approx(
        (0.1, 0.3, 0.6)
    )
    assert with_planet_rate((0.6, 0.4), 0.25, classes=VETTING.classes) == (0.75, 0.25)


def test_a_class_that_was_never_trained_on_stays_at_zero() -> None:
    corrected = prior_corrected(
        np.array([[0.0, 0.5, 0.5]]), trained=(0.0, 0.5, 0.5), expected=(0.0, 0.9, 0.1)
    )
    np.testing.assert_allclose(corrected, [[0.0, 0.9, 0.1]])


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5, float("nan")])
def test_a_rate_that_is_none_is_refused_with_what_is_allowed(rate: float) -> None:
    with pytest.raises(
        HyperparameterError,
        match=rf"^planet_rate was {rate:g}, but it must be a number between 0 and 1",
    ):
        with_planet_rate((0.6, 0.4), rate, classes=VETTING.classes)
