"""Named physical checks of an object, beside the classifier's word and independent of it.

What is checked stands in `mlcore.prediction.physical_checks`. A check that fails is no verdict: it
names what is odd about the object and by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.units import amount_in_words
from mlcore.features.converting import measured_quantities
from mlcore.prediction.physical_checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.prediction.physical_checks import Measured, PhysicalCheck

__all__ = ["OUTCOMES", "CheckResult", "Outcome", "check_columns", "outcomes_of", "physical_checks"]

_RELATIONS = {
    (True, False): "more than",
    (True, True): "less than",
    (False, False): "at most",
    (False, True): "at least",
}
"""Words for a value beside its limit, by whether it is beyond it and whether it is a lower one."""
_BY_NAME = {check.name: check for check in CHECKS}


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "cannot be checked"


OUTCOMES = tuple(Outcome)
"""The ways in which a check ends, in the order of the numbers that stand for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """One check of one object."""

    check: str
    outcome: Outcome
    value: float | None
    limit: float | None
    """The limit that was broken or, where it passed, the one that applies."""
    is_lower: bool
    """Whether a value below the limit breaks it."""
    missing: tuple[str, ...]
    """Columns without which it cannot be checked, or quantities that the mission lacks."""

    @property
    def sentence(self) -> str:
        """How it ended in words."""
        check = _BY_NAME[self.check]
        if self.value is None or self.limit is None:
            return f"{check.subject} cannot be checked without {', '.join(self.missing)}"
        found, most = (
            amount_in_words(number, check.unit, digits=4) for number in (self.value, self.limit)
        )
        has_failed = self.outcome is Outcome.FAILED
        # A hair beyond a limit is beyond it.
        hair = "a little " if has_failed and found == most else ""
        relation = _RELATIONS[has_failed, self.is_lower]
        return f"{check.subject} of {found} is {hair}{relation} {most}, {check.limit}"


def check_columns(check: PhysicalCheck, dataset: Dataset) -> tuple[str | None, ...]:
    """Return the mission's column of each quantity that a check needs, None where it has none."""
    return tuple(dataset.quantities.get(name) for name in check.needs)


def outcomes_of(table: Table) -> NDArray[np.int8]:
    """Return how each check of each row ended, as positions in `OUTCOMES`.

    Parameters
    ----------
    table
        Rows of any mission, with or without labels.

    Returns
    -------
    ndarray, shape ``(n, c)``
        A column for each of `CHECKS`, in their order.
    """
    values = measured_quantities(table)
    ended = np.empty((len(table), len(CHECKS)), dtype=np.int8)
    for place, check in enumerate(CHECKS):
        _, _, checked, failed = _compared(check.measure(values))
        ended[:, place] = np.where(
            checked,
            np.where(failed, OUTCOMES.index(Outcome.FAILED), OUTCOMES.index(Outcome.PASSED)),
            OUTCOMES.index(Outcome.UNCHECKED),
        )
    return ended


def physical_checks(table: Table) -> list[tuple[CheckResult, ...]]:
    """Check every row of a table.

    Parameters
    ----------
    table
        Rows of any mission, with or without labels.

    Returns
    -------
    list of tuple of CheckResult
        For each row one result for each of `CHECKS`, in their order.
    """
    values = measured_quantities(table)
    by_check = [_results(check, check.measure(values), values, table.dataset) for check in CHECKS]
    return list(zip(*by_check, strict=True))


def _compared(
    measured: Measured,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the limits of each row, whether it can be checked, and whether it fails."""
    values = measured.value
    low, high = (np.broadcast_to(limit, values.shape) for limit in (measured.low, measured.high))
    checked = np.isfinite(values) & ~(np.isnan(low) | np.isnan(high))
    return low, high, checked, np.asarray((values < low) | (values > high))


def _results(
    check: PhysicalCheck,
    measured: Measured,
    quantities: Mapping[str, NDArray[np.float64]],
    dataset: Dataset,
) -> list[CheckResult]:
    values = measured.value
    low, high, checked, failed = _compared(measured)
    below = np.isinf(high) | (~np.isinf(low) & (values < low))
    limits = np.where(below, low, high)
    absent = np.isnan(np.stack([quantities[name] for name in check.needs], axis=1))
    named = [
        column or QUANTITIES[name].meaning
        for name, column in zip(check.needs, check_columns(check, dataset), strict=True)
    ]
    results = []
    by_row = zip(*(part.tolist() for part in (values, checked, failed, below, limits)), strict=True)
    for i, (value, is_checked, has_failed, is_below, bound) in enumerate(by_row):
        outcome = Outcome.UNCHECKED
        missing: tuple[str, ...] = ()
        if is_checked:
            outcome = Outcome.FAILED if has_failed else Outcome.PASSED
        else:
            gone = (name for name, lacks in zip(named, absent[i], strict=True) if lacks)
            missing = tuple(gone) or tuple(named)
        results.append(
            CheckResult(
                check=check.name,
                outcome=outcome,
                value=value if is_checked else None,
                limit=bound if is_checked else None,
                is_lower=is_below,
                missing=missing,
            )
        )
    return results
