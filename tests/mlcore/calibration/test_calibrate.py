from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax

import mlcore
from mlcore.calibration.calibrate import (
    Calibration,
    CalibrationMethod,
    calibrate,
    calibrated,
    cross_calibrated,
)
from mlcore.calibration.methods import MAPS
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.metrics import measure
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.tasks import DISPOSITION, TASKS, VETTING
from tests.mlcore.calibration.real_stars import ON_REAL_STARS
from tests.mlcore.hand_made import default_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.tasks import Task

EVERY_METHOD = pytest.mark.parametrize("method", CalibrationMethod)
EVERY_TASK = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))


def two_classes(
    true_odds: Callable[[NDArray[np.float64]], NDArray[np.float64]], rows: int = 4000
) -> tuple[NDArray[np.float64], pd.Series[str], pd.Series[str], NDArray[np.float64]]:
    """Return stated probabilities, labels, stars and the true probabilities of a planet."""
    random = np.random.default_rng(0)
    odds = 2 * random.normal(size=rows)
    true = expit(true_odds(odds))
    labels = np.where(random.random(rows) < true, "confirmed", "false_positive")
    hosts = [f"star {i // 2}" for i in range(rows)]
    stated = np.column_stack([expit(-odds), expit(odds)])
    return stated, pd.Series(labels, dtype="str"), pd.Series(hosts, dtype="str"), true


def three_classes(
    sharpness: float, rows: int = 3000
) -> tuple[NDArray[np.float64], pd.Series[str], pd.Series[str]]:
    random = np.random.default_rng(0)
    scores = 1.5 * random.normal(size=(rows, 3))
    true = softmax(sharpness * scores, axis=1)
    drawn = (true.cumsum(axis=1) > random.random((rows, 1))).argmax(axis=1)
    labels = [str(DISPOSITION.classes[i]) for i in drawn]
    hosts = [f"star {i}" for i in range(rows)]
    return softmax(scores, axis=1), pd.Series(labels, dtype="str"), pd.Series(hosts, dtype="str")


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 2.0])
def test_a_temperature_finds_how_sharp_scores_should_be(sharpness: float) -> None:
    calibration = calibrate(*three_classes(sharpness), task=DISPOSITION)
    assert calibration.method is CalibrationMethod.TEMPERATURE
    assert calibration.numbers["sharpness"][0] == pytest.approx(sharpness, rel=0.06)


def test_a_temperature_keeps_the_most_probable_class() -> None:
    stated, labels, hosts = three_classes(0.3)
    probabilities = calibrate(stated, labels, hosts, task=DISPOSITION).apply(stated)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), stated.argmax(axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_a_sigmoid_finds_factor_and_offset() -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: 0.5 * odds - 1)
    calibration = calibrate(stated, labels, hosts, task=VETTING, method=CalibrationMethod.SIGMOID)
    assert calibration.numbers["sharpness"][0] == pytest.approx(0.5, abs=0.06)
    assert calibration.numbers["offset"][0] == pytest.approx(-1, abs=0.1)


@EVERY_METHOD
def test_every_method_keeps_the_ranking_of_two_classes(method: CalibrationMethod) -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: 0.5 * odds - 1)
    calibration = calibrate(stated, labels, hosts, task=VETTING, method=method)
    grid = np.linspace(0, 1, 2001)
    planet = calibration.apply(np.column_stack([1 - grid, grid]))[:, 1]
    assert (np.diff(planet) > 0).all()
    assert 0 < planet[0] < planet[-1] < 1


@EVERY_METHOD
def test_every_method_rises_even_on_scores_that_are_upside_down(method: CalibrationMethod) -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: -odds)
    calibration = calibrate(stated, labels, hosts, task=VETTING, method=method)
    planet = calibration.apply(stated)[:, 1]
    assert (np.diff(planet[np.argsort(stated[:, 1])]) >= 0).all()


def test_the_method_with_the_fewest_numbers_that_serves_is_chosen() -> None:
    shapes = {
        CalibrationMethod.TEMPERATURE: lambda odds: 0.5 * odds,
        CalibrationMethod.SIGMOID: lambda odds: odds - 2,
        CalibrationMethod.ISOTONIC: lambda odds: np.where(odds > 0, 3.0, -0.5),
    }
    for method, shape in shapes.items():
        stated, labels, hosts, _ = two_classes(shape)
        assert calibrate(stated, labels, hosts, task=VETTING).method is method


def test_few_rows_are_never_calibrated_by_steps() -> None:
    def shape(odds: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(odds > 0, 3.0, -0.5)

    stated, labels, hosts, _ = two_classes(shape, rows=MAPS[CalibrationMethod.ISOTONIC].fewest_rows)
    assert calibrate(stated, labels, hosts, task=VETTING).method is CalibrationMethod.ISOTONIC
    fewer = calibrate(stated[1:], labels[1:], hosts[1:], task=VETTING)
    assert fewer.method is not CalibrationMethod.ISOTONIC


@EVERY_METHOD
def test_calibrated_probabilities_are_close_to_the_true_ones(method: CalibrationMethod) -> None:
    stated, labels, hosts, true = two_classes(lambda odds: 0.5 * odds)
    fitted = calibrate(stated, labels, hosts, task=VETTING, method=method)
    off = np.abs(fitted.apply(stated)[:, 1] - true).mean()
    assert off < 0.03
    assert off < np.abs(stated[:, 1] - true).mean() / 3
    assert fitted.log_loss_after < fitted.log_loss_before
    for name in ("log_loss_before", "log_loss_after"):
        low, high = (getattr(fitted, f"{name}_{end}") for end in ("low", "high"))
        assert low < getattr(fitted, name) < high
    kept = Calibration.from_json(fitted.as_json())
    assert kept == fitted
    # One that was saved before intervals were kept says that it has none.
    older = {
        name: entry for name, entry in fitted.as_json().items() if name[-4:] not in {"_low", "high"}
    }
    figures = Calibration.from_json(older).as_figures("a mark")
    assert figures["log_loss_after_low"] is None
    assert figures["note"] == "There is no interval: it was not kept with the model."
    assert figures["split"].endswith("; a mark")


@EVERY_METHOD
def test_the_certain_scores_of_a_forest_become_finite(method: CalibrationMethod) -> None:
    random = np.random.default_rng(0)
    planet = random.integers(0, 11, size=2000) / 10
    labels = pd.Series(
        np.where(random.random(2000) < 0.1 + 0.8 * planet, "confirmed", "false_positive"),
        dtype="str",
    )
    hosts = pd.Series([f"star {i}" for i in range(2000)], dtype="str")
    stated = np.column_stack([1 - planet, planet])
    probabilities = calibrate(stated, labels, hosts, task=VETTING, method=method).apply(stated)
    assert np.isfinite(np.log(probabilities)).all()
    assert probabilities[planet == 1, 1].max() < 0.98


def test_rows_that_the_task_does_not_tell_apart_are_left_out() -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: 0.5 * odds)
    more = pd.concat([labels, pd.Series(["candidate", None] * 50, dtype="str")], ignore_index=True)
    more_hosts = pd.concat([hosts, pd.Series(["x"] * 100, dtype="str")], ignore_index=True)
    padded = np.concatenate([stated, np.full((100, 2), 0.5)])
    assert calibrate(padded, more, more_hosts, task=VETTING) == calibrate(
        stated, labels, hosts, task=VETTING
    )


@EVERY_METHOD
def test_a_calibration_is_saved_as_json_and_read_back(method: CalibrationMethod) -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: 0.5 * odds)
    calibration = calibrate(stated, labels, hosts, task=VETTING, method=method)
    saved = json.loads(json.dumps(calibration.as_json(), allow_nan=False))
    again = Calibration.from_json(saved)
    assert again == calibration
    np.testing.assert_array_equal(again.apply(stated), calibration.apply(stated))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "magic"},
        {"numbers": {}},
        {"numbers": {"sharpness": [float("inf")]}},
        {"numbers": None},
        {"frequencies": [1.0]},
        {"classes": ["planet", "star"]},
        {"rows": "many"},
    ],
)
def test_a_damaged_calibration_is_refused(change: dict[str, object]) -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: 0.5 * odds)
    saved = calibrate(
        stated, labels, hosts, task=VETTING, method=CalibrationMethod.TEMPERATURE
    ).as_json()
    with pytest.raises(ArtifactError, match=r"^The saved calibration is damaged\.$"):
        Calibration.from_json(saved | change)


def test_a_method_that_does_not_serve_three_classes_is_refused() -> None:
    with pytest.raises(
        HyperparameterError,
        match=r"^calibration was isotonic, but for the task disposition it must be one of"
        r" temperature\.$",
    ):
        calibrate(*three_classes(1.0), task=DISPOSITION, method=CalibrationMethod.ISOTONIC)


def test_rows_without_a_disposition_cannot_be_calibrated_on() -> None:
    nothing = pd.Series([None, "candidate"], dtype="str")
    with pytest.raises(DataError, match="No row has a disposition"):
        calibrate(np.full((2, 2), 0.5), nothing, pd.Series(["a", "b"], dtype="str"), task=VETTING)


def test_it_keeps_the_training_rows_rate_of_planets() -> None:
    stated, labels, hosts, _ = two_classes(lambda odds: odds - 2)
    calibration = calibrate(stated, labels, hosts, task=VETTING)
    share = (labels == "confirmed").mean()
    assert calibration.frequencies == pytest.approx((1 - share, share))


@pytest.mark.sampled("k2-vetting", "tess-triage")
@ON_REAL_STARS
def test_an_overconfident_model_becomes_honest_on_real_stars_that_it_did_not_see(
    mission: str, task: Task, whole_table: Callable[[str], Table]
) -> None:
    training, testing = mlcore.split(whole_table(mission))
    labels = training.labels
    assert labels is not None
    assert testing.labels is not None
    tree = MODELS["decision_tree"]
    values, _ = tree.read_hyperparameters({"min_samples_leaf": 4})
    fit = Recipe(tree, values, task).fit
    rows = default_rows(training).take(task.decided(labels))
    before, after = (
        measure(
            testing.labels,
            task.probabilities(fitter(rows, 0).predict_proba(testing.features)),
            testing.hosts,
            task=task,
            split="held out",
            resamples=0,
        )
        for fitter in (fit, calibrated(fit, task=task))
    )
    for name in ("log_loss", "brier", "expected_calibration_error"):
        figures = before.figure(name).value, after.figure(name).value
        assert figures[0] is not None
        assert figures[1] is not None
        assert figures[1] < figures[0], name
    if len(task.classes) == 3:
        assert after.figure("accuracy") == before.figure("accuracy")


@pytest.mark.parametrize("method", CalibrationMethod)
def test_the_scores_of_a_fold_are_calibrated_by_what_the_other_folds_teach(
    method: CalibrationMethod,
) -> None:
    random = np.random.default_rng(3)
    planet = random.uniform(0.05, 0.95, 600)
    scores = np.column_stack([1 - planet, planet])
    true = np.where(random.random(600) < planet**2, "confirmed", "false_positive")
    fold = np.arange(600) % 3
    here = fold == 1
    swapped = np.where(true == "confirmed", "false_positive", "confirmed")
    first, again = (
        cross_calibrated(scores, pd.Series(labels), fold, task=VETTING, method=method)
        for labels in (true, np.where(here, swapped, true))
    )
    # Other labels of its own rows change nothing in a fold, and much in the others.
    np.testing.assert_array_equal(first[here], again[here])
    assert np.abs(first[~here] - again[~here]).max() > 0.05
    np.testing.assert_allclose(first.sum(axis=1), 1.0)
    apply = MAPS[method].apply
    numbers = MAPS[method].fit(scores[~here], VETTING.targets(list(true[~here])))
    np.testing.assert_array_equal(first[here], apply(numbers, scores[here]))
