from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import KEPLER, Role, of_candidates
from mlcore.datasets.plausibility import PlausibleValues, checked_values
from mlcore.errors import DataError
from tests.mlcore.datasets.transits import transits

NOTHING = pd.DataFrame()


def checked(frame: pd.DataFrame, **stated: Any) -> PlausibleValues:
    return checked_values(frame, NOTHING, KEPLER, np.arange(len(frame)) + 1, **stated)


def test_a_table_of_transits_is_left_as_it_is() -> None:
    frame = transits()
    values = checked(frame)
    assert values.frame is frame
    assert values.warnings == ()


def test_a_number_for_missing_is_missing_and_told() -> None:
    clean = transits()
    clean.loc[[3, 7], ["koi_depth", "koi_prad"]] = np.nan
    frame = clean.fillna(-999.0)
    values = checked(frame)
    pd.testing.assert_frame_equal(values.frame, clean)
    assert values.warnings == (
        (
            "4 values that no object can have and that are repeated (-999) count as missing, in the"
            " columns koi_depth (2), koi_prad (2)."
        ),
    )


def test_the_error_of_what_is_missing_is_missing_with_it() -> None:
    frame = transits()
    frame.loc[[3, 7], ["koi_depth", "koi_depth_err1", "koi_depth_err2"]] = -999.0
    frame.loc[5, "koi_depth_err2"] = -999.0
    values = checked(frame).frame
    for name in ("koi_depth", "koi_depth_err1"):
        assert np.flatnonzero(values[name].isna()).tolist() == [3, 7]
    # This one may have been measured.
    assert np.flatnonzero(values["koi_depth_err2"].isna()).tolist() == [3, 7]


@pytest.mark.parametrize("column", ["koi_kepmag", "koi_slogg"])
def test_a_number_that_the_column_cannot_have_stands_for_missing(column: str) -> None:
    frame = transits()
    frame.loc[[1, 2], column] = 99.99
    values = checked(frame)
    assert values.frame[column].isna().sum() == 2
    assert "(99.99) count as missing" in values.warnings[0]


def test_zeros_that_were_filled_in_are_missing_and_a_single_one_stays() -> None:
    frame = transits()
    frame.loc[4, "koi_depth"] = 0.0
    assert checked(frame).frame is frame
    frame.loc[5, "koi_depth"] = 0.0
    assert np.flatnonzero(checked(frame).frame["koi_depth"].isna()).tolist() == [4, 5]
    frame = transits()
    frame.loc[4, ["koi_depth", "koi_prad"]] = 0.0
    assert checked(frame).frame.loc[4, ["koi_depth", "koi_prad"]].isna().all()


def test_a_single_value_out_of_bounds_is_missing_and_named() -> None:
    frame = transits()
    frame.loc[6, "koi_period"] = -3.0
    values = checked(frame)
    assert np.flatnonzero(values.frame["koi_period"].isna()).tolist() == [6]
    assert values.warnings == (
        (
            "1 value of column koi_period that it cannot have (-3 in row 7; possible are 0.02 to"
            " 1000000 days) count as missing."
        ),
    )


def test_a_column_of_impossible_values_is_refused() -> None:
    frame = transits().assign(koi_steff=lambda rows: rows["koi_steff"] / 1e3)
    with pytest.raises(DataError) as caught:
        checked(frame)
    assert str(caught.value).startswith("Column koi_steff has 30 of 30 values that it cannot have")
    assert str(caught.value).endswith("possible are 1000 to 200000 K). Send it in K.")


@pytest.mark.parametrize("scaled", ["standardised", "to the unit interval", "robustly"])
def test_a_table_without_units_is_refused(scaled: str) -> None:
    frame = transits()
    for name in frame.columns[1:]:
        values = frame[name]
        if scaled == "standardised":
            frame[name] = (values - values.mean()) / values.std()
        elif scaled == "robustly":
            half = values.quantile(0.75) - values.quantile(0.25)
            frame[name] = (values - values.median()) / half
        else:
            frame[name] = (values - values.min()) / (values.max() - values.min())
    with pytest.raises(DataError, match=r"^The table looks standardised: \d+ columns such as koi_"):
        checked(frame)


def test_a_few_negative_values_make_no_standardised_table() -> None:
    frame = transits()
    frame.loc[:2, "koi_depth"] = -5.0
    assert checked(frame).frame["koi_depth"].isna().sum() == 3


def test_each_measured_column_of_a_quantity_declares_what_it_can_be() -> None:
    named = {
        *("period", "duration", "depth", "radius", "insolation", "equilibrium_temperature"),
        *("stellar_temperature", "stellar_gravity", "stellar_radius", "distance", "magnitude"),
    }
    for dataset in of_candidates().values():
        for quantity in named & dataset.quantities.keys():
            column = dataset.column(dataset.quantities[quantity])
            assert column.role is Role.FEATURE
            assert column.plausible is not None
            assert column.plausible[0] < column.plausible[1]


def test_nines_that_a_column_repeats_are_missing_and_told() -> None:
    clean = transits()
    clean.loc[[3, 7, 9], ["koi_depth", "koi_prad"]] = np.nan
    values = checked(clean.fillna(99999.0))
    pd.testing.assert_frame_equal(values.frame, clean)
    assert "(99999) count as missing" in values.warnings[0]
    once = transits()
    once.loc[3, "koi_depth"] = 99999.0
    assert checked(once).frame.loc[3, "koi_depth"] == 99999.0


def test_errors_of_several_values_that_are_all_zero_are_missing() -> None:
    frame = transits().assign(koi_depth_err1=0.0, koi_depth_err2=0.0, koi_duration_err1=0.0)
    values = checked(frame)
    for name in ("koi_depth_err1", "koi_depth_err2", "koi_duration_err1"):
        assert values.frame[name].isna().all()
    assert values.frame["koi_period_err1"].equals(frame["koi_period_err1"])
    assert values.warnings == (
        (
            "The uncertainties in columns koi_duration_err1, koi_depth_err1 and koi_depth_err2 are"
            " all zero, which none is: they count as missing."
        ),
    )


def test_errors_of_one_value_that_are_all_zero_stay() -> None:
    frame = transits().assign(koi_depth_err1=0.0, koi_depth_err2=0.0)
    assert checked(frame).frame is frame


@pytest.mark.parametrize(
    ("column", "number"), [("koi_kepmag", -1.0), ("koi_slogg", 0.0), ("koi_depth", 999.0)]
)
def test_a_placeholder_that_a_column_repeats_alone_is_missing_although_it_could_be_measured(
    column: str, number: float
) -> None:
    frame = transits()
    frame.loc[:4, column] = number
    values = checked(frame)
    assert np.flatnonzero(values.frame[column].isna()).tolist() == [0, 1, 2, 3, 4]
    assert f"({number:g}) count as missing, in the columns {column} (5)" in values.warnings[0]


def test_a_column_of_zeros_alone_was_filled_in() -> None:
    frame = transits().assign(koi_insol=0.0)
    assert checked(frame).frame["koi_insol"].isna().all()


def test_values_below_zero_are_not_said_to_be_in_another_unit() -> None:
    frame = transits()
    frame["koi_period"] = -frame["koi_period"]
    with pytest.raises(DataError, match=r"None of them can be below zero\.$"):
        checked(frame)
