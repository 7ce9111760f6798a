"""What a vetting test is."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mlcore.datasets.missions.light_curves import columns
from mlcore.datasets.missions.light_curves.spec import Outcome, VettingTest


def declared(**changed: Any) -> VettingTest:
    taken: dict[str, Any] = {
        "name": "tilt",
        "title": "Tilt",
        "question": "Is it straight?",
        "formula": "Angle",
        "columns": (columns.number(name="angle", meaning="Angle"),),
        "decides": "angle",
        "least": -2.0,
        "most": 3.0,
        "passed": "It is straight ({value}).",
        "failed": "It leans by {value}.",
        "needs": "two ends",
    }
    return VettingTest(**(taken | changed))


@pytest.mark.parametrize("value", [-2.0, 0.0, 3.0])
def test_a_value_within_the_limits_passes(value: float) -> None:
    result = declared().result({"angle": value})
    assert result.outcome is Outcome.PASSED
    assert result.value == value


@pytest.mark.parametrize(
    ("value", "said"), [(-2.01, "It leans by -2.01."), (3.01, "It leans by 3.01.")]
)
def test_a_value_beyond_a_limit_fails_and_is_told(value: float, said: str) -> None:
    result = declared().result({"angle": value, "other": 0.0})
    assert result.outcome is Outcome.FAILED
    assert result.sentence == said
    assert result.test.name == "tilt"


@pytest.mark.parametrize("values", [{}, {"angle": math.nan}, {"angle": math.inf}, {"other": 1.0}])
def test_without_a_value_a_test_is_not_possible(values: dict[str, float]) -> None:
    result = declared().result(values)
    assert result.outcome is Outcome.NOT_POSSIBLE
    assert math.isnan(result.value)
    assert result.sentence == "This takes two ends."


def test_a_test_without_limits_passes_whatever_it_is() -> None:
    boundless = declared(least=-math.inf, most=math.inf)
    assert boundless.result({"angle": 1e9}).outcome is Outcome.PASSED


def test_a_test_decides_by_what_it_measures() -> None:
    with pytest.raises(ValueError, match=r"^tilt decides by height, which it does not measure$"):
        declared(decides="height")


@pytest.mark.parametrize("missing", ["passed", "failed", "needs"])
def test_a_test_says_what_it_means(missing: str) -> None:
    with pytest.raises(ValueError, match=r"^tilt does not say what it means to pass or fail$"):
        declared(**{missing: ""})


def test_a_test_that_only_describes_needs_no_words_and_ends_in_nothing() -> None:
    describes = declared(decides=None, passed="", failed="", needs="")
    with pytest.raises(ValueError, match=r"^tilt decides nothing$"):
        describes.result({"angle": 1.0})
