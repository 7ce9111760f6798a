"""What the vetting tests of light curves say of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.registry import results
from mlcore.datasets.missions.light_curves.spec import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets.missions.light_curves.spec import TestResult

__all__ = ["vetting_of"]

_FIRST = (Outcome.FAILED, Outcome.PASSED, Outcome.NOT_POSSIBLE)


def vetting_of(mission: str, values: Mapping[str, float | str | None]) -> tuple[TestResult, ...]:
    """Return how the tests ended that have a limit, those that failed first.

    Parameters
    ----------
    mission
        Of the object: only signals of light curves are vetted so, and of others there is nothing.
    values
        By the mission's column; what is missing cannot be tested.
    """
    if mission != LIGHT_CURVES.name:
        return ()
    numbers = {
        name: float(value) for name, value in values.items() if isinstance(value, float | int)
    }
    return tuple(sorted(results(numbers), key=lambda one: _FIRST.index(one.outcome)))
