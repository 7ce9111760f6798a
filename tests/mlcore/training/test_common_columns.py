"""No model is asked about a column that the rows to be predicted do not have."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

import mlcore
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.tasks import VETTING
from mlcore.training.common_columns import on_common_columns
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    from mlcore.datasets import Table

# Of all of these the first answer is enough.
train = partial(mlcore.train, evidence=False)

MEASURED = Inputs(feature_set=FeatureSet.MEASURED)


def without(table: Table, *names: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(names)))


def test_a_model_is_trained_on_the_columns_that_both_tables_have(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    few = {"n_estimators": 5}
    result, exact = (
        train("xgboost", learnt, cut, task=VETTING, hyperparameters=few, inputs=MEASURED, seed=3)
        for cut in [without(testing, "koi_depth", "koi_depth_err1")]
        for learnt in (training, without(training, "koi_depth", "koi_depth_err1"))
    )
    assert "koi_depth" not in result.model.classifier.columns
    assert "koi_depth_err2" in result.model.classifier.columns
    np.testing.assert_array_equal(result.predictions.probabilities, exact.predictions.probabilities)
    assert result.warnings[0] == (
        "The rows to be predicted have no koi_depth, koi_depth_err1: the model was trained without"
        " them, on the columns that both tables have."
    )
    assert not any("koi_depth" in warning for warning in exact.warnings)


def test_a_table_with_all_columns_changes_nothing(kepler_tables: tuple[Table, Table]) -> None:
    setup = TrainingSetup(model_type="xgboost", tables=[kepler_tables[0]])
    assert on_common_columns(setup, [kepler_tables[1]]) == (setup, ())


def test_what_neither_table_has_is_no_news(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = (without(table, "koi_impact") for table in kepler_tables)
    setup, warnings = on_common_columns(
        TrainingSetup(model_type="xgboost", tables=[training], inputs=MEASURED), [testing]
    )
    assert setup.inputs.left_out == ("koi_impact",)
    assert warnings == ()
