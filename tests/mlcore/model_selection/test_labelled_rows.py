from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table

SHARED = Inputs(feature_set=FeatureSet.HARMONISED)


def part(table: Table, inputs: Inputs = MEASURED) -> LabelledRows:
    return LabelledRows.of([table], inputs.matrix(table))


def test_a_sample_holds_what_a_model_sees_and_the_truth_of_the_same_rows(
    kepler_tables: tuple[Table, Table],
) -> None:
    training = kepler_tables[0]
    sample = rows_to_learn_from([part(training)], MEASURED)
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
    names = [column.name for column in rows_to_learn_from([part(empty)], MEASURED).columns]
    assert "koi_depth" not in names
    assert "koi_period" in names


def test_a_sample_without_any_value_is_refused(kepler_tables: tuple[Table, Table]) -> None:
    training = kepler_tables[0]
    names = [column.name for column in training.dataset.feature_columns()]
    empty = replace(training, frame=training.frame.drop(columns=names))
    with pytest.raises(DataError, match=r"no value in any feature column; expected are koi_period"):
        rows_to_learn_from([part(empty)], MEASURED)


def test_a_sample_of_unlabelled_rows_is_refused(kepler_tables: tuple[Table, Table]) -> None:
    unlabelled = replace(
        kepler_tables[0], frame=kepler_tables[0].frame.drop(columns="koi_disposition")
    )
    with pytest.raises(
        DataError, match=r"^The table has no column koi_disposition, which training needs\.$"
    ):
        rows_to_learn_from([part(unlabelled)], MEASURED)


def test_several_missions_are_joined_on_shared_columns_only(
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    kepler, tess = (small_tables(mission)[0].take(range(40)) for mission in ("kepler", "tess"))
    for feature_set in set(FeatureSet) - {FeatureSet.HARMONISED}:
        own = Inputs(feature_set=feature_set)
        with pytest.raises(DataError, match=r"^Only a model on the harmonised columns can be"):
            rows_to_learn_from([part(kepler, own), part(tess, own)], own)
    sample = rows_to_learn_from([part(kepler, SHARED), part(tess, SHARED)], SHARED)
    assert list(sample.missions) == ["kepler"] * 40 + ["tess"] * 40
    assert list(sample.hosts) == [*kepler.hosts, *tess.hosts]
    assert sample.tables == (kepler, tess)


def test_some_rows_of_a_sample_are_a_sample(kepler_tables: tuple[Table, Table]) -> None:
    sample = rows_to_learn_from([part(kepler_tables[0])], MEASURED)
    mask = np.arange(len(sample)) % 3 == 0
    some = sample.take(mask)
    assert len(some) == mask.sum()
    assert some.columns == sample.columns
    assert list(some.hosts) == list(sample.hosts[mask])
    assert list(some.labels) == list(sample.labels[mask])
    assert list(some.features.index) == list(range(len(some)))
    (table,) = some.tables
    assert list(table.row_numbers) == list(kepler_tables[0].row_numbers[mask])


def test_some_rows_of_two_missions_keep_their_own_tables(
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    kepler, tess = (small_tables(mission)[0].take(range(40)) for mission in ("kepler", "tess"))
    both = rows_to_learn_from([part(kepler, SHARED), part(tess, SHARED)], SHARED)
    some = both.take(np.arange(80) >= 38)
    assert [list(table.names) for table in some.tables] == [
        list(kepler.names[38:]),
        list(tess.names),
    ]
    assert list(some.missions) == ["kepler"] * 2 + ["tess"] * 40
    whole = LabelledRows.joined([both.take(np.arange(80) < 38), some])
    assert list(whole.hosts) == list(both.hosts)
    pd.testing.assert_frame_equal(whole.features, both.features, check_exact=True)


def test_rows_without_labels_are_rows_with_missing_ones(
    kepler_tables: tuple[Table, Table],
) -> None:
    few = kepler_tables[0].take(range(5))
    unlabelled = replace(few, frame=few.frame.drop(columns="koi_disposition"))
    rows = LabelledRows.of([unlabelled], unlabelled.features)
    assert len(rows) == 5
    assert rows.labels.isna().all()
    assert rows.labels.dtype == part(few).labels.dtype
