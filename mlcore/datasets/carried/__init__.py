"""The table that the project itself carries, so that it works without a network.

It is the Kepler DR25 table of 2017, reduced to the columns that a `Table` keeps; PROVENANCE.md
beside it says where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARRIED", "CarriedTable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CarriedTable:
    """A table inside the package."""

    path: Path
    title: str
    dated: date
    sha256: str
    rows: int


CARRIED: Mapping[str, CarriedTable] = MappingProxyType(
    {
        "kepler": CarriedTable(
            path=Path(__file__).parent / "kepler_q1_q17_dr25.parquet",
            title="Kepler Q1-Q17 DR25 table of 2017",
            dated=date(2017, 7, 19),
            sha256="328c5ce08d6388b77c4a81543e37bf19f755236828359d5fc2c00d7cb2d0cd6c",
            rows=8054,
        )
    }
)
"""The carried tables by the name of their dataset."""
