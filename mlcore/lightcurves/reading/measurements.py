"""What one file has of a light curve, as it has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.datasets.readers.raw_table import Heading
    from mlcore.lightcurves.reading.columns import Role
    from mlcore.lightcurves.reading.facts import Facts

__all__ = ["Measurements"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Measurements:
    """The columns of a file that are something of a light curve."""

    frame: pd.DataFrame
    """A column for each role, called by its value."""
    headings: Mapping[Role, Heading]
    facts: Facts
    notes: tuple[str, ...] = ()

    def numbers(self, role: Role) -> NDArray[np.float64] | None:
        """Return a column, NaN where it has no number; None where the file has none."""
        if role not in self.headings:
            return None
        cells = pd.to_numeric(self.frame[role.value], errors="coerce")
        values = cells.to_numpy(np.float64, na_value=np.nan)
        return np.where(np.isfinite(values), values, np.nan)
