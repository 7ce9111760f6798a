"""The maps from a model's probabilities to calibrated ones, each a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.isotonic import IsotonicRegression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

__all__ = ["MAPS", "SPREAD", "CalibrationMap", "CalibrationMethod", "Numbers"]

Numbers: TypeAlias = "Mapping[str, tuple[float, ...]]"
"""What a map has learnt, by name."""

SPREAD = 1e-3
"""Share of each probability that is spread over the classes first: a forest's certain 0 has no
logarithm, and cutting off would make equal what was ranked."""
_SHARPNESS = (-3.0, 3.0)
"""Bounds of the logarithm of the factor on the log-odds."""


class CalibrationMethod(StrEnum):
    """The name of a map."""

    TEMPERATURE = "temperature"
    SIGMOID = "sigmoid"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationMap:
    """A way of calibrating."""

    method: CalibrationMethod
    meaning: str
    """One sentence, with its source."""
    fit: Callable[[NDArray[np.float64], NDArray[np.int64]], Numbers]
    """Learn from probabilities, shape ``(n, k)``, and positions of the true classes, ``(n,)``."""
    apply: Callable[[Numbers, NDArray[np.float64]], NDArray[np.float64]]
    """Return calibrated probabilities, shape ``(n, k)``."""
    numbers: frozenset[str]
    """Names of what it learns."""
    any_classes: bool = False
    """Whether it serves more than two classes."""
    fewest_rows: int = 0
    """Rows below which it is not chosen."""


def _spread(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((1 - SPREAD) * probabilities + SPREAD / probabilities.shape[1])


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of the second of two classes."""
    return np.asarray(logit(_spread(probabilities)[:, 1]))


def _two_classes(second: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([1 - second, second])


def _fit_temperature(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> Numbers:
    logs, rows = np.log(_spread(probabilities)), np.arange(len(target))

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * logs, axis=1)[rows, target].mean())

    best = minimize_scalar(loss, bounds=_SHARPNESS, method="bounded")
    return {"sharpness": (float(np.exp(best.x)),)}


def _apply_temperature(numbers: Numbers, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    logs = np.log(_spread(probabilities))
    return np.asarray(softmax(numbers["sharpness"][0] * logs, axis=1))


def _fit_sigmoid(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> Numbers:
    odds, second = _log_odds(probabilities), target == 1

    def loss(sharpness_and_offset: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        factor, offset = np.exp(sharpness_and_offset[0]), sharpness_and_offset[1]
        score = factor * odds + offset
        error = expit(score) - second
        slope = np.array([np.mean(error * odds) * factor, np.mean(error)])
        return float(np.mean(np.logaddexp(0, score) - second * score)), slope

    # The factor is an exponential: a rising map whatever the scores are.
    best = minimize(loss, np.zeros(2), jac=True, bounds=[_SHARPNESS, (-10.0, 10.0)])
    return {"sharpness": (float(np.exp(best.x[0])),), "offset": (float(best.x[1]),)}


def _apply_sigmoid(numbers: Numbers, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    score = numbers["sharpness"][0] * _log_odds(probabilities) + numbers["offset"][0]
    return _two_classes(expit(score))


def _fit_isotonic(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> Numbers:
    stated, second = _spread(probabilities)[:, 1], (target == 1).astype(np.float64)
    steps = IsotonicRegression(y_min=0.0, y_max=1.0).fit_transform(stated, second)
    # Rows of one step may differ in their last bit.
    heights, step = np.unique(np.round(steps, 12), return_inverse=True)
    rows = np.bincount(step)
    centres = np.bincount(step, weights=stated) / rows
    # No observed share is certain: half a row of the other class stands beside all rows.
    shares = (heights * len(target) + 0.5) / (len(target) + 1)
    ends = shares[0] / 2, (1 + shares[-1]) / 2
    return {
        "stated": (0.0, *centres.tolist(), 1.0),
        "observed": (float(ends[0]), *shares.tolist(), float(ends[1])),
    }


def _apply_isotonic(numbers: Numbers, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    stated = _spread(probabilities)[:, 1]
    return _two_classes(np.interp(stated, numbers["stated"], numbers["observed"]))


MAPS: Mapping[CalibrationMethod, CalibrationMap] = MappingProxyType(
    {
        way.method: way
        for way in (
            CalibrationMap(
                method=CalibrationMethod.TEMPERATURE,
                meaning="One factor on the logarithms of all probabilities; the most probable"
                " class stays the most probable (Guo et al. 2017).",
                fit=_fit_temperature,
                apply=_apply_temperature,
                numbers=frozenset({"sharpness"}),
                any_classes=True,
            ),
            CalibrationMap(
                method=CalibrationMethod.SIGMOID,
                meaning="A factor and an offset on the log-odds of two classes (Platt 2000).",
                fit=_fit_sigmoid,
                apply=_apply_sigmoid,
                numbers=frozenset({"sharpness", "offset"}),
            ),
            CalibrationMap(
                method=CalibrationMethod.ISOTONIC,
                meaning="The rising line through the centres of the steps that fit best (Zadrozny"
                " & Elkan 2002; centred: Oron & Flournoy 2017).",
                fit=_fit_isotonic,
                apply=_apply_isotonic,
                numbers=frozenset({"stated", "observed"}),
                # Below about this many it fits the noise (Niculescu-Mizil & Caruana 2005).
                fewest_rows=1000,
            ),
        )
    }
)
"""The maps, the one with the fewest numbers first."""
