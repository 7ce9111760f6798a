from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.model_selection.training_rows import TrainingRows
from mlcore.training.sample import sample_of
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table

SHARED = Inputs(feature_set=FeatureSet.HARMONISED)


def part(table: Table, inputs: Inputs = MEASURED) -> TrainingRows:
    return TrainingRows(table=table, features=inputs.matrix(table))


def test_a_sample_holds_what_a_model_sees_and_the_truth_of_the_same_rows(
    kepler_tables: tuple[Table, Table],
) -> None:
    training = kepler_tables[0]
    sample = sample_of([part(training)], MEASURED)
    assert len(sample) == len(training)
    assert list(sample.labels) == list(training.labels if training.labels is not None else [])
    assert list(sample.hosts) == list(training.hosts)
    assert set(sample.missions) == {"kepler"}
    assert list(sample.features) == [column.name for column in sample.columns]
    pd.testing.assert_frame_equal(
        sample.features, training.features[list(sample.features)], check_exact=True
    )


def test_a_column_without_a_single_value_is_left_out(
    kepler_tables: tuple[Table, Table],
) -> None:
    training = kepler_tables[0]
    empty = replace(training, frame=training.frame.assign(koi_depth=np.nan))
    names = [column.name for column in sample_of([part(empty)], MEASURED).columns]
    assert "koi_depth" not in names
    assert "koi_period" in names


def test_a_sample_without_any_value_is_refused(kepler_tables: tuple[Table, Table]) -> None:
    training = kepler_tables[0]
    names = [column.name for column in training.dataset.feature_columns()]
    empty = replace(training, frame=training.frame.drop(columns=names))
    with pytest.raises(DataError, match=r"no value in any feature column; expected are koi_period"):
        sample_of([part(empty)], MEASURED)


def test_a_sample_of_unlabelled_rows_is_refused(kepler_tables: tuple[Table, Table]) -> None:
    unlabelled = replace(
        kepler_tables[0], frame=kepler_tables[0].frame.drop(columns="koi_disposition")
    )
    with pytest.raises(
        DataError, match=r"^The table has no column koi_disposition, which training needs\.$"
    ):
        sample_of([part(unlabelled)], MEASURED)


def test_several_missions_are_joined_on_shared_columns_only(
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    kepler, tess = (small_tables(mission)[0].take(range(40)) for mission in ("kepler", "tess"))
    for feature_set in set(FeatureSet) - {FeatureSet.HARMONISED}:
        own = Inputs(feature_set=feature_set)
        with pytest.raises(DataError, match=r"^Only a model on the harmonised columns can be"):
            sample_of([part(kepler, own), part(tess, own)], own)
    sample = sample_of([part(kepler, SHARED), part(tess, SHARED)], SHARED)
    assert list(sample.missions) == ["kepler"] * 40 + ["tess"] * 40
    assert list(sample.hosts) == [*kepler.hosts, *tess.hosts]
    assert [rows.table for rows in sample.parts] == [kepler, tess]
    assert len(sample.as_probed().bookkeeping) == 80


def test_some_rows_of_a_sample_are_a_sample(kepler_tables: tuple[Table, Table]) -> None:
    sample = sample_of([part(kepler_tables[0])], MEASURED)
    mask = np.arange(len(sample)) % 3 == 0
    some = sample.take(mask)
    assert len(some) == mask.sum()
    assert some.columns == sample.columns
    assert list(some.hosts) == list(sample.hosts[mask])
    assert list(some.labels) == list(sample.labels[mask])
    assert list(some.features.index) == list(range(len(some)))
    assert some.parts == ()
