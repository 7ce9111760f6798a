from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.treated import treated
from mlcore.features.feature_sets import FeatureSet, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table


def of_the_full_table(table: Table) -> list[str]:
    columns = table.dataset.feature_columns(wide=True)
    return [column.name for column in columns if column.wide and column.name in table.frame]


def test_a_row_without_any_uncertainty_of_the_full_table_was_not_treated(
    kepler_table: Table,
) -> None:
    table = kepler_table.take(range(50))
    assert treated(table).all()
    errors = [name for name in of_the_full_table(table) if "_err" in name]
    blank = np.isin(np.arange(50), (3, 7))
    lacking = replace(
        table, frame=table.frame.assign(**{name: table.frame[name].mask(blank) for name in errors})
    )
    assert list(np.flatnonzero(~treated(lacking))) == [3, 7]
    frame = lacking.frame.copy()
    frame.loc[3, "koi_dikco_msky_err"] = 0.1
    assert list(np.flatnonzero(~treated(replace(lacking, frame=frame)))) == [7]
    # Only a model that sees the full table's columns would learn the gaps.
    for feature_set in FeatureSet:
        may = Inputs(feature_set=feature_set).may_learn_from(lacking)
        assert int((~may).sum()) == (2 if feature_set is FeatureSet.WIDE else 0)


def test_where_the_full_tables_columns_are_not_at_hand_every_row_counts_as_treated(
    kepler_table: Table, whole_table: Callable[[str], Table]
) -> None:
    table = kepler_table.take(range(50))
    default = replace(table, frame=table.frame.drop(columns=of_the_full_table(table)))
    assert treated(default).all()
    assert treated(whole_table("tess")).all()
