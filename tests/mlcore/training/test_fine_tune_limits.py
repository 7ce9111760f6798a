"""What a published model cannot learn from a user's rows, and what it forgets by them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.calibration.methods import CalibrationMethod
from mlcore.errors import DataError
from mlcore.training.fine_tune import ROUNDS, compare_on_reference_test_set, figures_of_model
from tests.mlcore.hand_made import FITTED_MODELS
from tests.mlcore.training.fine_tuning import accuracy, published_on, trees, tuned_on

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.training.fine_tune import FineTuned
    from tests.mlcore.conftest import Trained


@pytest.mark.long
@pytest.mark.parametrize(
    "absent",
    [
        pytest.param("candidate", marks=pytest.mark.long),
        "false_positive",
        pytest.param("confirmed", marks=pytest.mark.long),
    ],
)
def test_a_users_table_may_lack_a_class(
    absent: str, model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    published = model.classifier
    training, testing = shifted
    assert training.labels is not None
    assert testing.labels is not None
    two = training.take((training.labels != absent).to_numpy())
    tuning = mlcore.fine_tune(model, two)
    tuned = tuning.model.classifier
    assert tuned.classes == published.classes
    probabilities = tuned.predict_proba(testing.features)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    known = testing.take((testing.labels != absent).to_numpy())
    assert accuracy(tuned, known) > accuracy(published, known)
    # Rows of two kinds cannot say how probable the third is.
    assert tuned.calibration == published.calibration
    assert tuning.model.conformal is None
    assert tuning.model.frequencies == model.frequencies
    assert tuning.out_of_fold.measure() is None
    note = tuning.out_of_fold.notes[-1]
    assert note == (
        "The training file has too few other stars of each disposition to calibrate on: the"
        " published model's calibration is used, and no sets of answers are given."
    )


@pytest.mark.parametrize("absent", ["candidate", "false_positive", "confirmed"])
def test_a_class_that_the_published_model_does_not_know_is_refused(
    absent: str,
    model: TrainedModel,
    kepler_tables: tuple[Table, Table],
    shifted: tuple[Table, Table],
) -> None:
    training = kepler_tables[0]
    assert training.labels is not None
    two = training.take((training.labels != absent).to_numpy())
    published = published_on(model, two, n_estimators=3)
    with pytest.raises(DataError) as refusal:
        mlcore.fine_tune(published, shifted[0])
    assert str(refusal.value) == (
        f"The training file has objects labelled {absent}, but the published model knows only"
        f" {', '.join(published.classifier.classes)}."
    )


@pytest.mark.sampled("confirmed")
@pytest.mark.parametrize("absent", ["candidate", "false_positive", "confirmed"])
def test_a_model_of_two_classes_goes_on_learning_them(
    absent: str,
    model: TrainedModel,
    kepler_tables: tuple[Table, Table],
    shifted: tuple[Table, Table],
) -> None:
    tables = [
        table.take((table.labels != absent).to_numpy())
        for table in (*kepler_tables, *shifted)
        if table.labels is not None
    ]
    published = published_on(model, tables[0], n_estimators=10)
    tuned = tuned_on(published, tables[2])
    assert len(trees(tuned)) == 10 + ROUNDS
    assert accuracy(tuned, tables[3]) > accuracy(published.classifier, tables[3])


@pytest.mark.parametrize("model_type", [name for name in FITTED_MODELS if name != "xgboost"])
def test_what_is_no_booster_of_this_kind_is_refused(
    model_type: str, trained: Trained, shifted: tuple[Table, Table]
) -> None:
    with pytest.raises(DataError, match=r"cannot be fine-tuned; only"):
        mlcore.fine_tune(trained(model_type).model, shifted[0])


@pytest.mark.long
def test_rows_without_a_label_teach_nothing(
    model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    training, testing = shifted
    frame = training.frame.copy()
    frame.loc[:199, "koi_disposition"] = None
    partly = tuned_on(model, replace(training, frame=frame))
    rest = tuned_on(model, training.take(np.arange(200, len(training))))
    np.testing.assert_array_equal(
        partly.predict_proba(testing.features), rest.predict_proba(testing.features)
    )


def test_a_table_without_a_labelled_row_is_refused(
    model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    frame = shifted[0].frame.copy()
    frame["koi_disposition"] = frame["koi_disposition"].where(frame["koi_depth"] < 0)
    with pytest.raises(DataError) as refusal:
        mlcore.fine_tune(model, replace(shifted[0], frame=frame))
    assert str(refusal.value) == (
        "The training file has no row with a disposition that the published model tells apart:"
        " candidate, false positive, confirmed."
    )
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        mlcore.fine_tune(model, replace(shifted[0], frame=frame.drop(columns="koi_disposition")))


@pytest.mark.long
def test_columns_that_a_users_table_lacks_count_as_missing(
    model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    training, testing = shifted
    lacking = replace(training, frame=training.frame.drop(columns=["koi_depth", "koi_prad"]))
    tuned = tuned_on(model, lacking)
    assert tuned.columns == model.classifier.columns
    assert np.isfinite(tuned.predict_proba(testing.features)).all()


def test_a_model_that_was_taught_the_opposite_has_forgotten_and_says_so(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    change = compare_on_reference_test_set(
        model, misled, kepler_tables[1], reference=None, split="the fixed test rows"
    )
    assert change is not None
    before, after = (side.figure("roc_auc").value for side in (change.before, change.after))
    assert before is not None
    assert after is not None
    assert after < before - 0.05
    losses = [side.figure("log_loss").value for side in (change.before, change.after)]
    errors = [
        side.figure("expected_calibration_error").value for side in (change.before, change.after)
    ]
    assert change.warning == (
        f"Fine-tuning made the model forget: on the fixed test rows its ROC-AUC fell from"
        f" {before:.3f} to {after:.3f}, and its log loss rose from {losses[0]:.3f} to"
        f" {losses[1]:.3f}, and its expected calibration error rose from {errors[0]:.3f} to"
        f" {errors[1]:.3f}. Use it for objects like those of the training file only."
    )
    content = json.loads(json.dumps(change.as_json(), allow_nan=False))
    assert content["warning"] == change.warning
    assert content["before"]["rows"] == content["after"]["rows"] == change.before.rows


def test_a_model_whose_probabilities_no_longer_hold_warns_of_these_alone(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    # So blunt, every class is nearly as likely as every other, and their order is kept.
    calibration = model.classifier.calibration
    assert calibration is not None
    blunt = replace(
        calibration, method=CalibrationMethod.TEMPERATURE, numbers={"sharpness": (0.05,)}
    )
    classifier = replace(model.classifier, calibration=blunt)
    vague = replace(misled, model=replace(model, classifier=classifier))
    change = compare_on_reference_test_set(
        model, vague, kepler_tables[1], reference=None, split="rows"
    )
    assert change is not None
    assert change.warning is not None
    assert change.warning.startswith(
        "Fine-tuning made the model forget: on rows its log loss rose from "
    )
    assert "ROC-AUC" not in change.warning


def test_the_old_domain_is_compared_on_stars_that_neither_model_was_trained_on(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    fresh = testing.take(~testing.hosts.isin(misled.model.stars).to_numpy())
    seen = testing.hosts.isin(misled.model.stars).sum()
    change = compare_on_reference_test_set(model, misled, testing, reference=None, split="rows")
    assert change is not None
    assert change.before.rows == len(fresh) == len(testing) - seen
    known = kepler_tables[0].take(range(50))
    assert compare_on_reference_test_set(model, misled, known, reference=None, split="rows") is None
    everything = replace(misled, model=replace(misled.model, stars=frozenset(testing.hosts)))
    assert (
        compare_on_reference_test_set(model, everything, testing, reference=None, split="rows")
        is None
    )


def test_a_model_is_measured_only_where_the_truth_is_known(
    model: TrainedModel, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    measured = figures_of_model(model, testing, reference=None, split="these rows")
    assert measured is not None
    assert (measured.rows, measured.split) == (len(testing), "these rows")
    unlabelled = replace(testing, frame=testing.frame.drop(columns="koi_disposition"))
    assert figures_of_model(model, unlabelled, reference=None, split="rows") is None
    unknown = testing.frame.assign(koi_disposition=pd.Series([None] * len(testing), dtype="str"))
    undecided = replace(testing, frame=unknown)
    assert figures_of_model(model, undecided, reference=None, split="rows") is None
