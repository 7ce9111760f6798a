"""A published booster goes on learning from a user's rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mlcore
from mlcore.inspection import explain_rows
from mlcore.training.fine_tune import ROUNDS, compare_on_reference_test_set
from tests.mlcore.training.fine_tuning import accuracy, published_on, trees, tuned_on

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.models import Classifier
    from mlcore.models.trained_model import TrainedModel
    from mlcore.training.fine_tune import FineTuned

PUBLISHED_ROUNDS = 20


def largest_leaf(tree: dict[str, Any]) -> float:
    leaves = np.array(tree["left_children"]) < 0
    return float(abs(np.array(tree["split_conditions"])[leaves]).max())


@pytest.fixture(scope="module")
def published(model: TrainedModel) -> Classifier:
    return model.classifier


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


@pytest.mark.long
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


@pytest.mark.long
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
    result = fine_tuned.out_of_fold.measure()
    assert result is not None
    assert result.measurement.rows == fresh.sum()
    assert result.measurement.split.startswith("5-fold cross-validation by host star")


def test_stars_that_the_published_model_knows_alone_calibrate_nothing(
    model: TrainedModel, kepler_tables: tuple[Table, Table]
) -> None:
    known = kepler_tables[0].take(range(120))
    after = mlcore.fine_tune(model, known)
    assert (
        after.out_of_fold.calibration
        is after.out_of_fold.measure()
        is after.model.conformal
        is None
    )
    assert after.model.classifier.calibration == model.classifier.calibration
    first, second = after.out_of_fold.notes
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

    def outside(learner: TrainedModel, table: Table) -> float:
        checks = learner.novelty.check(learner.features(table), columns)
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


@pytest.mark.parametrize("subsample", [pytest.param(1.0, marks=pytest.mark.long), 0.6])
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
    first, second = (tuned_on(base, shifted[0]) for base in (in_memory, loaded))
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


@pytest.mark.long
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


@pytest.mark.long
def test_a_model_that_did_not_forget_warns_of_nothing(
    model: TrainedModel, misled: FineTuned, kepler_tables: tuple[Table, Table]
) -> None:
    unharmed = replace(misled, model=replace(model, stars=misled.model.stars))
    change = compare_on_reference_test_set(
        model, unharmed, kepler_tables[1], reference=None, split="rows"
    )
    assert change is not None
    assert change.warning is None
    assert change.before == change.after
