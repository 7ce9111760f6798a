"""What a vetting test is: a question to a signal, the values that answer it, and its limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mlcore.in_words import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.datasets.spec import Column
    from mlcore.references import Reference

__all__ = ["Outcome", "TestResult", "VettingTest"]


class Outcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, kw_only=True, slots=True)
class VettingTest:
    """One thing that a vetter looks at."""

    name: str
    title: str
    question: str
    """What it asks, as a sentence."""
    formula: str
    """How its deciding value is made, in words or symbols."""
    columns: tuple[Column, ...]
    """All values that it measures, which a model sees."""
    sources: tuple[Reference, ...] = ()
    decides: str | None = None
    """The value that its limit is on; None where the values only describe."""
    least: float = -math.inf
    most: float = math.inf
    """Between which values it is passed: a rule of thumb for people; no probability rests on it."""
    passed: str = ""
    failed: str = ""
    """What either says of the signal, as sentences in which ``{value}`` is the deciding value."""
    needs: str = ""
    """What a signal needs so that it can be tested, as a phrase."""
    lacking: Callable[[Mapping[str, float]], str] | None = None
    """Says by the other values which of that a signal lacks, as a sentence; empty: all of it."""

    def __post_init__(self) -> None:
        if self.decides is None:
            return
        if self.decides not in {column.name for column in self.columns}:
            raise ValueError(f"{self.name} decides by {self.decides}, which it does not measure")
        if not (self.passed and self.failed and self.needs):
            raise ValueError(f"{self.name} does not say what it means to pass or fail")

    def result(self, values: Mapping[str, float]) -> TestResult:
        """Return how the test ended for a signal of these values.

        Raises
        ------
        ValueError
            When the test only describes.
        """
        if self.decides is None:
            raise ValueError(f"{self.name} decides nothing")
        value = values.get(self.decides, math.nan)
        if not math.isfinite(value):
            return TestResult(
                test=self,
                outcome=Outcome.NOT_POSSIBLE,
                value=math.nan,
                sentence=(self.lacking(values) if self.lacking is not None else "")
                or f"This takes {self.needs}.",
            )
        passed = self.least <= value <= self.most
        said = (self.passed if passed else self.failed).format(value=number(value))
        return TestResult(
            test=self,
            outcome=Outcome.PASSED if passed else Outcome.FAILED,
            value=value,
            sentence=said,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TestResult:
    """How one test ended for one signal."""

    __test__ = False

    test: VettingTest
    outcome: Outcome
    value: float
    """The deciding value, NaN where it could not be measured."""
    sentence: str
    """Why, or what it lacks."""
