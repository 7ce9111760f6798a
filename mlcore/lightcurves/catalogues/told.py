"""What is told of a signal that catalogues have, by the names that records have for it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["InCatalogues"]


@dataclass(frozen=True, kw_only=True, slots=True)
class InCatalogues:
    """The row that a signal is, and another star of the same events; see `SignalRecord`."""

    catalogue_object: str = ""
    """As people write it; empty where it is none."""
    catalogue_mission: str = ""
    """``kepler``, ``k2`` or ``tess``."""
    catalogue_disposition: str = ""
    """As the catalogue states it."""
    catalogue_period: float | None = None
    """[d]."""
    catalogue_by_epoch: bool = False
    """Whether the row's epoch was compared, and not its period alone."""
    catalogue_probability: float | None = None
    """Of a planet by the row, from models of other stars where `catalogue_in_sample` does not say
    otherwise; None where no model can say it."""
    catalogue_model: str = ""
    """The published model that stated it; empty where models fitted for the carried rows did."""
    catalogue_in_sample: bool = False
    """Whether that model was trained on objects of the star."""
    other_object: str = ""
    """Of another star; empty where none has its events at the same times."""
    other_star: str = ""
    """With its number."""
    other_separation: float | None = None
    """[arcsec]."""
