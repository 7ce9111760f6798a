"""What a file says of its light curve beside the numbers in its columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlcore.lightcurves.light_curve import Star

__all__ = ["Facts"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is stated, None where nothing is."""

    star: Star = field(default_factory=Star)
    mission: str | None = None
    """``Kepler``, ``K2`` or ``TESS``."""
    segment: str | None = None
    """Such as ``quarter 3``."""
    time_zero: float | None = None
    """Julian date from which the times count [BJD]."""
    time_unit: str | None = None
    """As the file spells it."""
    quick_look: bool = False
    """Whether the file is of the Quick-Look Pipeline, whose flags have a meaning of their own."""
