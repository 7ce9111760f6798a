from __future__ import annotations

import doctest
import math

import numpy as np
import pytest

from mlcore import in_words
from mlcore.in_words import (
    CARD,
    SENTENCE,
    SENTENCE_CHANGE,
    SENTENCE_SHARE,
    TABLE,
    TABLE_CHANGE,
    TABLE_GAIN,
    TABLE_SHARE,
    Notation,
    bounds,
    decimal,
    figure,
    fraction,
    level,
    percent,
)


@pytest.mark.parametrize(
    ("value", "notation", "written"),
    [
        (0.9144, SENTENCE, "0.914"),
        (np.float64(0.0125), SENTENCE, "0.013"),
        (-0.25, SENTENCE, "-0.250"),
        (-0.0004, SENTENCE, "0.000"),
        (0.91449, CARD, "0.9145"),
        (0.0203, SENTENCE_CHANGE, "+0.020"),
        (-0.0203, SENTENCE_CHANGE, "-0.020"),
        (0.0004, SENTENCE_CHANGE, "0.000"),
        (0.545, SENTENCE_SHARE, "55%"),
        (0.9144, TABLE, "0.914"),
        (-0.25, TABLE, "−0.250"),
        (-0.0004, TABLE, "0.000"),
        (0.0203, TABLE_CHANGE, "+0.020"),
        (-0.0203, TABLE_CHANGE, "−0.020"),
        (-0.0004, TABLE_CHANGE, "0.000"),
        (0.54, TABLE_SHARE, "54 %"),
        (0.0543, TABLE_SHARE, "5.4 %"),
        (0.9512, TABLE_SHARE, "95.1 %"),
        (0.0, TABLE_SHARE, "0 %"),
        (1.0, TABLE_SHARE, "100 %"),
        (0.0009, TABLE_SHARE, "< 0.1 %"),
        (0.9991, TABLE_SHARE, "> 99.9 %"),
        (0.9512, TABLE_GAIN, "95 %"),
        (-0.0512, TABLE_GAIN, "−5 %"),
        (1.2, TABLE_GAIN, "120 %"),
    ],
)
def test_a_number_has_the_digits_and_the_signs_of_its_place(
    value: float, notation: Notation, written: str
) -> None:
    firm = written.replace(" ", "\N{NO-BREAK SPACE}")
    assert decimal(value, notation) == (firm if notation.table else written)


@pytest.mark.parametrize(
    ("measured", "notation", "written"),
    [
        ((0.9144, 0.9, 0.93), SENTENCE, "0.914 (0.900 to 0.930)"),
        ((0.9144, None, None), SENTENCE, "0.914 (no interval)"),
        ((0.9144, math.nan, math.nan), SENTENCE, "0.914 (no interval)"),
        ((None, None, None), SENTENCE, "not defined"),
        ((0.9144, 0.9, 0.93), CARD, "0.9144 (0.9000 to 0.9300)"),
        ((-0.02, -0.03, 0.01), SENTENCE_CHANGE, "-0.020 (-0.030 to +0.010)"),
        ((0.54, 0.5, 0.6), SENTENCE_SHARE, "54% (50% to 60%)"),
        ((0.9144, 0.9, 0.93), TABLE, "0.914 [0.900, 0.930]"),
        ((0.9144, 0.85, 0.96), TABLE, "0.91 [0.85, 0.96]"),
        ((-0.02, -0.03, 0.01), TABLE, "−0.020 [−0.030, 0.010]"),
        ((0.9144, None, None), TABLE, "0.914 [no interval]"),
        ((0.054, 0.0009, 0.2), TABLE_SHARE, "5.4 % [< 0.1 %, 20 %]"),
        ((0.54, -0.05, 1.2), TABLE_GAIN, "54 % [−5 %, 120 %]"),
    ],
)
def test_a_figure_stands_with_its_interval_or_says_that_it_has_none(
    measured: tuple[float | None, float | None, float | None], notation: Notation, written: str
) -> None:
    firm = written.replace(" ", "\N{NO-BREAK SPACE}")
    assert figure(*measured, notation) == (firm if notation.table else written)


def test_a_figure_that_is_not_defined_says_why_where_that_is_known() -> None:
    assert figure(None, None, None, TABLE, note="No planets.") == "not defined: No planets."


def test_bounds_stand_without_brackets_too() -> None:
    assert bounds(-0.03, 0.01, SENTENCE_CHANGE) == "-0.030 to +0.010"


@pytest.mark.parametrize(
    ("share", "digits", "written"), [(0.54, 0, "54%"), (0.995, 1, "99.5%"), (1.0, 0, "100%")]
)
def test_a_sentence_gives_shares_in_percent(share: float, digits: int, written: str) -> None:
    assert percent(share, digits=digits) == written


@pytest.mark.parametrize(
    ("share", "as_level", "as_fraction"),
    [
        (0.2, "20 %", "a fifth"),
        (1 / 3, "33.33 %", "a third"),
        (0.25, "25 %", "a quarter"),
        (0.5, "50 %", "a half"),
        (0.1, "10 %", "a tenth"),
        (0.95, "95 %", "95 %"),
        (0.975, "97.5 %", "97.5 %"),
        (0.15, "15 %", "15 %"),
    ],
)
def test_a_constant_is_said_as_a_level_or_as_a_fraction(
    share: float, as_level: str, as_fraction: str
) -> None:
    assert (level(share), fraction(share)) == (as_level, as_fraction)


def test_the_examples_hold() -> None:
    assert doctest.testmod(in_words).failed == 0
