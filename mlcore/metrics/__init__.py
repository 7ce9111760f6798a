"""Figures of merit, their intervals, curves and slices, on exactly the given rows."""

from __future__ import annotations

from mlcore.metrics.curves import Curves, curves
from mlcore.metrics.figures import Figure, Measurement
from mlcore.metrics.measure import measure
from mlcore.metrics.registry import METRICS
from mlcore.metrics.slices import SLICINGS, SlicedMeasurements, Slicing, measure_slices
from mlcore.metrics.spec import Metric

__all__ = [
    "METRICS",
    "SLICINGS",
    "Curves",
    "Figure",
    "Measurement",
    "Metric",
    "SlicedMeasurements",
    "Slicing",
    "curves",
    "measure",
    "measure_slices",
]
