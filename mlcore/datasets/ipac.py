"""IPAC tables, the archive's fixed-width format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

__all__ = ["column_names", "is_ipac", "read"]


def is_ipac(document: str) -> bool:
    """Tell whether a text is an IPAC table: its first line that is no comment has bars."""
    return _names_line(document) is not None


def column_names(document: str) -> tuple[str, ...]:
    """Return the names of the columns of a text that `is_ipac`."""
    line = _names_line(document) or ""
    return tuple(line.strip().strip("|").split("|"))


def read(document: str, names: Sequence[str], wanted: Collection[str]) -> pd.DataFrame:
    """Parse the rows.

    Parameters
    ----------
    document
        The whole text.
    names
        Names to give to the columns, as many as the table has.
    wanted
        Those of the names to return.

    Raises
    ------
    DataError
        When the rows do not stand under their columns.
    """
    from astropy.io import ascii as astropy_ascii  # noqa: PLC0415  # slow, and rarely needed
    from astropy.io.ascii import InconsistentTableError  # noqa: PLC0415

    try:
        table = astropy_ascii.read(document.splitlines(), format="ipac", guess=False)
    except (InconsistentTableError, ValueError, IndexError) as error:
        msg = "The rows of the IPAC table do not stand under their columns."
        raise DataError(msg) from error
    table.rename_columns(table.colnames, list(names))
    table.keep_columns([name for name in names if name in wanted])
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _names_line(document: str) -> str | None:
    position = 0
    while position < len(document):
        end = document.find("\n", position)
        end = len(document) if end < 0 else end
        line = document[position:end].rstrip("\r")
        position = end + 1
        if line.strip() and not line.startswith("\\"):
            return line if line.startswith("|") else None
    return None
