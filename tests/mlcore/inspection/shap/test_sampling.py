from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.inspection.shap.sampling import AskedWalk, explain_by_sampling
from tests.mlcore.inspection.shap.brute_force import shapley_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

RANDOM = np.random.default_rng(8)
X = RANDOM.normal(size=(6, 5))
BASELINE = RANDOM.normal(size=5)
WEIGHTS = RANDOM.normal(size=(5, 7)), RANDOM.normal(size=7)


def network(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.tanh(rows @ WEIGHTS[0]) @ WEIGHTS[1]
    return result


def pairwise(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows[:, 0] * rows[:, 1] - rows[:, 2] * rows[:, 4] + rows[:, 3] ** 2


def sampled(
    output: object = network, *, pairs: int, seed: int = 0, rows: NDArray[np.float64] = X
) -> NDArray[np.float64]:
    return explain_by_sampling(
        AskedWalk(output, rows, BASELINE),  # type: ignore[arg-type]
        rows.shape,
        seed=seed,
        progress=lambda _fraction: None,
        pairs=pairs,
    )


def test_many_orders_converge_to_the_shapley_values_of_every_coalition() -> None:
    truth = shapley_values(network, X, BASELINE)
    errors = [abs(sampled(pairs=pairs) - truth).max() for pairs in (1, 30, 1000)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.01 * abs(truth).max()


def test_one_order_and_its_reverse_are_exact_where_columns_interact_in_pairs() -> None:
    np.testing.assert_allclose(
        sampled(pairwise, pairs=1), shapley_values(pairwise, X, BASELINE), atol=1e-12
    )


@pytest.mark.parametrize("pairs", [1, 5])
def test_each_row_sums_to_its_output_less_the_baselines(pairs: int) -> None:
    change = network(X) - network(BASELINE[None, :])
    np.testing.assert_allclose(sampled(pairs=pairs).sum(axis=1), change, atol=1e-12)


def test_the_same_seed_draws_the_same_orders_and_another_one_others() -> None:
    np.testing.assert_array_equal(sampled(pairs=2), sampled(pairs=2))
    assert (sampled(pairs=2) != sampled(pairs=2, seed=1)).any()


def test_a_column_that_the_output_ignores_contributes_exactly_nothing() -> None:
    contributions = sampled(lambda rows: np.tanh(rows[:, 0]) * rows[:, 1], pairs=5)
    assert (contributions[:, 2:] == 0.0).all()
    assert (contributions[:, :2] != 0.0).all()


def test_a_column_at_its_baseline_contributes_exactly_nothing() -> None:
    rows = X.copy()
    rows[:, 3] = BASELINE[3]
    assert (sampled(pairs=5, rows=rows)[:, 3] == 0.0).all()


def test_progress_follows_the_walks() -> None:
    seen: list[float] = []
    walk = AskedWalk(network, X, BASELINE)
    explain_by_sampling(walk, X.shape, seed=0, progress=seen.append, pairs=2)
    assert seen == [0.25, 0.5, 0.75, 1.0]
