"""What a vetter would check of a signal, test by test."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.in_words import counted, joined, number
from sessions_app.selectors.vetting import vetting_of
from sessions_app.web.formatting import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.missions.light_curves.spec import TestResult, VettingTest
    from mlcore.references import Reference

__all__ = ["Source", "VettingRow", "VettingTable", "vetting_table"]

_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
_SIGNS = {Outcome.FAILED: "bad", Outcome.PASSED: "good", Outcome.NOT_POSSIBLE: "open"}
"""Which sign of the pages stands before an outcome's word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A paper that a test is from."""

    called: str
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VettingRow:
    """A test, and how it ended."""

    title: str
    question: str
    outcome: str
    """In words."""
    sign: str
    sentence: str
    value: str
    limit: str
    formula: str
    sources: Sequence[Source]


@dataclass(frozen=True, kw_only=True, slots=True)
class VettingTable:
    """The tests of a signal."""

    about: str
    """How many ended how, as a sentence."""
    rows: Sequence[VettingRow]


def vetting_table(mission: str, values: Mapping[str, float | str | None]) -> VettingTable | None:
    """Return the tests of a signal, those that failed first; None for what is no such signal."""
    results = vetting_of(mission, values)
    if not results:
        return None
    return VettingTable(about=_summed_up(results), rows=[_row(result) for result in results])


def _summed_up(results: Sequence[TestResult]) -> str:
    outcomes = [result.outcome for result in results]
    parts = [f"{outcomes.count(outcome)} {outcome}" for outcome in _SIGNS if outcome in outcomes]
    return f"Of {counted(len(results), 'test')} {joined(parts)}."


def _row(result: TestResult) -> VettingRow:
    test = result.test
    return VettingRow(
        title=test.title,
        question=test.question,
        outcome=str(result.outcome),
        sign=_SIGNS[result.outcome],
        sentence=_MINUS.sub("−", result.sentence),
        value=_number(result.value) if math.isfinite(result.value) else NOTHING,
        limit=_limit(test),
        formula=test.formula,
        sources=[_source(source) for source in test.sources],
    )


def _limit(test: VettingTest) -> str:
    """Return within which limits a test is passed.

    Examples
    --------
    >>> from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
    >>> _limit(VETTING_TESTS["signal"]), _limit(VETTING_TESTS["symmetry"])
    ('at least 7', '−5 to 5')
    """
    if math.isinf(test.most):
        return f"at least {_number(test.least)}"
    if math.isinf(test.least):
        return f"at most {_number(test.most)}"
    return f"{_number(test.least)} to {_number(test.most)}"


def _number(value: float) -> str:
    return number(value).replace("-", "−")


def _source(reference: Reference) -> Source:
    """Return a paper as its first author and year, with the address that its DOI leads to."""
    first, *others = reference.authors.split(" and ")
    surname = first.partition(",")[0].strip("{}")
    et_al = " et al." if others else ""
    return Source(
        called=f"{surname}{et_al} {reference.year}",
        address=f"https://doi.org/{reference.doi}" if reference.doi else "",
    )
