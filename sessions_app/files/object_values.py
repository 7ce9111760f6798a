"""The values that a model saw of a result's objects, read a column at a time.

Up to a number of objects they lie beside what is said of each; of a larger table they are those of
the rows that are kept beside the predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlcore.prediction.file_layout import VALUE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.prediction.stored import StoredPredictions

__all__ = ["ObjectValues"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectValues:
    """The values of all objects of a result."""

    stored: StoredPredictions
    rows: Path
    """Where the rows of a large table are kept, if they are."""
    seen: Sequence[str]
    """The model's columns, in their order."""

    @property
    def names(self) -> tuple[str, ...]:
        """Which of the model's columns can be read."""
        if self.stored.explained:
            return tuple(self.seen)
        if not self.rows.is_file():
            return ()
        kept = set(pq.read_schema(self.rows).names)
        return tuple(name for name in self.seen if f"{VALUE}{name}" in kept)

    def columns(self, names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
        """Return columns by name, a value for each object in the file's order; null: missing.

        Parameters
        ----------
        names
            Each one of `names`.
        """
        if not names:
            return {}
        if self.stored.explained:
            lists = self.stored.columns(["values"])["values"]
            return {name: pc.list_element(lists, self.seen.index(name)) for name in names}
        read = pq.read_table(self.rows, columns=[f"{VALUE}{name}" for name in names])
        return {name: _without_nan(read[f"{VALUE}{name}"]) for name in names}


def _without_nan(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values of which those that are no number count as missing, as they do in a list."""
    return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
