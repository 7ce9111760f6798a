from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mlcore
from mlcore.errors import DataError
from mlcore.evaluation import evaluate
from mlcore.fine_tuning import ROUNDS
from mlcore.models import MODELS
from mlcore.models.classifier import CLASSES
from mlcore.prediction import predict_rows

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Trained

    from mlcore.datasets import Table
    from mlcore.models import Classifier

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
    labels = list(table.labels if table.labels is not None else [])
    best = classifier.predict_proba(table.features).argmax(axis=1)
    evaluation = evaluate(labels, [CLASSES[i] for i in best], split="")
    assert evaluation is not None
    return evaluation.accuracy


@pytest.fixture(scope="module")
def published(trained: Trained) -> Classifier:
    return trained("xgboost").classifier


@pytest.fixture(scope="module")
def shifted(kepler_table: Table) -> tuple[Table, Table]:
    """Return a user's tables whose instrument measures some columns ten times too large."""
    own = mlcore.split(kepler_table, salt="a user's stars")[1]
    frame = own.frame.assign(**{name: own.frame[name] * 10 for name in SHIFTED})
    return mlcore.split(replace(own, frame=frame), salt="a user's test")


@pytest.fixture(scope="module")
def tuned(published: Classifier, shifted: tuple[Table, Table]) -> Classifier:
    return mlcore.fine_tune(published, shifted[0])


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
    published: Classifier, shifted: tuple[Table, Table]
) -> None:
    before = trees(published)
    probabilities = published.predict_proba(shifted[1].features)
    params = published.estimator.get_params()
    tuned = mlcore.fine_tune(published, shifted[0])
    assert tuned is not published
    assert trees(published) == before
    assert published.estimator.get_params() == params
    np.testing.assert_array_equal(published.predict_proba(shifted[1].features), probabilities)


def test_fine_tuning_is_the_same_every_time(
    published: Classifier, tuned: Classifier, shifted: tuple[Table, Table]
) -> None:
    again = mlcore.fine_tune(published, shifted[0])
    np.testing.assert_array_equal(
        again.predict_proba(shifted[1].features), tuned.predict_proba(shifted[1].features)
    )


@pytest.mark.parametrize("subsample", [1.0, 0.6])
def test_a_saved_model_goes_on_learning_as_the_one_in_memory_does(
    subsample: float,
    kepler_tables: tuple[Table, Table],
    shifted: tuple[Table, Table],
    tmp_path: Path,
) -> None:
    sent = {"n_estimators": 8, "learning_rate": 0.03, "max_depth": 2, "subsample": subsample}
    in_memory = mlcore.train("xgboost", *kepler_tables, hyperparameters=sent, seed=7).classifier
    mlcore.save_artifact(in_memory, tmp_path / "model", dataset="kepler", stars=frozenset())
    loaded = mlcore.load_artifact(tmp_path / "model")
    first, second = (mlcore.fine_tune(each, shifted[0]) for each in (in_memory, loaded))
    assert trees(first) == trees(second)


def test_new_trees_are_grown_with_the_published_models_settings(
    kepler_tables: tuple[Table, Table], shifted: tuple[Table, Table]
) -> None:
    sent = {"n_estimators": 4, "max_depth": 2, "learning_rate": 0.01}
    timid = mlcore.train("xgboost", *kepler_tables, hyperparameters=sent).classifier
    bold = mlcore.train(
        "xgboost", *kepler_tables, hyperparameters={**sent, "learning_rate": 1.0}
    ).classifier
    added = trees(mlcore.fine_tune(timid, shifted[0]))[4 * 3 :]
    # A tree of depth 2 has at most 3 splits and 4 leaves.
    assert max(len(tree["left_children"]) for tree in added) == 7
    boldly_added = trees(mlcore.fine_tune(bold, shifted[0]))[4 * 3 :]
    # What a leaf adds is a fraction of the whole step: the learning rate.
    assert largest_leaf(boldly_added[0]) > 20 * largest_leaf(added[0])


def test_a_tuned_model_can_be_tuned_again(tuned: Classifier, shifted: tuple[Table, Table]) -> None:
    twice = mlcore.fine_tune(tuned, shifted[0])
    assert trees(twice)[: len(trees(tuned))] == trees(tuned)
    assert len(trees(twice)) == (PUBLISHED_ROUNDS + 2 * ROUNDS) * 3


def test_the_explanation_of_a_tuned_model_still_adds_up(
    tuned: Classifier, shifted: tuple[Table, Table]
) -> None:
    columns = tuple(shifted[1].dataset.column(name) for name in tuned.columns)
    explanation = predict_rows(tuned, shifted[1], columns).explanation
    summed = explanation.base + explanation.contributions.sum(axis=1)
    np.testing.assert_allclose(summed, explanation.output, atol=1e-5)
    assert np.ptp(explanation.output) > 1


@pytest.mark.parametrize("absent", ["candidate", "false_positive", "confirmed"])
def test_a_users_table_may_lack_a_class(
    absent: str, published: Classifier, shifted: tuple[Table, Table]
) -> None:
    training, testing = shifted
    assert training.labels is not None
    assert testing.labels is not None
    two = training.take((training.labels != absent).to_numpy())
    tuned = mlcore.fine_tune(published, two)
    assert tuned.classes == published.classes
    probabilities = tuned.predict_proba(testing.features)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    known = testing.take((testing.labels != absent).to_numpy())
    assert accuracy(tuned, known) > accuracy(published, known)


@pytest.mark.parametrize("absent", ["candidate", "false_positive", "confirmed"])
def test_a_class_that_the_published_model_does_not_know_is_refused(
    absent: str, kepler_tables: tuple[Table, Table], shifted: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    assert training.labels is not None
    two = training.take((training.labels != absent).to_numpy())
    published = mlcore.train(
        "xgboost", two, testing, hyperparameters={"n_estimators": 3}
    ).classifier
    with pytest.raises(DataError) as refusal:
        mlcore.fine_tune(published, shifted[0])
    assert str(refusal.value) == (
        f"The training file has objects labelled {absent}, but the published model knows only"
        f" {', '.join(published.classes)}."
    )


@pytest.mark.parametrize("absent", ["candidate", "false_positive", "confirmed"])
def test_a_model_of_two_classes_goes_on_learning_them(
    absent: str, kepler_tables: tuple[Table, Table], shifted: tuple[Table, Table]
) -> None:
    tables = [
        table.take((table.labels != absent).to_numpy())
        for table in (*kepler_tables, *shifted)
        if table.labels is not None
    ]
    published = mlcore.train(
        "xgboost", *tables[:2], hyperparameters={"n_estimators": 10}
    ).classifier
    tuned = mlcore.fine_tune(published, tables[2])
    assert len(trees(tuned)) == 10 + ROUNDS
    assert accuracy(tuned, tables[3]) > accuracy(published, tables[3])


@pytest.mark.parametrize("model_type", [name for name in MODELS if name != "xgboost"])
def test_what_is_no_booster_of_this_kind_is_refused(
    model_type: str, trained: Trained, shifted: tuple[Table, Table]
) -> None:
    with pytest.raises(DataError, match=r"cannot be fine-tuned; only"):
        mlcore.fine_tune(trained(model_type).classifier, shifted[0])


def test_rows_without_a_label_teach_nothing(
    published: Classifier, shifted: tuple[Table, Table]
) -> None:
    training, testing = shifted
    frame = training.frame.copy()
    frame.loc[:199, "koi_disposition"] = None
    partly = mlcore.fine_tune(published, replace(training, frame=frame))
    rest = mlcore.fine_tune(published, training.take(np.arange(200, len(training))))
    np.testing.assert_array_equal(
        partly.predict_proba(testing.features), rest.predict_proba(testing.features)
    )


def test_a_table_without_a_labelled_row_is_refused(
    published: Classifier, shifted: tuple[Table, Table]
) -> None:
    frame = shifted[0].frame.copy()
    frame["koi_disposition"] = frame["koi_disposition"].where(frame["koi_depth"] < 0)
    with pytest.raises(DataError, match=r"^The training file has no row with a disposition\.$"):
        mlcore.fine_tune(published, replace(shifted[0], frame=frame))
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        mlcore.fine_tune(
            published, replace(shifted[0], frame=frame.drop(columns="koi_disposition"))
        )


def test_columns_that_a_users_table_lacks_count_as_missing(
    published: Classifier, shifted: tuple[Table, Table]
) -> None:
    training, testing = shifted
    lacking = replace(training, frame=training.frame.drop(columns=["koi_depth", "koi_prad"]))
    tuned = mlcore.fine_tune(published, lacking)
    assert tuned.columns == published.columns
    assert np.isfinite(tuned.predict_proba(testing.features)).all()


def test_progress_counts_the_added_rounds(
    published: Classifier, shifted: tuple[Table, Table]
) -> None:
    seen: list[tuple[float, str]] = []
    mlcore.fine_tune(
        published, shifted[0], progress=lambda fraction, step: seen.append((fraction, step))
    )
    assert seen == [(n / ROUNDS, f"{n} of {ROUNDS} rounds") for n in range(1, ROUNDS + 1)]
