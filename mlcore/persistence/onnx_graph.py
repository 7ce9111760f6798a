"""The steps around an estimator as ONNX: preparation before it, calibration after it.

They are computed in double precision, as the classifier computes them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from mlcore.calibration.methods import SPREAD, CalibrationMethod
from mlcore.errors import ArtifactError
from mlcore.models.preprocessing import LogScale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sklearn.pipeline import Pipeline

    from mlcore.calibration.calibrator import Calibration

__all__ = ["FEATURES", "PROBABILITIES", "UNCALIBRATED", "Steps", "finish", "prepare"]

FEATURES = "features"
"""The input: the model's columns in their order and units, NaN where a value is missing."""
PROBABILITIES = "probabilities"
"""The first output: of each of the task's classes, calibrated where a calibration was learnt."""
UNCALIBRATED = "uncalibrated"
"""The second output: as the estimator states them."""


class Steps:
    """Operators and constants of a graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, values: Any, kind: Any = np.float64) -> str:
        """Add numbers, and return what they are called."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=kind), name))
        return name

    def then(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add an operator, and return what its output is called."""
        output = name or f"step_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output


def prepare(steps: Steps, preparation: Pipeline | None, columns: int) -> str:
    """Add what stands between a table's columns and an estimator.

    Parameters
    ----------
    steps
        The graph.
    preparation
        A classifier's own.
    columns
        How many there are.
    """
    x = FEATURES
    for _, step in [] if preparation is None else preparation.steps:
        if isinstance(step, LogScale):
            x = _logarithms(steps, x, step, columns)
        elif hasattr(step, "statistics_"):
            medians = steps.constant(step.statistics_[None, :])
            x = steps.then("Where", steps.then("IsNaN", x), medians, x)
        else:
            centred = steps.then("Sub", x, steps.constant(step.mean_[None, :]))
            x = steps.then("Div", centred, steps.constant(step.scale_[None, :]))
    return x


def _logarithms(steps: Steps, x: str, step: LogScale, columns: int) -> str:
    size = steps.then("Abs", x)
    zero = steps.then("Equal", size, steps.constant(0.0))
    size = steps.then("Where", zero, steps.constant(np.nan), size)
    logs = steps.then("Div", steps.then("Log", size), steps.constant(math.log(10.0)))
    spread = np.zeros((1, columns), dtype=bool)
    spread[0, list(step.columns)] = True
    return steps.then("Where", steps.constant(spread, bool), logs, x)


def finish(
    steps: Steps,
    stated: str,
    own: Sequence[str],
    task: Sequence[str],
    calibration: Calibration | None,
) -> None:
    """Add what stands between an estimator's probabilities and a classifier's.

    Parameters
    ----------
    steps
        The graph.
    stated
        What the estimator's probabilities are called.
    own
        The estimator's classes, in its order.
    task
        The task's classes, in canonical order.
    calibration
        What was learnt about the probabilities; None where nothing was.
    """
    exact = steps.then("Cast", stated, to=TensorProto.DOUBLE)
    # A class that the estimator does not know has no probability.
    places = np.array([[float(one == other) for other in task] for one in own])
    of_task = steps.then("MatMul", exact, steps.constant(places))
    total = steps.then("ReduceSum", of_task, steps.constant([1], np.int64), keepdims=1)
    # What is computed in single precision does not sum to 1.
    steps.then("Div", of_task, total, name=UNCALIBRATED)
    if calibration is None:
        steps.then("Identity", UNCALIBRATED, name=PROBABILITIES)
    else:
        _calibrate(steps, calibration, len(task))


def _calibrate(steps: Steps, calibration: Calibration, classes: int) -> None:
    numbers = calibration.numbers
    shrunk = steps.then("Mul", UNCALIBRATED, steps.constant(1 - SPREAD))
    spread = steps.then("Add", shrunk, steps.constant(SPREAD / classes))
    if calibration.method is CalibrationMethod.TEMPERATURE:
        sharpness = steps.constant(numbers["sharpness"][0])
        sharpened = steps.then("Mul", steps.then("Log", spread), sharpness)
        steps.then("Softmax", sharpened, name=PROBABILITIES, axis=1)
        return
    second = steps.then("Gather", spread, steps.constant([1], np.int64), axis=1)
    if calibration.method is CalibrationMethod.SIGMOID:
        other = steps.then("Sub", steps.constant(1.0), second)
        odds = steps.then("Log", steps.then("Div", second, other))
        factored = steps.then("Mul", odds, steps.constant(numbers["sharpness"][0]))
        score = steps.then("Add", factored, steps.constant(numbers["offset"][0]))
        second = steps.then("Sigmoid", score)
    else:
        second = _interpolate(steps, second, numbers["stated"], numbers["observed"])
    first = steps.then("Sub", steps.constant(1.0), second)
    steps.then("Concat", first, second, name=PROBABILITIES, axis=1)


def _interpolate(steps: Steps, x: str, at: Sequence[float], values: Sequence[float]) -> str:
    """Add up what each piece of a broken line rises by before `x`."""
    ends, heights = np.asarray(at), np.asarray(values)
    widths, rises = np.diff(ends)[None, :], np.diff(heights)[None, :]
    if not (widths > 0).all():
        raise ArtifactError("The model's calibration jumps, which cannot be written as ONNX.")
    covered = steps.then("Sub", x, steps.constant(ends[None, :-1]))
    covered = steps.then("Max", covered, steps.constant(0.0))
    covered = steps.then("Min", covered, steps.constant(widths))
    risen = steps.then("Mul", covered, steps.constant(rises / widths))
    total = steps.then("ReduceSum", risen, steps.constant([1], np.int64), keepdims=1)
    return steps.then("Add", total, steps.constant(heights[0]))
