from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import DATASETS, KEPLER
from mlcore.datasets.plausibility import checked_values
from mlcore.errors import DataError
from tests.mlcore.datasets.transits import transits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlcore.datasets import Table

NOTHING = pd.DataFrame()
OTHER_UNITS = {
    "fractions": ("koi_depth", 1e-6, ("koi_depth_err1", "koi_depth_err2"), "ppm"),
    "percent": ("koi_depth", 1e-4, ("koi_depth_err1", "koi_depth_err2"), "ppm"),
    "days": ("koi_duration", 1 / 24, ("koi_duration_err1",), "hours"),
    "minutes": ("koi_duration", 60.0, ("koi_duration_err1",), "hours"),
    "hours": ("koi_period", 24.0, ("koi_period_err1",), "days"),
    "Jupiter radii": ("koi_prad", 1 / 11.2089807309, ("koi_prad_err1",), "Earth radii"),
}


def checked(
    frame: pd.DataFrame, stated: tuple[str, ...] = ()
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = np.arange(len(frame)) + 1
    values = checked_values(frame, NOTHING, KEPLER, rows, stated=stated)
    return values.frame, values.warnings


@pytest.mark.parametrize("errors_too", [False, True], ids=["value alone", "with errors"])
@pytest.mark.parametrize("unit", OTHER_UNITS)
@pytest.mark.parametrize("count", [6, 30])
def test_a_whole_column_in_another_unit_is_converted_and_told(
    unit: str, count: int, errors_too: bool
) -> None:
    clean = transits(count)
    name, factor, errors, own = OTHER_UNITS[unit]
    frame = clean.copy()
    for changed in (name, *(errors if errors_too else ())):
        frame[changed] *= factor
    values, (warning,) = checked(frame)
    pd.testing.assert_frame_equal(values, clean, rtol=1e-9)
    assert warning.startswith(f"Column {name} seems to hold {unit} and not {own}: that way its")
    assert (f"with {errors[0]}" in warning) == errors_too


@pytest.mark.parametrize("unit", ["fractions", "days", "hours"])
def test_a_conversion_leaves_no_last_bits(unit: str) -> None:
    clean = transits()
    name, factor, _, _ = OTHER_UNITS[unit]
    values, _ = checked(clean.assign(**{name: clean[name] * factor}))
    pd.testing.assert_series_equal(values[name], clean[name], check_exact=True)


def test_two_columns_in_other_units_are_both_converted() -> None:
    clean = transits()
    frame = clean.assign(
        koi_depth=clean["koi_depth"] / 1e4, koi_duration=clean["koi_duration"] / 24
    )
    values, warnings = checked(frame)
    pd.testing.assert_frame_equal(values, clean, rtol=1e-9)
    assert len(warnings) == 2


def test_thousandths_could_be_millimagnitudes_and_are_a_question() -> None:
    frame = transits().assign(koi_depth=lambda rows: rows["koi_depth"] / 1e3)
    with pytest.raises(DataError, match=r"^Column koi_depth seems to hold thousandths or milli"):
        checked(frame)


def test_a_unit_that_was_stated_is_not_second_guessed_in_silence() -> None:
    frame = transits().assign(koi_depth=lambda rows: rows["koi_depth"] / 1e4)
    with pytest.raises(DataError, match=r"Its unit was stated to be another: correct one of the"):
        checked(frame, stated=("koi_depth",))
    clean = transits()
    assert checked(clean, stated=("koi_depth",)) == (clean, ())


def test_a_column_in_two_units_is_refused_with_the_number_of_rows() -> None:
    frame = transits()
    frame.loc[10:19, "koi_duration"] /= 24
    with pytest.raises(DataError) as caught:
        checked(frame)
    assert str(caught.value) == (
        "Column koi_duration seems to hold days and not hours in 10 of 30 rows, the first of them"
        " row 11. Bring the whole column to hours."
    )


def test_columns_that_no_unit_explains_are_a_question() -> None:
    frame = transits()
    frame["koi_depth"] *= 10.0 ** np.where(np.arange(len(frame)) % 2, 0.7, 1.3)
    values, warnings = checked(frame)
    assert values is frame
    assert warnings == (
        (
            "Columns koi_depth, koi_prad and koi_srad contradict each other in 100% of 30 rows:"
            " are all of them in the units that Kepler's table has, under their own headings and in"
            " their own rows?"
        ),
    )


def test_a_lone_column_of_unusual_values_is_a_question() -> None:
    frame = pd.DataFrame({"koi_depth": np.linspace(1.0, 9.0, 30)})
    values, warnings = checked(frame)
    assert values is frame
    assert warnings == (
        "Column koi_depth has 26 of 30 values as hardly any object has: is it in ppm?",
    )


def test_few_rows_are_never_converted_but_asked_about() -> None:
    frame = transits(4).assign(koi_duration=lambda rows: rows["koi_duration"] / 24)
    values, warnings = checked(frame)
    assert values is frame
    assert warnings[0] == (
        "Column koi_duration may hold days and not hours: that way its values agree with koi_period"
        " in 100% of 4 rows, and as they are in 0%. They were left as they are."
    )


def test_a_depth_of_k2_in_ppm_is_converted_to_percent() -> None:
    rows = transits()
    k2 = pd.DataFrame(
        {
            "pl_orbper": rows["koi_period"],
            "pl_rade": rows["koi_prad"],
            "st_rad": rows["koi_srad"],
            "st_logg": rows["koi_slogg"],
            "pl_trandep": rows["koi_depth"],
        }
    )
    numbers = np.arange(len(k2)) + 1
    values = checked_values(k2, NOTHING, DATASETS["k2"], numbers)
    np.testing.assert_allclose(values.frame["pl_trandep"], rows["koi_depth"] / 1e4)
    right = k2.assign(pl_trandep=rows["koi_depth"] / 1e4)
    assert checked_values(right, NOTHING, DATASETS["k2"], numbers).frame is right


def _subsets(table: Table, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield rows at random, of one class, and at either end of a column."""
    positions = np.arange(len(table))
    for size in (5, 20, 100, 500):
        for _ in range(4):
            yield random.choice(positions, size, replace=False)
    assert table.labels is not None
    for kind in table.labels.dropna().unique():
        mine = positions[(table.labels == kind).to_numpy()]
        yield mine
        for size in (5, 20):
            yield from (random.choice(mine, size, replace=False) for _ in range(2))
    for column in table.dataset.feature_columns():
        known = table.frame[column.name].dropna() if column.name in table.frame else []
        if column.uncertainty_of is not None or len(known) < 1000:
            continue
        order = known.sort_values().index.to_numpy()
        for share in (0.01, 0.2):
            some = int(share * len(order))
            for end in (order[:some], order[-some:]):
                yield random.choice(end, min(20, some), replace=False)


@pytest.mark.sampled("kepler")
@pytest.mark.parametrize("mission", ["kepler", "k2", "tess"])
def test_no_part_of_an_archives_table_is_converted_or_refused(
    whole_table: Callable[[str], Table], mission: str
) -> None:
    table = whole_table(mission)
    random = np.random.default_rng(5)
    few = ["teq", "insol", "eqt"], ["logg", "srad", "st_rad"], ["nothing"]
    for number, chosen in enumerate(_subsets(table, random)):
        part = table.take(chosen)
        absent = [
            name for name in part.frame if any(word in name for word in few[number % len(few)])
        ]
        frame = part.frame.drop(columns=absent)
        values = checked_values(frame, part.withheld_errors, part.dataset, part.row_numbers)
        assert values.frame is frame


@pytest.mark.parametrize(
    ("column", "factor"), [("koi_period", 1440.0), ("koi_period", 86400.0), ("koi_prad", 6378.1)]
)
def test_minutes_seconds_and_kilometres_are_told_from_the_columns_own_unit(
    column: str, factor: float
) -> None:
    clean = transits()
    frame = clean.assign(**{column: clean[column] * factor})
    converted, warnings = checked(frame)
    np.testing.assert_allclose(converted[column], clean[column], 1e-5)
    assert any(f"Column {column} seems to hold" in warning for warning in warnings)


def test_periods_longer_than_a_campaign_of_k2_are_a_question() -> None:
    frame = pd.DataFrame({"pl_orbper": [24 * days for days in (2.0, 5.0, 9.0, 3.0, 14.0, 1.0)]})
    assert checked_values(frame, NOTHING, DATASETS["k2"], np.arange(6) + 1).warnings == (
        "Column pl_orbper has 3 of 6 values as hardly any object has: is it in days?",
    )
