from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import DATASETS, KEPLER, KEPLER_TCE, TESS, of_candidates
from mlcore.errors import DataError, HyperparameterError
from mlcore.features.feature_sets import FeatureSet
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained


def test_a_model_serves_the_missions_that_it_was_trained_on(trained: Trained) -> None:
    model = trained("linear_regression", "tess").model
    model.check_serves(TESS)
    with pytest.raises(DataError) as refusal:
        model.check_serves(KEPLER)
    assert str(refusal.value) == (
        f"The model reads the columns of {TESS.title}; only a model on the harmonised columns can"
        f" score {KEPLER.title}."
    )


def test_a_refusal_names_every_mission_that_was_trained_on(trained: Trained) -> None:
    model = replace(trained("linear_regression").model, missions=("kepler", "k2"))
    with pytest.raises(DataError, match=f"of {KEPLER.title} and {DATASETS['k2'].title};"):
        model.check_serves(TESS)


@pytest.mark.long
def test_a_model_on_shared_columns_serves_every_mission(
    trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    model = trained("linear_regression", "kepler", FeatureSet.HARMONISED).model
    for mission, dataset in of_candidates().items():
        model.check_serves(dataset)
        rows = small_tables(mission)[1].take(range(5))
        assert tuple(model.features(rows)) == model.classifier.columns
        assert tuple(model.quantities(dataset)) == model.classifier.columns


def test_a_model_of_candidates_scores_no_events(trained: Trained) -> None:
    shared = trained("linear_regression", "kepler", FeatureSet.HARMONISED).model
    with pytest.raises(DataError, match=f"it cannot score {KEPLER_TCE.title}"):
        shared.check_serves(KEPLER_TCE)


@pytest.mark.parametrize("feature_set", [FeatureSet.MEASURED, FeatureSet.DEFAULT])
def test_a_models_columns_are_declared_in_the_order_of_its_matrix(
    feature_set: FeatureSet, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained("linear_regression", "kepler", feature_set).model
    features = model.features(kepler_tables[1].take(range(7)))
    assert tuple(features) == model.classifier.columns
    assert tuple(column.name for column in model.columns(KEPLER)) == model.classifier.columns
    assert tuple(model.quantities(KEPLER)) == model.classifier.columns


def test_features_of_a_table_of_another_mission_are_refused(
    trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    with pytest.raises(DataError, match="only a model on the harmonised columns"):
        trained("linear_regression").model.features(small_tables("tess")[1])


def test_drawn_rows_have_the_models_columns_and_the_neighbours_of_the_undrawn(
    trained: Trained, kepler_table: Table
) -> None:
    model = trained("linear_regression", "kepler", FeatureSet.DEFAULT).model
    counts = kepler_table.hosts.map(kepler_table.hosts.value_counts()).to_numpy()
    few = kepler_table.take(np.flatnonzero(counts >= 3)[:4])
    undrawn = model.features(few, reference=kepler_table)
    drawn = model.features_drawn(
        replace(few, frame=few.frame.assign(koi_depth=few.frame["koi_depth"] * 2)), undrawn
    )
    assert tuple(drawn) == model.classifier.columns
    pd.testing.assert_series_equal(drawn["objects_of_star"], undrawn["objects_of_star"])
    assert (undrawn["objects_of_star"] >= 3).all()
    pd.testing.assert_series_equal(drawn["koi_depth"], undrawn["koi_depth"] * 2)


def test_probabilities_at_another_share_of_planets_follow_bayes_rule(trained: Trained) -> None:
    model = trained("linear_regression").model
    vetting = replace(
        model, classifier=replace(model.classifier, task=VETTING), frequencies=(0.6, 0.4)
    )
    stated = np.array([[0.5, 0.5], [0.9, 0.1]])
    np.testing.assert_allclose(vetting.at_planet_rate(stated, 0.4), stated)
    adjusted = vetting.at_planet_rate(stated, 0.01)
    odds = stated[:, 1] / stated[:, 0] * (0.01 / 0.99) / (0.4 / 0.6)
    np.testing.assert_allclose(adjusted[:, 1], odds / (1 + odds))
    np.testing.assert_allclose(adjusted.sum(axis=1), 1.0)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_share_of_planets_that_is_none_is_refused(rate: float, trained: Trained) -> None:
    model = trained("linear_regression").model
    with pytest.raises(HyperparameterError):
        model.at_planet_rate(np.full((1, 3), 1 / 3), rate)
