"""A probability on a dial: half a circle from 0 to 1, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

__all__ = ["Dial"]

_RADIUS = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Dial:
    """A dial's shapes, in the units of its picture."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def track(self) -> str:
        """The whole half circle, as a path."""
        return _arc(0.0, 1.0)

    @property
    def interval(self) -> str:
        """The interval's part of it; empty where there is none."""
        if self.low is None or self.high is None:
            return ""
        return _arc(self.low, max(self.high, self.low + 0.004))

    @property
    def needle(self) -> str:
        """A line across the half circle, at the value."""
        (x1, y1), (x2, y2) = (
            _at(self.value, radius) for radius in (_RADIUS - 0.75, _RADIUS + 0.75)
        )
        return f"M{x1:.3f} {y1:.3f}L{x2:.3f} {y2:.3f}"


def _arc(low: float, high: float) -> str:
    (x1, y1), (x2, y2) = _at(low, _RADIUS), _at(high, _RADIUS)
    return f"M{x1:.3f} {y1:.3f}A{_RADIUS} {_RADIUS} 0 0 1 {x2:.3f} {y2:.3f}"


def _at(share: float, radius: float) -> tuple[float, float]:
    angle = pi * (1.0 - min(max(share, 0.0), 1.0))
    return radius * cos(angle), -radius * sin(angle)
