from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.benchmark.transferred import estimated_frequencies, likeness_weights


def test_rows_that_look_like_the_target_weigh_more() -> None:
    generator = np.random.default_rng(0)
    source = pd.DataFrame({"x": generator.normal(0, 2, 1000)})
    target = pd.DataFrame({"x": generator.normal(2, 1, 1000)})
    weights = likeness_weights(source, target)
    assert weights.mean() == pytest.approx(1.0)
    near = (source["x"] > 1) & (source["x"] < 3)
    assert weights[near].mean() > 2 * weights[source["x"] < 0].mean()


def test_with_power_zero_all_rows_weigh_the_same() -> None:
    source = pd.DataFrame({"x": np.arange(100.0)})
    assert likeness_weights(source, source + 50, power=0.0) == pytest.approx(1.0)


def test_the_frequency_of_a_class_is_found_without_a_label() -> None:
    generator = np.random.default_rng(1)
    true = generator.random(20000) < 0.8
    score = generator.normal(np.where(true, 1.0, -1.0))
    # Bayes' rule for these two bells at equal frequencies.
    stated = 1 / (1 + np.exp(-2 * score))
    frequencies = estimated_frequencies(np.column_stack([1 - stated, stated]), (0.5, 0.5))
    assert frequencies == pytest.approx((0.2, 0.8), abs=0.02)
    assert sum(frequencies) == pytest.approx(1.0)
