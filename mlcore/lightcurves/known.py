"""A signal that whoever sends a light curve knows of; the web process reads it, too."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from mlcore.errors import DataError

__all__ = ["KnownSignal"]

_JULIAN = 2_400_000.0
"""An epoch beyond it is a Julian date, and not in the curve's own times."""
_HOURS = 24.0


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSignal:
    """When a known signal transits.

    Raises
    ------
    DataError
        When a value is no such number.

    Examples
    --------
    >>> round(KnownSignal(period=10.05, epoch=2456813.42, duration=2.6).epoch_after(2454833.0), 2)
    1980.42
    """

    period: float
    """[d]."""
    epoch: float
    """In the curve's own times, or a Julian date [d]."""
    duration: float
    """[h]."""

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not math.isfinite(value) or (one.name != "epoch" and value <= 0):
                above = "" if one.name == "epoch" else " above 0"
                unit = "hours" if one.name == "duration" else "days"
                raise DataError(f"{one.name} must be a number of {unit}{above}.")
        if self.duration >= self.period * _HOURS:
            raise DataError("duration [h] must be shorter than the period [d].")

    def epoch_after(self, time_zero: float, first: float = 0.0) -> float:
        """Return the epoch in a curve's own times [d].

        Parameters
        ----------
        time_zero
            Julian date from which they count; 0 where nothing says it.
        first
            The first of them.

        Raises
        ------
        DataError
            When the epoch is a Julian date, and nothing says which the curve's times are.
        """
        if self.epoch <= _JULIAN:
            return self.epoch
        if not time_zero and first <= _JULIAN:
            raise DataError(
                "The known signal's epoch is a Julian date, and the file does not tell from when"
                " its times count: give the epoch in the file's own times, or name its column so,"
                " such as BJD - 2457000."
            )
        return self.epoch - time_zero

    @property
    def days(self) -> float:
        """The duration [d]."""
        return self.duration / _HOURS
