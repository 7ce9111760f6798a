from __future__ import annotations

import time

import pytest

from mlcore.automl.clock import Clock
from mlcore.automl.proposals import Proposal
from mlcore.models import MODELS


def clock(seconds: float = 100.0, rows: int = 1000) -> Clock:
    return Clock(began=time.monotonic(), seconds=seconds, rows=rows, columns=10, folds=5, classes=2)


def proposal(name: str, **sent: object) -> Proposal:
    kind = MODELS[name]
    return Proposal(model_type=kind, values=kind.read_hyperparameters(sent)[0])


def test_nothing_is_expected_before_anything_was_measured() -> None:
    assert clock().expected(proposal("svm")) is None


def test_a_model_type_is_expected_to_take_as_long_as_it_did() -> None:
    running, forest = clock(), proposal("random_forest")
    running.learn(forest, 40.0)
    assert running.expected(forest) == pytest.approx(40.0)
    doubled = proposal("random_forest", n_estimators=200)
    expected = running.expected(doubled)
    assert expected is not None
    assert 60.0 < expected < 80.0


def test_one_slow_model_type_condemns_no_other() -> None:
    running, other = clock(), proposal("xgboost")
    running.learn(proposal("svm"), 90.0)
    assert running.expected(other) == pytest.approx(3 * running.declared(other))
    quick = clock()
    quick.learn(proposal("svm"), 0.0001)
    assert quick.expected(other) == pytest.approx(quick.declared(other) / 3)


def test_a_trial_may_promise_less_than_it_may_take_and_neither_more_than_is_left() -> None:
    running = clock()
    assert running.promised == pytest.approx(25.0)
    assert running.until(is_first=False) - time.monotonic() == pytest.approx(40.0, abs=0.5)
    assert running.until(is_first=True) == running.deadline
    late = clock()
    late.began -= 90.0
    assert late.promised == pytest.approx(late.left, abs=0.1)
    assert late.until(is_first=False) == late.deadline


def test_some_of_the_budget_is_kept_for_the_weights() -> None:
    assert 1.0 < clock(rows=40_000).seconds - clock(rows=40_000).left < 3.0
    # But never so much that nothing is left to fit with.
    assert clock(seconds=4.0, rows=10**7).left == pytest.approx(3.0, abs=0.1)
