"""Named physical checks of an object, beside the classifier's word and independent of it.

What is checked stands in `mlcore.prediction.physical_checks`. A check that fails is no verdict: it
names what is odd about the object and by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.units import amount_in_words
from mlcore.features.converting import quantities_of
from mlcore.prediction.physical_checks import CHECKS

if TYPE_CHECKING:
    import pandas as pd

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.prediction.physical_checks import Measured, PhysicalCheck

__all__ = ["CheckResult", "Outcome", "check_columns", "physical_checks"]


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "cannot be checked"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """One check of one object."""

    check: str
    outcome: Outcome
    value: float | None
    limit: float | None
    """The limit that was broken or, where it passed, the one that applies."""
    missing: tuple[str, ...]
    """Columns without which it cannot be checked, or quantities that the mission lacks."""
    sentence: str


def check_columns(check: PhysicalCheck, dataset: Dataset) -> tuple[str | None, ...]:
    """Return the mission's column of each quantity that a check needs, None where it has none."""
    return tuple(dataset.quantities.get(name) for name in check.needs)


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
    rows = quantities_of(table)
    values = {name: rows[name].to_numpy(dtype=np.float64) for name in QUANTITIES}
    by_check = [_results(check, check.measure(values), rows, table.dataset) for check in CHECKS]
    return list(zip(*by_check, strict=True))


def _results(
    check: PhysicalCheck, measured: Measured, rows: pd.DataFrame, dataset: Dataset
) -> list[CheckResult]:
    values = measured.value
    low, high = (np.broadcast_to(limit, values.shape) for limit in (measured.low, measured.high))
    checked = np.isfinite(values) & ~(np.isnan(low) | np.isnan(high))
    failed = (values < low) | (values > high)
    absent = rows[list(check.needs)].isna().to_numpy()
    named = [
        column or QUANTITIES[name].meaning
        for name, column in zip(check.needs, check_columns(check, dataset), strict=True)
    ]
    results = []
    for i, value in enumerate(values.tolist()):
        outcome, limit = Outcome.UNCHECKED, None
        missing: tuple[str, ...] = ()
        if checked[i]:
            outcome = Outcome.FAILED if failed[i] else Outcome.PASSED
            below = math.isinf(high[i]) or (not math.isinf(low[i]) and value < low[i])
            limit = float(low[i] if below else high[i])
            relation = {
                (True, False): "more than",
                (True, True): "less than",
                (False, False): "at most",
                (False, True): "at least",
            }[bool(failed[i]), below]
            found, bound = (
                amount_in_words(number, check.unit, digits=4) for number in (value, limit)
            )
            # A hair beyond a limit is beyond it.
            hair = "a little " if failed[i] and found == bound else ""
            said = f"of {found} is {hair}{relation} {bound}, {check.limit}"
        else:
            gone = (name for name, lacks in zip(named, absent[i], strict=True) if lacks)
            missing = tuple(gone) or tuple(named)
            said = f"cannot be checked without {', '.join(missing)}"
        results.append(
            CheckResult(
                check=check.name,
                outcome=outcome,
                value=value if checked[i] else None,
                limit=limit,
                missing=missing,
                sentence=f"{check.subject} {said}",
            )
        )
    return results
