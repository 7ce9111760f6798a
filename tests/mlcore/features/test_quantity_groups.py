from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.datasets import DATASETS, Column, Role
from mlcore.features.quantity_groups import columns_of_quantities, physical_quantities
from tests.mlcore.hand_made import KEPLER

if TYPE_CHECKING:
    from mlcore.datasets import Dataset


def test_a_value_and_its_uncertainties_are_one_quantity() -> None:
    columns = [KEPLER.column(f"koi_depth{end}") for end in ("", "_err1", "_err2")]
    assert set(physical_quantities(KEPLER, columns).values()) == {"Transit depth"}


def test_uncertainties_without_their_value_still_belong_to_it() -> None:
    quantities = physical_quantities(KEPLER, [KEPLER.column("koi_time0bk_err1")])
    assert quantities == {"koi_time0bk_err1": "Transit epoch (BKJD)"}


def test_a_derived_column_belongs_to_its_group_or_to_itself() -> None:
    derived = [
        Column(name=name, unit="", meaning=f"Derived {name}", role=Role.FEATURE)
        for name in ("siblings", "density_ratio")
    ]
    quantities = physical_quantities(KEPLER, derived, {"density_ratio": "transit duration"})
    assert quantities == {"siblings": "Derived siblings", "density_ratio": "Transit duration"}


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_every_feature_of_a_mission_is_in_exactly_one_quantity(dataset: Dataset) -> None:
    columns = dataset.feature_columns(wide=True)
    groups = columns_of_quantities(physical_quantities(dataset, columns))
    assert sorted(name for group in groups.values() for name in group) == sorted(
        column.name for column in columns
    )
    assert len(groups) < len(columns) or dataset.name != "kepler"
