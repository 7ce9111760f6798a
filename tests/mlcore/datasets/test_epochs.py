"""Dates of transits that count from another day than the mission's own."""

from __future__ import annotations

import pandas as pd
import pytest

from mlcore.datasets import KEPLER, TESS, Dataset
from mlcore.datasets.epochs import epochs_from_own_date


def epochs(dataset: Dataset, values: list[float], **stated: set[str]) -> tuple[list[float], str]:
    warnings: list[str] = []
    name = dataset.quantities["epoch"]
    frame = epochs_from_own_date(pd.DataFrame({name: values}), dataset, warnings, **stated)
    return frame[name].tolist(), " ".join(warnings)


@pytest.mark.parametrize(
    ("dataset", "values"), [(KEPLER, [140.5, 1200.0, -3000.0]), (TESS, [2458326.5, 2460800.0])]
)
def test_dates_that_count_as_the_missions_stay(dataset: Dataset, values: list[float]) -> None:
    assert epochs(dataset, values) == (values, "")


def test_dates_that_can_count_in_one_way_only_are_converted_and_told() -> None:
    assert epochs(KEPLER, [2454973.5, 2455833.25]) == (
        [140.5, 1000.25],
        (
            "Column koi_time0bk has dates that can only count as BJD: they were converted to"
            " BJD - 2454833."
        ),
    )


@pytest.mark.parametrize(
    ("dataset", "values"),
    # MJD and BJD - 2400000 are half a day apart, BKJD and BTJD six years.
    [(KEPLER, [54973.5]), (TESS, [2474.4, 1500.0]), (TESS, [58326.5])],
)
def test_dates_that_can_count_in_two_ways_are_missing_and_asked_about(
    dataset: Dataset, values: list[float]
) -> None:
    kept, told = epochs(dataset, values)
    assert pd.isna(kept).all()
    assert "can be said in columns, such as {" in told


def test_dates_of_two_counts_are_missing_where_they_are_not_the_missions() -> None:
    kept, told = epochs(TESS, [2458326.5, 1326.5])
    assert kept[0] == 2458326.5
    assert pd.isna(kept[1])
    assert told.startswith("1 date of column pl_tranmid that are none of BJD count as missing.")


def test_dates_whose_count_was_stated_are_not_read_in_another() -> None:
    kept, told = epochs(KEPLER, [2454973.5], stated={"koi_time0bk"})
    assert pd.isna(kept).all()
    assert told.startswith("1 date of column koi_time0bk that are as stated, none of BJD - 2454833")
    assert epochs(TESS, [2458326.5], stated={"pl_tranmid"}) == ([2458326.5], "")


def test_dates_outside_of_the_missions_data_are_a_question() -> None:
    kept, told = epochs(KEPLER, [-1985.0, -1900.0, 130.0])
    assert kept == [-1985.0, -1900.0, 130.0]
    assert told == (
        "Column koi_time0bk has 2 of 3 dates outside of Kepler's data, such as -1985: do they count"
        " from BJD 2454833?"
    )
