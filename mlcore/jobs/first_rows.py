"""The first rows of a user's file as they are read: a job of its own, as `check_upload` is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers.read import read_frame
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FirstRows", "first_rows_job"]

_LONGEST = 60
"""Characters of a cell that are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstRows:
    """How a table begins, as JSON values."""

    columns: tuple[str, ...] = ()
    """All headings, as they are in the file."""
    rows: tuple[tuple[str, ...], ...] = ()
    """The first rows' cells in words; empty where a cell is."""
    count: int = 0
    """How many rows the file has."""
    refusal: str = ""
    """Why it cannot be read; empty where it can."""


def first_rows_job(
    argument: Mapping[str, Any],
    emit: Callable[[dict[str, Any]], None],  # noqa: ARG001 - what every job takes
) -> dict[str, Any]:
    """Read how a file's table begins.

    Parameters
    ----------
    argument
        ``path`` of the file and ``rows``, how many to return.
    emit
        Takes no event here.

    Returns
    -------
    dict
        The fields of a `FirstRows`.
    """
    try:
        table = read_frame(Path(argument["path"]))
    except DataError as error:
        return asdict(FirstRows(refusal=str(error)))
    first = table.frame.head(argument["rows"])
    cells = first.astype(object).where(first.notna(), None)
    return asdict(
        FirstRows(
            columns=tuple(heading.name for heading in table.headings),
            rows=tuple(tuple(map(_shown, row)) for row in cells.itertuples(index=False)),
            count=len(table.frame),
        )
    )


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    word = f"{cell:.10g}" if isinstance(cell, float) else str(cell)
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…"
