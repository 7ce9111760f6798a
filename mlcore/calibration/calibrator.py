"""What a calibration has learnt, and what it makes of probabilities."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore._json import json_of
from mlcore.calibration.methods import MAPS, CalibrationMethod
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError
from mlcore.metrics.figures import interval_in_words
from mlcore.metrics.measure import check_probabilities
from mlcore.metrics.resampling import RESAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mlcore.calibration.methods import Numbers

__all__ = ["Calibration"]

_BOUNDS = tuple(f"log_loss_{when}_{end}" for when in ("before", "after") for end in ("low", "high"))
_SPLIT = (
    "training rows, each scored by a model that had not seen its star and calibrated by what other"
    " stars taught"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """What was learnt about a model's probabilities."""

    method: CalibrationMethod
    classes: tuple[Disposition, ...]
    numbers: Numbers
    frequencies: tuple[float, ...]
    """Share of each class among the rows that it was learnt from: the training rows."""
    rows: int
    stars: int
    log_loss_before: float
    """Of the out-of-fold scores."""
    log_loss_before_low: float | None = None
    """Bounds of the 95 % intervals, resampled by host star; None where they were not kept."""
    log_loss_before_high: float | None = None
    log_loss_after: float
    """Of the same rows, each calibrated by what was learnt on other stars."""
    log_loss_after_low: float | None = None
    log_loss_after_high: float | None = None

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], Calibration], tuple[dict[str, Any]]]:
        """Go to another process with the numbers as a plain dict: a read-only one cannot travel."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return _with_values, (values | {"numbers": dict(self.numbers)},)

    def apply(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated probabilities of the task's classes, shape ``(n, k)``."""
        check_probabilities(probabilities, rows=len(probabilities), classes=len(self.classes))
        return MAPS[self.method].apply(self.numbers, probabilities)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads: numbers and names only."""
        return json_of(replace(self, numbers=dict(self.numbers)))

    def as_figures(self, mark: str | None) -> dict[str, Any]:
        """Return the same as JSON values, with what its losses are of.

        Parameters
        ----------
        mark
            What must stand beside every figure, see `mlcore.features.feature_sets.mark_of`.
        """
        sure = self.log_loss_after_low is not None
        return self.as_json() | {
            "split": _SPLIT if mark is None else f"{_SPLIT}; {mark}",
            "interval": interval_in_words(RESAMPLES) if sure else None,
            "note": None if sure else "There is no interval: it was not kept with the model.",
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Calibration:
        """Return the calibration that `as_json` described.

        Raises
        ------
        ArtifactError
            When `saved` is something else.
        """
        try:
            calibration = cls(
                method=CalibrationMethod(saved["method"]),
                classes=tuple(map(Disposition, saved["classes"])),
                numbers=MappingProxyType(
                    {str(name): tuple(map(float, row)) for name, row in saved["numbers"].items()}
                ),
                frequencies=tuple(map(float, saved["frequencies"])),
                rows=int(saved["rows"]),
                stars=int(saved["stars"]),
                log_loss_before=float(saved["log_loss_before"]),
                log_loss_after=float(saved["log_loss_after"]),
                **{name: _number(saved.get(name)) for name in _BOUNDS},
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ArtifactError("The saved calibration is damaged.") from None
        numbers = [number for values in calibration.numbers.values() for number in values]
        if (
            calibration.numbers.keys() != MAPS[calibration.method].numbers
            or not np.isfinite([*numbers, *calibration.frequencies]).all()
            or len(calibration.frequencies) != len(calibration.classes)
        ):
            raise ArtifactError("The saved calibration is damaged.")
        return calibration


def _number(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _with_values(values: dict[str, Any]) -> Calibration:
    return Calibration(**values | {"numbers": MappingProxyType(values["numbers"])})
