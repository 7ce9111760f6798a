"""What a calibration has learnt, and what it makes of probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.calibration.methods import MAPS, CalibrationMethod
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError
from mlcore.metrics.figures import interval_in_words
from mlcore.metrics.measure import check_probabilities
from mlcore.metrics.resampling import RESAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.calibration.methods import Numbers

__all__ = ["Calibration"]

_NEEDED = ("log_loss_before", "log_loss_after")
_LOSSES = tuple(f"{name}{end}" for name in _NEEDED for end in ("", "_low", "_high"))
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
    log_loss_after: float
    """Of the same rows, each calibrated by what was learnt on other stars."""
    log_loss_before_low: float | None = None
    """Bounds of the 95 % intervals, resampled by host star; None where they were not kept."""
    log_loss_before_high: float | None = None
    log_loss_after_low: float | None = None
    log_loss_after_high: float | None = None

    def apply(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated probabilities of the task's classes, shape ``(n, k)``."""
        check_probabilities(probabilities, rows=len(probabilities), classes=len(self.classes))
        return MAPS[self.method].apply(self.numbers, probabilities)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads: numbers and names only."""
        return {
            "method": str(self.method),
            "classes": [str(each) for each in self.classes],
            "numbers": {name: list(values) for name, values in self.numbers.items()},
            "frequencies": list(self.frequencies),
            "rows": self.rows,
            "stars": self.stars,
            **{name: getattr(self, name) for name in _LOSSES},
        }

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
                classes=tuple(Disposition(each) for each in saved["classes"]),
                numbers=MappingProxyType(
                    {
                        str(name): tuple(float(each) for each in values)
                        for name, values in saved["numbers"].items()
                    }
                ),
                frequencies=tuple(float(each) for each in saved["frequencies"]),
                rows=int(saved["rows"]),
                stars=int(saved["stars"]),
                log_loss_before=float(saved["log_loss_before"]),
                log_loss_after=float(saved["log_loss_after"]),
                **{name: _number(saved.get(name)) for name in _LOSSES if name not in _NEEDED},
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ArtifactError("The saved calibration is damaged.") from None
        numbers = [each for values in calibration.numbers.values() for each in values]
        if (
            calibration.numbers.keys() != MAPS[calibration.method].numbers
            or not np.isfinite([*numbers, *calibration.frequencies]).all()
            or len(calibration.frequencies) != len(calibration.classes)
        ):
            raise ArtifactError("The saved calibration is damaged.")
        return calibration


def _number(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
