from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, precision_recall_curve, roc_auc_score, roc_curve

from mlcore.metrics import Curves, curves
from mlcore.metrics.curves import MOST_POINTS
from mlcore.metrics.resampling import StarResamples
from mlcore.tasks import DISPOSITION, PLANET, VETTING

F, P = "false_positive", "confirmed"


def drawn(true: np.ndarray, planet: np.ndarray, resamples: int = 50) -> Curves:
    return curves(
        np.where(true, P, F).tolist(),
        np.column_stack([1 - planet, planet]),
        [f"star {i // 2}" for i in range(len(true))],
        task=VETTING,
        split="these rows",
        resamples=resamples,
    )


def sample(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    planet = random.random(rows)
    return random.random(rows) < planet, planet


def test_a_short_curve_is_scikit_learns() -> None:
    true, planet = sample(60)
    charts = drawn(true, planet)
    (roc,), (precision_recall,) = charts.roc, charts.precision_recall
    false, recall, threshold = roc_curve(true, planet, drop_intermediate=False)
    np.testing.assert_allclose(roc.x, false)
    np.testing.assert_allclose(roc.y, recall)
    assert roc.threshold[0] is None
    np.testing.assert_allclose(roc.threshold[1:], threshold[1:])
    precision, recall, threshold = precision_recall_curve(true, planet)
    # scikit-learn goes up the thresholds and ends with a point that no threshold has.
    np.testing.assert_allclose(precision_recall.x, recall[-2::-1])
    np.testing.assert_allclose(precision_recall.y, precision[-2::-1])
    np.testing.assert_allclose(precision_recall.threshold, threshold[::-1])


def test_a_long_curve_is_thinned_and_keeps_its_ends_and_area() -> None:
    true, planet = sample(5000)
    charts = drawn(true, planet)
    for curve in (*charts.roc, *charts.precision_recall):
        assert MOST_POINTS // 2 < len(curve.x) <= MOST_POINTS
        assert len(curve.x) == len(curve.y) == len(curve.threshold)
    (roc,) = charts.roc
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)
    assert auc(roc.x, roc.y) == pytest.approx(roc_auc_score(true, planet), abs=1e-3)
    assert charts.precision_recall[0].x[-1] == 1.0


def test_the_interval_of_a_curve_is_that_of_its_figures_in_the_resamples() -> None:
    true, planet = sample(400)
    charts = drawn(true, planet, resamples=200)
    hosts = np.array([i // 2 for i in range(400)])
    (roc,), (precise,) = charts.roc, charts.precision_recall
    place = len(roc.x) // 3
    recalls = []
    for weights in StarResamples(hosts, resamples=200, seed=0).weights():
        for draw in weights:
            false, recall, _ = roc_curve(true, planet, sample_weight=draw, drop_intermediate=False)
            recalls.append(recall[false <= roc.x[place] + 1e-9].max())
    low, high = np.quantile(recalls, (0.025, 0.975))
    assert (roc.low[place], roc.high[place]) == pytest.approx((low, high))
    for curve in (roc, precise):
        for y, low, high in zip(curve.y, curve.low, curve.high, strict=True):
            assert low is None or low <= y <= high
    assert roc.note is None
    certain = np.array([[0.2, 0.8], [0.7, 0.3]])
    one = curves([P, F], certain, ["a", "a"], task=VETTING, split="these rows")
    assert set(one.roc[0].low) == {None}
    assert one.roc[0].note.startswith("A point has no interval")


def test_reliability_is_scikit_learns_and_counts_rows_and_stars() -> None:
    true, planet = sample(800)
    bins = drawn(true, planet).reliability
    observed, stated = calibration_curve(true, planet, n_bins=10)
    np.testing.assert_allclose([bucket.observed for bucket in bins], observed)
    np.testing.assert_allclose([bucket.stated for bucket in bins], stated)
    assert sum(bucket.rows for bucket in bins) == 800
    for bucket in bins:
        assert bucket.of is PLANET
        assert bucket.begin <= bucket.stated < bucket.end
        assert 0 < bucket.stars <= bucket.rows
        assert bucket.low is not None
        assert bucket.high is not None
        assert 0 <= bucket.low <= bucket.observed <= bucket.high <= 1


def test_a_certain_probability_is_in_the_last_bin() -> None:
    bins = drawn(np.array([True, False]), np.array([1.0, 0.95])).reliability
    assert [(bucket.begin, bucket.rows, bucket.observed) for bucket in bins] == [(0.9, 2, 0.5)]


def test_three_classes_have_a_curve_each_and_two_have_that_of_planets() -> None:
    random = np.random.default_rng(0)
    charts = curves(
        [str(DISPOSITION.classes[i]) for i in random.integers(3, size=90)],
        random.dirichlet(np.ones(3), size=90),
        [f"star {i}" for i in range(90)],
        task=DISPOSITION,
        split="these rows",
        resamples=20,
    )
    assert tuple(curve.of for curve in charts.roc) == DISPOSITION.classes
    assert tuple(curve.of for curve in charts.precision_recall) == DISPOSITION.classes
    assert {curve.of for curve in charts.reliability} == set(DISPOSITION.classes)
    assert [curve.of for curve in drawn(*sample(50)).roc] == [PLANET]


def test_one_class_alone_has_reliability_and_no_roc() -> None:
    charts = drawn(np.array([True, True, True]), np.array([0.2, 0.4, 0.6]))
    assert (charts.roc, charts.precision_recall) == ((), ())
    assert len(charts.reliability) == 3


def test_without_labels_there_are_no_curves() -> None:
    charts = curves([None], np.array([[0.5, 0.5]]), ["a"], task=VETTING, split="these rows")
    assert (charts.rows, charts.stars, charts.split) == (0, 0, "these rows")
    assert (charts.roc, charts.precision_recall, charts.reliability) == ((), (), ())


def test_curves_are_strict_json() -> None:
    content = drawn(*sample(300)).as_json()
    assert json.loads(json.dumps(content, allow_nan=False))["roc"][0]["of"] == "confirmed"
