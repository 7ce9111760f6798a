from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.metrics import log_loss

from mlcore.models.stack_weights import MOST_MEMBERS, choose_weights, cross_fitted, learn_weights


def two_classes(log_odds: np.ndarray) -> np.ndarray:
    return np.stack([-log_odds, log_odds], axis=1)


def drawn(scores: np.ndarray, seed: int = 0) -> np.ndarray:
    """Draw a true class for each row by the probabilities that scores stand for."""
    random = np.random.default_rng(seed)
    cumulated = softmax(scores, axis=1).cumsum(axis=1)
    return (random.uniform(size=(len(scores), 1)) > cumulated).sum(axis=1)


def test_a_member_that_is_twice_too_sure_gets_half_the_weight() -> None:
    random = np.random.default_rng(1)
    log_odds = random.normal(0, 2, 20_000)
    target = (random.uniform(size=20_000) < expit(log_odds)).astype(int)
    learnt = learn_weights([two_classes(2 * log_odds + 3)], target)
    assert learnt.weights == pytest.approx([0.5], abs=0.02)
    assert learnt.intercepts == pytest.approx([-1.5], abs=0.08)
    assert learnt.shares == (1.0,)


def test_probabilities_of_two_members_are_weighed_as_log_odds_are() -> None:
    random = np.random.default_rng(2)
    votes = random.uniform(size=(20_000, 1)) * [1.0, -1.0] + [0.0, 1.0]
    target = (random.uniform(size=20_000) < expit(6 * votes[:, 1] - 2)).astype(int)
    learnt = learn_weights([votes], target)
    assert learnt.weights == pytest.approx([6.0], abs=0.2)
    assert learnt.intercepts == pytest.approx([-2.0], abs=0.15)


def test_three_classes_get_an_intercept_each() -> None:
    scores = np.random.default_rng(3).normal(0, 2, (20_000, 3))
    target = drawn(scores)
    learnt = learn_weights([scores / 3 + [0.0, 1.0, 2.0]], target)
    assert learnt.weights == pytest.approx([3.0], abs=0.1)
    assert learnt.intercepts == pytest.approx([3.0, 0.0, -3.0], abs=0.15)
    assert sum(learnt.intercepts) == pytest.approx(0.0)


def test_probabilities_sum_to_one_and_follow_the_scores() -> None:
    scores = np.random.default_rng(4).normal(0, 2, (500, 3))
    learnt = learn_weights([scores], drawn(scores))
    probabilities = learnt.probabilities([scores])
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(500))
    assert probabilities == pytest.approx(softmax(learnt.scores([scores]), axis=1))
    pair = learn_weights([scores[:, :2]], drawn(scores[:, :2]))
    assert pair.scores([scores[:, :2]]).shape == (500,)
    assert logit(pair.probabilities([scores[:, :2]])[:, 1]) == pytest.approx(
        pair.scores([scores[:, :2]])
    )


def test_a_weight_is_never_negative() -> None:
    scores = np.random.default_rng(5).normal(0, 2, (2000, 3))
    learnt = learn_weights([scores, -scores], drawn(scores))
    assert learnt.weights[0] > 0.5
    assert learnt.weights[1] == 0.0


def test_members_without_news_are_dropped() -> None:
    random = np.random.default_rng(6)
    scores = random.normal(0, 2, (5000, 3))
    learnt = choose_weights(
        [scores, random.normal(size=(5000, 3)), np.zeros((5000, 3))], drawn(scores)
    )
    assert learnt.weights[0] == pytest.approx(1.0, abs=0.05)
    assert learnt.weights[1:] == (0.0, 0.0)
    assert learnt.shares == (1.0, 0.0, 0.0)


def test_two_halves_of_the_truth_are_worth_more_than_either() -> None:
    random = np.random.default_rng(7)
    halves = [random.normal(0, 1.5, (5000, 3)) for _ in range(2)]
    target = drawn(halves[0] + halves[1])
    fold = random.integers(0, 5, 5000)
    both = log_loss(target, cross_fitted(halves, target, fold))
    assert both < min(log_loss(target, cross_fitted([half], target, fold)) for half in halves)


def test_no_more_members_have_a_weight_than_may() -> None:
    random = np.random.default_rng(8)
    parts = [random.normal(0, 0.8, (4000, 3)) for _ in range(9)]
    target = drawn(np.sum(parts, axis=0))
    for most in (MOST_MEMBERS, 2):
        learnt = choose_weights(parts, target, most=most)
        assert sum(weight > 0 for weight in learnt.weights) == most
        assert sum(learnt.shares) == pytest.approx(1.0)


@pytest.mark.parametrize("classes", [2, 3])
def test_where_nothing_helps_the_classes_frequencies_are_left(classes: int) -> None:
    outputs = [np.zeros((300, classes)), np.zeros((300, classes))]
    target = np.repeat([0, 1, min(2, classes - 1)], [60, 90, 150])
    learnt = choose_weights(outputs, target)
    assert learnt.weights == (0.0, 0.0)
    assert learnt.probabilities(outputs)[0] == pytest.approx(np.bincount(target) / 300, abs=0.01)


def test_outputs_that_tell_the_classes_apart_perfectly_get_finite_weights() -> None:
    target = np.repeat([0, 1], 50)
    learnt = learn_weights([two_classes(np.where(target == 1, 40.0, -40.0))], target)
    assert np.isfinite(learnt.weights).all()
    assert (
        learnt.probabilities([two_classes(np.array([-40.0, 40.0]))]).argmax(axis=1) == [0, 1]
    ).all()


def test_what_a_fold_is_told_does_not_depend_on_its_own_labels() -> None:
    scores = np.random.default_rng(9).normal(0, 2, (1000, 3))
    target, fold = drawn(scores), np.arange(1000) % 5
    wrong = np.where(fold == 2, (target + 1) % 3, target)
    assert (
        cross_fitted([scores], target, fold)[fold == 2]
        == cross_fitted([scores], wrong, fold)[fold == 2]
    ).all()
