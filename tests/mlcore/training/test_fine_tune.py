from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.calibration.methods import CalibrationMethod
from mlcore.errors import DataError
from mlcore.inspection import explain_rows
from mlcore.models.classifier import CLASSES
from mlcore.tasks import DISPOSITION
from mlcore.training.fine_tune import ROUNDS, compare_on_reference_test_set, figures_of_model
from tests.mlcore.hand_made import FITTED_MODELS, fitted_on

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Trained

    from mlcore.datasets import Table
    from mlcore.models import Classifier
    from mlcore.models.trained_model import TrainedModel
    from mlcore.training.fine_tune import FineTuned

PUBLISHED_ROUNDS = 20
SHIFTED = ("koi_depth", "koi_prad", "koi_model_snr", "koi_duration", "koi_period")


def trees(classifier: Classifier) -> list[dict[str, Any]]:
    raw = json.loads(classifier.estimator.get_booster().save_raw("json"))
    found: list[dict[str, Any]] = raw["learner"]["gradient_booster"]["model"]["trees"]
    return found


def largest_leaf(tree: dict[str, Any]) -> float:
    leaves = np.array(tree["left_children"]) < 0
    return float(abs(np.array(tree["split_conditions"])[leaves]).max())


def accuracy(classifier: Classifier, table: Table) -> float:
    assert table.labels is not None
    best = np.array(CLASSES)[classifier.uncalibrated(table.features).argmax(axis=1)]
    return float((best == table.labels.to_numpy()).mean())


def published_on(model: TrainedModel, training: Table, **sent: object) -> TrainedModel:
    """Return a model of other rows or settings, as it would have been published."""
    assert training.labels is not None
    classifier = fitted_on("xgboost", training, seed=7, **sent)
    task = DISPOSITION.among(training.labels)
    return replace(model, classifier=replace(classifier, task=task), conformal=None)


def tuned_on(model: TrainedModel, table: Table) -> Classifier:
    return mlcore.fine_tune(model, table).model.classifier


@pytest.fixture(scope="module")
def model(trained: Trained) -> TrainedModel:
    return trained("xgboost").model


@pytest.fixture(scope="module")
def published(model: TrainedModel) -> Classifier:
    return model.classifier


@pytest.fixture(scope="module")
def shifted(kepler_table: Table) -> tuple[Table, Table]:
    """Return a user's tables whose instrument measures some columns ten times too large."""
    own = mlcore.split(kepler_table, salt="a user's stars")[1].take(range(500))
    frame = own.frame.assign(**{name: own.frame[name] * 10 for name in SHIFTED})
    return mlcore.split(replace(own, frame=frame), salt="a user's test")


@pytest.fixture(scope="module")
def fine_tuned(model: TrainedModel, shifted: tuple[Table, Table]) -> FineTuned:
    return mlcore.fine_tune(model, shifted[0])


@pytest.fixture(scope="module")
def tuned(fine_tuned: FineTuned) -> Classifier:
    return fine_tuned.model.classifier


def test_the_published_trees_stay_and_new_ones_are_added(
    published: Classifier, tuned: Classifier
) -> None:
    before, after = trees(published), trees(tuned)
    assert len(before) == PUBLISHED_ROUNDS * 3
    assert len(after) == len(before) + ROUNDS * 3
    assert after[: len(before)] == before


def test_without_its_new_trees_a_tuned_model_predicts_as_the_published_one(
    published: Classifier, tuned: Classifier, shifted: tuple[Table, Table]
) -> None:
    X = tuned.prepare(shifted[1].features)
    np.testing.assert_array_equal(
        tuned.estimator.predict_proba(X, iteration_range=(0, PUBLISHED_ROUNDS)),
        published.estimator.predict_proba(X),
    )
    assert (tuned.estimator.predict_proba(X) != published.estimator.predict_proba(X)).any()


def test_fine_tuning_improves_the_model_on_the_users_own_kind_of_rows(
    published: Classifier, tuned: Classifier, shifted: tuple[Table, Table]
) -> None:
    assert accuracy(tuned, shifted[1]) > accuracy(published, shifted[1]) + 0.05


def test_the_published_model_is_unchanged(
    model: TrainedModel, published: Classifier, shifted: tuple[Table, Table]
) -> None:
    before = trees(published)
    probabilities = published.predict_proba(shifted[1].features)
    params = published.estimator.get_params()
    tuned = mlcore.fine_tune(model, shifted[0]).model
    assert tuned is not model
    assert tuned.classifier is not published
    assert model.classifier is published
    assert trees(published) == before
    assert published.estimator.get_params() == params
    np.testing.assert_array_equal(published.predict_proba(shifted[1].features), probabilities)


def test_fine_tuning_is_the_same_every_time(
    model: TrainedModel, fine_tuned: FineTuned, shifted: tuple[Table, Table]
) -> None:
    again = mlcore.fine_tune(model, shifted[0])
    np.testing.assert_array_equal(
        again.model.classifier.predict_proba(shifted[1].features),
        fine_tuned.model.classifier.predict_proba(shifted[1].features),
    )
    assert again.out_of_fold.calibration == fine_tuned.out_of_fold.calibration
    assert again.model.conformal == fine_tuned.model.conformal


def test_a_tuned_model_is_calibrated_on_the_users_own_stars(
    model: TrainedModel, fine_tuned: FineTuned, shifted: tuple[Table, Table]
) -> None:
    training = shifted[0]
    fresh = ~training.hosts.isin(model.stars)
    assert 0 < (~fresh).sum() < fresh.sum()
    calibration = fine_tuned.out_of_fold.calibration
    assert calibration is not None
    assert fine_tuned.model.classifier.calibration is calibration
    assert calibration.rows == fresh.sum()
    assert calibration.stars == training.hosts[fresh].nunique()
    assert fine_tuned.out_of_fold.notes == (
        (
            f"{(~fresh).sum()} of the {len(training)} training rows belong to host stars that the"
            " published model was trained on, so that neither calibration nor cross-validation"
            " counts them."
        ),
    )
    assert fine_tuned.model.conformal is not None
    assert sum(map(len, fine_tuned.model.conformal.scores)) == fresh.sum()
    assert fine_tuned.model.conformal != model.conformal
    result = fine_tuned.out_of_fold.result
    assert result is not None
    assert result.measurement.rows == fresh.sum()
    assert result.measurement.split.startswith("5-fold cross-validation by host star")


def test_stars_that_the_published_model_knows_alone_calibrate_nothing(
    model: TrainedModel, kepler_tables: tuple[Table, Table]
) -> None:
    known = kepler_tables[0].take(range(120))
    found = mlcore.fine_tune(model, known)
    assert (
        found.out_of_fold.calibration is found.out_of_fold.result is found.model.conformal is None
    )
    assert found.model.classifier.calibration == model.classifier.calibration
    first, second = found.out_of_fold.notes
    assert first.startswith("120 of the 120 training rows belong to host stars that the published")
    assert second.startswith("The training file has too few other stars of each disposition")


def test_a_tuned_model_knows_objects_like_those_that_it_went_on_learning_from(
    model: TrainedModel,
    fine_tuned: FineTuned,
    shifted: tuple[Table, Table],
    kepler_tables: tuple[Table, Table],
    tmp_path: Path,
) -> None:
    columns = model.columns(shifted[0].dataset)

    def outside(each: TrainedModel, table: Table) -> float:
        checks = each.novelty.check(each.features(table), columns)
        return float(np.mean([check.outside for check in checks]))

    mlcore.save_artifact(fine_tuned.model, tmp_path / "model")
    for tuned in (fine_tuned.model, mlcore.load_artifact(tmp_path / "model")):
        assert outside(tuned, shifted[0]) < outside(model, shifted[0]) / 3
        # What was known before is known still, and what is like neither is not.
        assert outside(tuned, kepler_tables[0]) <= outside(model, kepler_tables[0])
        absurd = shifted[1].frame.assign(koi_steff=90000.0)
        assert outside(tuned, replace(shifted[1], frame=absurd)) == 1.0


def test_a_tuned_models_probabilities_are_at_the_frequencies_of_the_users_rows(
    model: TrainedModel, fine_tuned: FineTuned, shifted: tuple[Table, Table]
) -> None:
    training = shifted[0].take(~shifted[0].hosts.isin(model.stars).to_numpy())
    shares = [count / len(training) for count in training.label_counts.values()]
    assert fine_tuned.model.frequencies == pytest.approx(shares)
    # At the share of planets that the rows have anyway nothing changes.
    even = np.array([shares])
    np.testing.assert_allclose(fine_tuned.model.at_planet_rate(even, shares[2]), even)


def test_a_tuned_model_remembers_the_stars_of_both(
    model: TrainedModel, fine_tuned: FineTuned, shifted: tuple[Table, Table]
) -> None:
    assert fine_tuned.model.stars == model.stars | set(shifted[0].hosts)
    assert len(fine_tuned.learned_from.tables[0]) == len(shifted[0])
    assert len(fine_tuned.learned_from.features) == len(shifted[0])


@pytest.mark.parametrize("subsample", [1.0, 0.6])
def test_a_saved_model_goes_on_learning_as_the_one_in_memory_does(
    subsample: float,
    model: TrainedModel,
    kepler_tables: tuple[Table, Table],
    shifted: tuple[Table, Table],
    tmp_path: Path,
) -> None:
    sent = {"n_estimators": 8, "learning_rate": 0.03, "max_depth": 2, "subsample": subsample}
    in_memory = published_on(model, kepler_tables[0], **sent)
    mlcore.save_artifact(in_memory, tmp_path / "model")
    loaded = mlcore.load_artifact(tmp_path / "model")
    first, second = (tuned_on(each, shifted[0]) for each in (in_memory, loaded))
    assert trees(first) == trees(second)


def test_new_trees_are_grown_with_the_published_models_settings(
    model: TrainedModel, kepler_tables: tuple[Table, Table], shifted: tuple[Table, Table]
) -> None:
    sent = {"n_estimators": 4, "max_depth": 2, "learning_rate": 0.01}
    timid = published_on(model, kepler_tables[0], **sent)
    bold = published_on(model, kepler_tables[0], **{**sent, "learning_rate": 1.0})
    added = trees(tuned_on(timid, shifted[0]))[4 * 3 :]
    # A tree of depth 2 has at most 3 splits and 4 leaves.
    assert max(len(tree["left_children"]) for tree in added) == 7
    boldly_added = trees(tuned_on(bold, shifted[0]))[4 * 3 :]
    # What a leaf adds is a fraction of the whole step: the learning rate.
    assert largest_leaf(boldly_added[0]) > 20 * largest_leaf(added[0])


def test_a_tuned_model_can_be_tuned_again(
    fine_tuned: FineTuned, tuned: Classifier, shifted: tuple[Table, Table]
) -> None:
    twice = tuned_on(fine_tuned.model, shifted[0])
    assert trees(twice)[: len(trees(tuned))] == trees(tuned)
    assert len(trees(twice)) == (PUBLISHED_ROUNDS + 2 * ROUNDS) * 3


def test_the_explanation_of_a_tuned_model_still_adds_up(
    tuned: Classifier, shifted: tuple[Table, Table]
) -> None:
    features = shifted[1].features
    explanation = explain_rows(tuned, features, tuned.predict_proba(features).argmax(axis=1))
    summed = explanation.base + explanation.contributions.sum(axis=1)
    np.testing.assert_allclose(summed, explanation.output, atol=1e-5)
    assert np.ptp(explanation.output) > 1


@pytest.mark.parametrize("absent", ["candidate", "false_positive", "confirmed"])
def test_a_users_table_may_lack_a_class(
    absent: str, model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    published = model.classifier
    training, testing = shifted
    assert training.labels is not None
    assert testing.labels is not None
    two = training.take((training.labels != absent).to_numpy())
    found = mlcore.fine_tune(model, two)
    tuned = found.model.classifier
    assert tuned.classes == published.classes
    probabilities = tuned.predict_proba(testing.features)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    known = testing.take((testing.labels != absent).to_numpy())
    assert accuracy(tuned, known) > accuracy(published, known)
    # Rows of two kinds cannot say how probable the third is.
    assert tuned.calibration == published.calibration
    assert found.model.conformal is None
    assert found.model.frequencies == model.frequencies
    assert found.out_of_fold.result is None
    note = found.out_of_fold.notes[-1]
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


def test_columns_that_a_users_table_lacks_count_as_missing(
    model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    training, testing = shifted
    lacking = replace(training, frame=training.frame.drop(columns=["koi_depth", "koi_prad"]))
    tuned = tuned_on(model, lacking)
    assert tuned.columns == model.classifier.columns
    assert np.isfinite(tuned.predict_proba(testing.features)).all()


def test_progress_counts_the_added_rounds_and_the_folds(
    model: TrainedModel, shifted: tuple[Table, Table]
) -> None:
    seen: list[tuple[float, str]] = []
    mlcore.fine_tune(
        model, shifted[0], progress=lambda fraction, step: seen.append((fraction, step))
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    steps = [step for _, step in seen]
    for n in range(1, ROUNDS + 1):
        assert f"Adding trees: {n} of {ROUNDS} rounds" in steps
    for n in range(1, 6):
        assert f"Calibrating on held-out stars: fold {n} of 5" in steps


def flipped(table: Table) -> Table:
    """Return a user's table that calls every planet a false positive and the other way round."""
    words = {"CONFIRMED": "FALSE POSITIVE", "FALSE POSITIVE": "CONFIRMED"}
    labels = table.frame["koi_disposition"].replace(words)
    return replace(table, frame=table.frame.assign(koi_disposition=labels))


@pytest.fixture(scope="module")
def misled(model: TrainedModel, shifted: tuple[Table, Table]) -> FineTuned:
    return mlcore.fine_tune(model, flipped(shifted[0]))


def test_a_model_that_was_taught_the_opposite_has_forgotten_and_says_so(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    found = compare_on_reference_test_set(
        model, misled, kepler_tables[1], reference=None, split="the fixed test rows"
    )
    assert found is not None
    before, after = (each.figure("roc_auc").value for each in (found.before, found.after))
    assert before is not None
    assert after is not None
    assert after < before - 0.05
    losses = [each.figure("log_loss").value for each in (found.before, found.after)]
    errors = [
        each.figure("expected_calibration_error").value for each in (found.before, found.after)
    ]
    assert found.warning == (
        f"Fine-tuning made the model forget: on the fixed test rows its ROC-AUC fell from"
        f" {before:.3f} to {after:.3f}, and its log loss rose from {losses[0]:.3f} to"
        f" {losses[1]:.3f}, and its expected calibration error rose from {errors[0]:.3f} to"
        f" {errors[1]:.3f}. Use it for objects like those of the training file only."
    )
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert told["warning"] == found.warning
    assert told["before"]["rows"] == told["after"]["rows"] == found.before.rows


def test_a_model_that_did_not_forget_warns_of_nothing(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    unharmed = replace(misled, model=replace(model, stars=misled.model.stars))
    found = compare_on_reference_test_set(
        model, unharmed, kepler_tables[1], reference=None, split="rows"
    )
    assert found is not None
    assert found.warning is None
    assert found.before == found.after


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
    found = compare_on_reference_test_set(
        model, vague, kepler_tables[1], reference=None, split="rows"
    )
    assert found is not None
    assert found.warning is not None
    assert found.warning.startswith(
        "Fine-tuning made the model forget: on rows its log loss rose from "
    )
    assert "ROC-AUC" not in found.warning


def test_the_old_domain_is_compared_on_stars_that_neither_model_was_trained_on(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    fresh = testing.take(~testing.hosts.isin(misled.model.stars).to_numpy())
    seen = testing.hosts.isin(misled.model.stars).sum()
    found = compare_on_reference_test_set(model, misled, testing, reference=None, split="rows")
    assert found is not None
    assert found.before.rows == len(fresh) == len(testing) - seen
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
    found = figures_of_model(model, testing, reference=None, split="these rows")
    assert found is not None
    assert (found.rows, found.split) == (len(testing), "these rows")
    unlabelled = replace(testing, frame=testing.frame.drop(columns="koi_disposition"))
    assert figures_of_model(model, unlabelled, reference=None, split="rows") is None
    unknown = testing.frame.assign(koi_disposition=pd.Series([None] * len(testing), dtype="str"))
    undecided = replace(testing, frame=unknown)
    assert figures_of_model(model, undecided, reference=None, split="rows") is None
