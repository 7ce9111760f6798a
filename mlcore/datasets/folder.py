"""The files in a folder that are a mission's tables, recognised by what their columns are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mlcore.datasets.readers.read import read_columns
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlcore.datasets.spec import Dataset

__all__ = ["FoundTable", "readable_tables", "tables_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTable:
    """A file that names a mission's objects, their stars and their dispositions."""

    path: Path
    columns: frozenset[str]
    dated: date | None
    """What its own header says."""
    rebuilt: bool
    """Whether it was put together from several of the archive's tables."""

    @property
    def age(self) -> date:
        """Its date; a file without one counts as older than any with one."""
        return self.dated or date.min


def readable_tables(folder: Path) -> Iterator[tuple[Path, tuple[str, ...], date | None]]:
    """Yield what in a folder can be read as a table, by name, as `read_columns` reads it.

    Raises
    ------
    OSError
        When the folder cannot be opened.
    """
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        try:
            names, dated = read_columns(path)
        except (DataError, OSError):
            continue
        yield path, names, dated


def tables_of(folder: Path, dataset: Dataset) -> Iterator[FoundTable]:
    """Yield a mission's tables, whatever they are called, by name; other files are passed over.

    Raises
    ------
    OSError
        When the folder cannot be opened.
    """
    needed = {dataset.label, dataset.host, dataset.object_name[0]}
    origin = dataset.untreated.origin if dataset.untreated else None
    for path, names, dated in readable_tables(folder):
        if needed <= set(names):
            yield FoundTable(
                path=path, columns=frozenset(names), dated=dated, rebuilt=origin in names
            )
