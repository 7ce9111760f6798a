from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from mlcore.metrics.ranking import rank
from tests.fuzz.effort import examples


@examples(short=50, full=1000)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=4, max_size=40
    )
)
def test_weighted_areas_are_scikit_learns(rows: list[tuple[int, bool, int]]) -> None:
    scores = np.array([score / 5 for score, _, _ in rows])
    positive = np.array([true for _, true, _ in rows])
    weights = np.array([float(weight) for _, _, weight in rows])
    at = rank(scores, positive).under(weights[None, :])
    if not (weights @ positive and weights @ ~positive):
        assert np.isnan(at.roc_auc()[0])
        assert np.isnan(at.average_precision()[0])
        return
    kept = weights > 0
    of_kept = {"sample_weight": weights[kept]}
    assert at.roc_auc()[0] == pytest.approx(roc_auc_score(positive[kept], scores[kept], **of_kept))
    assert at.average_precision()[0] == pytest.approx(
        average_precision_score(positive[kept], scores[kept], **of_kept)
    )


def test_a_weight_counts_a_row_as_often() -> None:
    scores, positive = np.array([0.9, 0.7, 0.5, 0.3]), np.array([True, False, True, False])
    weights = np.array([2, 1, 0, 3])
    repeated = np.repeat(np.arange(4), weights)
    weighted = rank(scores, positive).under(weights[None, :].astype(float))
    plain = rank(scores[repeated], positive[repeated]).under(np.ones((1, 6)))
    for name in ("roc_auc", "average_precision"):
        assert getattr(weighted, name)()[0] == getattr(plain, name)()[0]
    for bound in (0.6, 0.95):
        assert weighted.recall_at_precision(bound) == plain.recall_at_precision(bound)
        assert weighted.recall_at_false_positive_rate(bound) == plain.recall_at_false_positive_rate(
            bound
        )


def test_equal_scores_share_a_threshold() -> None:
    ranking = rank(np.array([0.5, 0.9, 0.5, 0.1]), np.array([True, True, False, False]))
    assert ranking.scores.tolist() == [0.9, 0.5, 0.1]
    at = ranking.under(np.ones((1, 4)))
    assert at.true.tolist() == [[1, 2, 2]]
    assert at.false.tolist() == [[0, 1, 2]]
    assert at.roc_auc()[0] == 0.875


def test_a_bound_that_is_met_exactly_is_met() -> None:
    scores = np.repeat([0.9, 0.1], [100, 3])
    positive = np.array([True] * 99 + [False, True, False, False])
    at = rank(scores, positive).under(np.ones((1, 103)))
    assert at.recall_at_precision(0.99)[0] == 0.99
    hundred = rank(np.arange(200.0), np.arange(200) < 100).under(np.ones((1, 200)))
    assert hundred.recall_at_false_positive_rate(1.0)[0] == 1.0
