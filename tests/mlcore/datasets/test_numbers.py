from __future__ import annotations

import time

import pytest

from mlcore.datasets.numbers import AmbiguousCommaError, Found, read_number


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("9.49", False, 9.49),
        ("+.5", False, 0.5),
        ("−5.2", False, -5.2),
        ("1,149.4", None, 1149.4),
        ("1,234,567", None, 1234567.0),
        ("1,234", False, 1234.0),
        ("1 234.5", None, 1234.5),
        ("1\u202f234", None, 1234.0),
        ("1’234.5", None, 1234.5),
        ("1.149,4000", True, 1149.4),
        ("4,359", True, 4.359),
        ("4.702", True, 4702.0),
        ("1.5D-03", False, 0.0015),
        ("1.5×10^-3", False, 0.0015),
        ("2 x 10**3", False, 2000.0),
        ("~5.3", False, 5.3),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, comma: bool | None, value: float) -> None:
    number = read_number(text, comma=comma)
    assert number is not None
    assert (number.value, number.found, number.upper, number.unit) == (
        value,
        Found.VALUE,
        None,
        "",
    )


@pytest.mark.parametrize(
    ("text", "value", "upper", "lower"),
    [
        ("9.49±0.02", 9.49, 0.02, -0.02),
        ("9.49 +/- 0.02", 9.49, 0.02, -0.02),
        ("9.49+0.02-0.01", 9.49, 0.02, -0.01),
        ("9.49 (+0.02/-0.01)", 9.49, 0.02, -0.01),
        ("9.4884(12)", 9.4884, 0.0012, -0.0012),
        ("-3.5e-2 ± 1e-3", -0.035, 0.001, -0.001),
        ("34.2±nan", 34.2, None, None),
    ],
)
def test_a_number_is_read_with_its_errors(
    text: str, value: float, upper: float | None, lower: float | None
) -> None:
    number = read_number(text)
    assert number is not None
    assert number.value == value
    assert number.upper == (None if upper is None else pytest.approx(upper))
    assert number.lower == (None if lower is None else pytest.approx(lower))


@pytest.mark.parametrize("text", ["<1200", "> 10", "≤0.5", ">=3", "< 1,200.5"])
def test_a_limit_is_no_value(text: str) -> None:
    number = read_number(text)
    assert number is not None
    assert number.found is Found.LIMIT


def test_a_unit_is_told_apart_from_its_number() -> None:
    percent, days = read_number("1.69 %"), read_number("9.49 d")
    assert percent is not None
    assert days is not None
    assert (percent.value, percent.unit, days.value, days.unit) == (1.69, "%", 9.49, "d")


@pytest.mark.parametrize(
    ("text", "unit", "upper"),
    [
        ("2.0 hrs", "hrs", None),
        ("21725 ± 85 ppm", "ppm", 85.0),
        ("~21725 ppm", "ppm", None),
        ("370 °C", "°C", None),
        ("54971 W/m2", "W/m2", None),
        ("1.5e3 d", "d", None),
    ],
)
def test_a_unit_stands_behind_whatever_the_number_has(
    text: str, unit: str, upper: float | None
) -> None:
    number = read_number(text)
    assert number is not None
    assert (number.unit, number.upper) == (unit, upper)


@pytest.mark.parametrize(
    "text",
    ["abc", "", "5-3", "2018-09-05", "12:30", "1/2", "1,23,4", "1.2.3", "True", "12,5"],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_a_comma_that_can_be_both_is_a_question() -> None:
    with pytest.raises(AmbiguousCommaError):
        read_number("1,234", comma=None)


@pytest.mark.parametrize("text", ["1 " * 5000, "1," * 5000, "1.5 +" * 2000, "9" * 10000 + "x"])
def test_a_long_cell_is_soon_done_with(text: str) -> None:
    began = time.perf_counter()
    assert read_number(text) is None
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("text", "value", "upper", "lower"),
    [
        (r"$9.5 \pm 0.2$", 9.5, 0.2, -0.2),
        ("$9.5^{+0.2}_{-0.1}$", 9.5, 0.2, -0.1),
        ("9.5_{-0.1}^{+0.2}", 9.5, 0.2, -0.1),
        ("$9.10^{+0.2}_{-0.1}$", 9.1, 0.2, -0.1),
        (r"$1.5 \times 10^{-3}$", 0.0015, None, None),
        ("ca. 9.5", 9.5, None, None),
        ("about 9.5", 9.5, None, None),
        ("13.60(0.12)", 13.6, 0.12, -0.12),
        ("13.6 -0.3 +0.5", 13.6, 0.5, -0.3),
        ("13.60*", 13.6, None, None),
    ],
)
def test_a_number_is_read_as_papers_set_it(
    text: str, value: float, upper: float | None, lower: float | None
) -> None:
    number = read_number(text)
    assert number is not None
    assert (number.value, number.upper, number.lower) == (value, upper, lower)
