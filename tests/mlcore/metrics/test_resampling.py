from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.metrics import resampling
from mlcore.metrics.resampling import StarResamples, intervals

if TYPE_CHECKING:
    import pytest


def test_rows_of_a_star_have_its_number() -> None:
    resamples = StarResamples(["b", "a", "b", "c"], seed=0)
    assert (resamples.codes.tolist(), resamples.stars) == ([0, 1, 0, 2], 3)


def test_each_resample_draws_as_many_stars_as_there_are_and_whole_stars() -> None:
    codes = np.array([0, 0, 1, 2, 2, 2])
    weights = np.concatenate(list(StarResamples(codes, resamples=100, seed=0).weights()))
    assert weights.shape == (100, 6)
    of_star = weights[:, [0, 2, 3]]
    np.testing.assert_array_equal(of_star.sum(axis=1), np.full(100, 3.0))
    np.testing.assert_array_equal(weights, of_star[:, codes])
    assert (of_star.mean(axis=0) > 0.7).all()


def test_resamples_of_many_rows_come_in_parts_and_are_complete() -> None:
    codes = np.arange(30_000)
    parts = list(StarResamples(codes, resamples=80, seed=0).weights())
    assert [len(part) for part in parts] == [33, 33, 14]
    assert all((part.sum(axis=1) == len(codes)).all() for part in parts)


def test_the_draws_are_the_same_whether_they_are_shared_or_made_for_one_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = np.arange(30_000) % 17_001
    shared = np.concatenate(list(StarResamples(codes, resamples=70, seed=3).weights()))
    monkeypatch.setattr(resampling, "_MOST_KEPT", 0)
    alone = np.concatenate(list(StarResamples(codes, resamples=70, seed=3).weights()))
    np.testing.assert_array_equal(shared, alone)


def test_figures_of_as_many_stars_are_drawn_once() -> None:
    resampling._often.cache_clear()
    for hosts in (["a", "b", "b", "c"], ["d", "e", "f"]):
        StarResamples(hosts, resamples=9, seed=5).means(np.zeros((len(hosts), 1)))
    assert resampling._often.cache_info().misses == 1


def test_the_interval_is_the_middle_of_the_resamples() -> None:
    replicates = np.arange(1001.0)[:, None]
    low, high = intervals(np.array([500.0]), replicates)
    np.testing.assert_allclose([low[0], high[0]], [25.0, 975.0])


def test_a_figure_that_noise_raises_has_its_resamples_reflected() -> None:
    replicates = np.linspace(0.3, 0.5, 1001)[:, None]
    low, high = intervals(np.array([0.35]), replicates, reflected=np.array([True]))
    np.testing.assert_allclose([low[0], high[0]], [0.7 - 0.495, 0.7 - 0.305])


def test_a_reflected_interval_is_never_negative_and_reaches_the_figure() -> None:
    replicates = np.linspace(0.02, 0.05, 1001)[:, None]
    low, high = intervals(np.array([0.01]), replicates, reflected=np.array([True]))
    assert (low[0], high[0]) == (0.0, 0.01)


def test_undefined_figures_and_rarely_defined_resamples_have_no_interval() -> None:
    replicates = np.ones((100, 3))
    replicates[:11, 1] = np.nan
    replicates[:10, 2] = np.nan
    low, high = intervals(np.array([np.nan, 1.0, 1.0]), replicates)
    np.testing.assert_array_equal(low, [np.nan, np.nan, 1.0])
    np.testing.assert_array_equal(high, [np.nan, np.nan, 1.0])
