"""Who says of a catalogue's rows whether they are planets, where nobody carried the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table

__all__ = ["Judge", "Judged"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What a published model says of rows."""

    model: str
    """Its name."""
    planet: NDArray[np.float64]
    """Probability of a planet, shape ``(n,)``."""
    in_sample: NDArray[np.bool_]
    """Which rows are of stars that it was trained on, shape ``(n,)``."""


class Judge(Protocol):
    """Asks the published model of a mission's table."""

    def __call__(self, table: Table, wanted: NDArray[np.bool_]) -> Judged | None:
        """Return what is said of the wanted rows, in their order; None where no model can."""
