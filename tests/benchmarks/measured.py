"""What a benchmark found."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

__all__ = ["Measured"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A ratio, measured several times in one run, and the bar that it has to keep."""

    name: str
    """What is compared with what."""
    ratios: tuple[float, ...]
    bar: float
    at_most: bool
    """Whether the bar is the highest that is allowed; else it is the lowest."""
    detail: str = ""
    """The absolute figures behind the ratios, for the reader and for no assertion."""

    @property
    def median(self) -> float:
        """The ratio to quote."""
        return statistics.median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether the bar is kept."""
        return self.median <= self.bar if self.at_most else self.median >= self.bar

    def as_text(self) -> str:
        """Return the measurement in two lines."""
        sign = "≤" if self.at_most else "≥"
        return (
            f"{'holds' if self.holds else 'FAILS'}  {self.median:.2f}"
            f" ({min(self.ratios):.2f} to {max(self.ratios):.2f})  {sign} {self.bar:g}"
            f"  {self.name}\n       {self.detail}"
        )

    def as_json(self) -> dict[str, object]:
        """Return the measurement as JSON values."""
        return {
            "name": self.name,
            "ratio": self.median,
            "lowest": min(self.ratios),
            "highest": max(self.ratios),
            "runs": len(self.ratios),
            "bar": self.bar,
            "at_most": self.at_most,
            "holds": self.holds,
            "detail": self.detail,
        }
