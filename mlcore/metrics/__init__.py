"""Figures of merit, their intervals, curves and slices, on exactly the given rows."""

from __future__ import annotations

from mlcore.metrics.curves import Curve, Curves, ReliabilityBin, curves
from mlcore.metrics.figures import Confusion, Figure, Measurement
from mlcore.metrics.measure import measure
from mlcore.metrics.registry import METRICS
from mlcore.metrics.slices import SLICINGS, Slice, SlicedMeasurements, Slicing, measure_slices
from mlcore.metrics.spec import Metric

__all__ = [
    "METRICS",
    "SLICINGS",
    "Confusion",
    "Curve",
    "Curves",
    "Figure",
    "Measurement",
    "Metric",
    "ReliabilityBin",
    "Slice",
    "SlicedMeasurements",
    "Slicing",
    "curves",
    "measure",
    "measure_slices",
]
