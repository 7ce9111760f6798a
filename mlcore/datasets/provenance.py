"""What is special about where a mission's rows come from: a carried table, rows left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

__all__ = ["CARRIED_FOLDER", "CarriedTable", "Untreated"]

CARRIED_FOLDER = Path(__file__).parent / "carried"
"""Where the package's own tables lie."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CarriedTable:
    """A mission's table inside the package."""

    path: Path
    title: str
    dated: date
    sha256: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Untreated:
    """Objects that a mission's last pipeline run left out, so that what is missing is no chance."""

    reason: str
    """Why no model on the full table's columns learns from them, as a phrase."""
    origin: str
    """Column of a full table that was put together from several: from which of them a row is."""
    marker: str
    """Its value for these objects."""
