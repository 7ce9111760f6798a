"""A model for a table that lacks columns is fitted anew on exactly those at hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.errors import DataError
from mlcore.evaluation.fewer_columns import FewerColumns
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.run import RunContext
from mlcore.tasks import VETTING
from mlcore.training.refit_without import RefitRows, refit_without, unreadable

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.models.trained_model import TrainedModel

# Of all of these the first answer is enough.
train = partial(mlcore.train, evidence=False)

INPUTS = Inputs(feature_set=FeatureSet.MEASURED)
LACKING = ("koi_period_err1", "koi_steff")


def cut(table: Table, *names: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(names or LACKING)))


@pytest.fixture(scope="module")
def whole(kepler_tables: tuple[Table, Table]) -> TrainedModel:
    few = {"n_estimators": 20}
    return train(
        "xgboost", *kepler_tables, task=VETTING, hyperparameters=few, inputs=INPUTS, seed=4
    ).model


@pytest.fixture(scope="module")
def source(kepler_tables: tuple[Table, Table]) -> RefitRows:
    training, testing = kepler_tables
    return RefitRows(
        training=training,
        testing=testing,
        catalogue=training.with_rows_of(testing),
        words="the training rows",
        split="the test rows",
    )


@pytest.fixture(scope="module")
def refitted(
    whole: TrainedModel, source: RefitRows, kepler_tables: tuple[Table, Table]
) -> tuple[TrainedModel, FewerColumns]:
    lacking = unreadable(whole, [cut(kepler_tables[1])])
    return refit_without(whole, lacking, [source], RunContext(seed=99))


@pytest.mark.long
def test_it_is_the_model_that_was_trained_on_exactly_these_columns(
    refitted: tuple[TrainedModel, FewerColumns], kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    exact = train(
        "xgboost",
        cut(training),
        cut(testing),
        task=VETTING,
        hyperparameters={"n_estimators": 20},
        inputs=INPUTS,
        seed=4,
    )
    refit = refitted[0]
    assert refit.classifier.columns == exact.model.classifier.columns
    assert refit.conformal == exact.model.conformal
    np.testing.assert_array_equal(
        refit.classifier.predict_proba(refit.features(cut(testing))),
        exact.predictions.probabilities,
    )


def test_what_is_lost_is_measured_on_the_same_rows(
    refitted: tuple[TrainedModel, FewerColumns], whole: TrainedModel, source: RefitRows
) -> None:
    refit, fewer = refitted
    assert fewer.lacking == LACKING
    assert fewer.left_out == LACKING
    assert fewer.train_rows == refit.train_rows == whole.train_rows
    assert fewer.before is not None
    assert fewer.after is not None
    assert fewer.before.rows == fewer.after.rows
    assert fewer.before.split == fewer.after.split == "the test rows"
    auc = fewer.after.figure("roc_auc").value
    assert auc is not None
    assert fewer.sentence.startswith(
        "The table has no koi_period_err1, koi_steff, so that the answers are those of a model of"
        f" exactly the columns at hand, fitted anew on {refit.train_rows} rows: the training rows."
    )
    assert f"On the test rows its ROC-AUC is {auc:.3f} (" in fewer.sentence


def test_what_was_lost_survives_json(refitted: tuple[TrainedModel, FewerColumns]) -> None:
    fewer = refitted[1]
    assert FewerColumns.from_json(fewer.as_json()) == fewer


def test_no_rows_of_known_stars_tell_what_is_lost(
    whole: TrainedModel, source: RefitRows, kepler_tables: tuple[Table, Table]
) -> None:
    lacking = unreadable(whole, [cut(kepler_tables[1])])
    flattered = replace(source, testing=source.training)
    fewer = refit_without(whole, lacking, [flattered], RunContext())[1]
    assert fewer.before is fewer.after is None
    assert fewer.sentence.endswith("rows: the training rows.")


def test_a_table_without_anything_to_learn_from_is_refused(
    whole: TrainedModel, source: RefitRows
) -> None:
    lacking = dict.fromkeys(whole.classifier.columns, ("koi_period",))
    with pytest.raises(DataError, match=r"^Without koi_period the table has nothing that the"):
        refit_without(whole, lacking, [source], RunContext())


def test_a_source_that_lacks_what_is_left_is_refused(
    whole: TrainedModel, source: RefitRows, kepler_tables: tuple[Table, Table]
) -> None:
    lacking = unreadable(whole, [cut(kepler_tables[1])])
    poor = replace(source, training=cut(source.training, "koi_depth"))
    with pytest.raises(DataError, match=r"table on this server lacks koi_depth itself\.$"):
        refit_without(whole, lacking, [poor], RunContext())
