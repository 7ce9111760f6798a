from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import KEPLER, TESS, read_table
from mlcore.datasets.cells import CellUnits, as_numbers, decimal_comma
from mlcore.datasets.words import as_words
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

KEPID = KEPLER.column("kepid")


def numbers(
    *cells: Any, column: str = "koi_depth", comma: bool | None = False
) -> tuple[list[float], list[str]]:
    warnings: list[str] = []
    series = pd.Series(list(cells), dtype=object)
    rows = np.arange(1, len(cells) + 1)
    units = CellUnits(column=KEPLER.column(column), dataset=KEPLER)
    values = as_numbers(series, units, rows, warnings, comma=comma)
    return values.tolist(), warnings


def test_thousands_apart_are_one_number() -> None:
    assert numbers("1,149.4", "259.8", "41,924.0", "1,003") == ([1149.4, 259.8, 41924.0, 1003], [])


@pytest.mark.parametrize(
    "word", ["N/A", "#N/A", "-", "--", "---", "…", "?", "null", "Unknown", "not available", " "]
)
def test_a_word_for_missing_is_missing_in_any_format(word: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"kepid": ["1", word, "3"], "koi_depth": [1.5, word, 3.5], "koi_period": [1.0, 2.0, 3.0]}
    )
    frame.to_csv(tmp_path / "table.csv", index=False)
    frame.to_excel(tmp_path / "table.xlsx", index=False)
    for name in ("table.csv", "table.xlsx"):
        table = read_table(tmp_path / name, KEPLER, require_labels=False)
        assert table.features["koi_depth"].isna().tolist() == [False, True, False]
        assert table.hosts.tolist() == ["1", "row 2", "3"]


def test_limits_are_missing_and_told() -> None:
    values, warnings = numbers("500", "<1200", ">3")
    assert np.isnan(values).tolist() == [False, True, True]
    assert warnings == [
        (
            '2 cells of column koi_depth with a limit and no measurement, such as "<1200" in row 2,'
            " count as missing."
        )
    ]


def test_a_percent_sign_is_converted_where_the_column_has_such_a_unit() -> None:
    assert numbers("1.69 %", "741.7") == (
        [16900.0, 741.7],
        ["1 cell of column koi_depth written with %: converted to ppm."],
    )
    with pytest.raises(DataError, match=r'^Column koi_period has "9 %" in row 1, but the unit "%"'):
        numbers("9 %", column="koi_period")


def test_a_unit_of_the_column_itself_is_read_over() -> None:
    assert numbers("9.49 days", "8.1 d", column="koi_period") == ([9.49, 8.1], [])


def test_decimal_commas_are_told_by_the_column_or_else_by_the_table() -> None:
    assert numbers("1.149,40", "24,5", "562,000") == ([1149.4, 24.5, 562.0], [])
    assert numbers("4,359", "4,592", column="koi_slogg", comma=True)[0] == [4.359, 4.592]
    assert numbers("4,359", "4,592")[0] == [4359.0, 4592.0]


def test_a_comma_that_nothing_explains_is_a_question() -> None:
    with pytest.raises(DataError) as caught:
        numbers("4,359", "4,592", comma=None)
    assert str(caught.value) == (
        'Column koi_depth has "4,359" in row 1, whose comma may stand before decimals or between'
        " thousands: write 4.359 or 4359."
    )


def test_a_comma_among_points_gets_the_fix() -> None:
    with pytest.raises(DataError) as caught:
        numbers("1.5", "1,5")
    assert str(caught.value) == (
        'Column koi_depth has "1,5" in row 2, which is not a number; write 1.5, as the table\'s'
        " other decimals have points."
    )


def test_a_table_tells_whether_commas_separate_decimals() -> None:
    floats, words = pd.Series([1.5, 2.0]), pd.Series(["12,5", "1,234"])
    assert decimal_comma([words]) is True
    assert decimal_comma([floats]) is False
    assert decimal_comma([floats, words]) is None
    assert decimal_comma([pd.Series(["1,234"]), pd.Series([1.0])]) is None


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (pd.Series(["10797460", "1.08E+07"]), "1.08E+07"),
        (pd.Series([1.0, 2.0**53 + 2]), "9.0071993e+15"),
        (pd.Series([1.0, 2.0**25], dtype="float32"), "33554432"),
        (pd.Series(["mine", 1e17], dtype=object), "1e+17"),
    ],
)
def test_a_star_whose_number_was_rounded_is_refused_by_name(
    cells: pd.Series[Any], shown: str
) -> None:
    with pytest.raises(DataError) as caught:
        as_words(cells, KEPID, np.array([1, 3]))
    assert str(caught.value) == (
        f"Column kepid has {shown} in row 3: a spreadsheet has rounded the number, and which object"
        " it named cannot be told. Export the column as text, with all its digits."
    )


def test_a_star_whose_number_is_exact_stays_what_it_is() -> None:
    cells = pd.Series(["10797460.0", "1.0797460E7", "KIC 010797460", "TIC 5"])
    assert as_words(cells, KEPID).tolist() == ["10797460", "10797460", "10797460", "TIC 5"]


def test_a_label_may_be_a_word_that_elsewhere_means_missing() -> None:
    cells = pd.Series(["unknown", "n/a"])
    label = KEPLER.column(KEPLER.label)
    assert as_words(cells, label).isna().tolist() == [False, True]
    assert as_words(cells, KEPID).isna().all()


def test_errors_in_the_cells_are_columns_where_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("koi_period,koi_depth\n9.49±0.02,616\n54.4+0.3-0.1,875\n1.5,90\n")
    table = read_table(path, KEPLER, require_labels=False)
    assert table.features["koi_period"].tolist() == [9.49, 54.4, 1.5]
    assert table.features["koi_period_err1"].tolist()[:2] == [0.02, 0.3]
    assert table.features["koi_period_err2"].tolist()[:2] == [-0.02, -0.1]
    assert table.features["koi_period_err1"].isna().tolist() == [False, False, True]
    assert "koi_period_err1" not in table.missing_columns
    assert list(table.frame)[:3] == ["koi_period", "koi_period_err1", "koi_period_err2"]
    said = "The cells hold errors too, read as the columns koi_period_err1, koi_period_err2."
    assert said in table.warnings
    path.write_text("pl_orbper,pl_trandep\n9.49±0.02,616\n")
    withheld = read_table(path, TESS, require_labels=False)
    assert withheld.withheld_errors["pl_orbpererr1"].tolist() == [0.02]
    assert "pl_orbpererr1" not in withheld.frame


def test_errors_in_the_cells_give_way_to_columns_of_errors(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("koi_period,koi_period_err1\n9.49±0.02,0.5\n")
    table = read_table(path, KEPLER, require_labels=False)
    assert table.features["koi_period_err1"].tolist() == [0.5]
    assert "koi_period_err2" not in table.frame
