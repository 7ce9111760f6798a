"""How a file begins: for whoever is about to send it with all that it leaves open, or alone.

Two jobs of their own tell it, since a file can be hostile to its reader: `first_rows_job`, and
`mlcore.jobs.check_upload.check_upload`, which also reads the rest.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.datasets.headings.of_file import headings_of
from mlcore.datasets.readers.read import read_head
from mlcore.datasets.reading import HeadingReading
from mlcore.datasets.unclear import UnclearHeadingError, UnclearWordsError
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.datasets.headings.mapping import ColumnMapping
    from mlcore.datasets.spec import Dataset

__all__ = ["FirstRows", "Open", "UploadLook", "first_rows_job", "look_at", "open_words"]

_ROWS_SHOWN = 10
_MOST_QUESTIONS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Open:
    """A choice that the file leaves open, as JSON values."""

    sentence: str
    headings: tuple[str, ...] = ()
    """Those that are to be told what they are; empty where it is about words."""
    columns: tuple[str, ...] = ()
    """The mission's columns that may be meant."""
    unit: str = ""
    """The unit that the values may be in, where that is what is asked."""
    words: tuple[str, ...] = ()
    """Words of the label that are to be told what they mean."""
    label: dict[str, Any] | None = None
    """The label as far as it is clear, as `LabelReading` has it, where it is about words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadLook:
    """How a file begins, as JSON values."""

    format: str
    headings: tuple[dict[str, Any], ...]
    """What is read as what, as far as the headings alone tell: as `HeadingReading` has it."""
    first_rows: tuple[tuple[str, ...], ...]
    open: tuple[Open, ...] = ()
    """Headings that have to be told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstRows:
    """How a table begins, whatever it is of, as JSON values."""

    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """A word for each heading, as the file has it; empty where nothing stands."""
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
        ``path`` of the file.
    emit
        Takes no event here.

    Returns
    -------
    dict
        The fields of a `FirstRows`.
    """
    try:
        head = read_head(Path(argument["path"]), _ROWS_SHOWN)
    except DataError as error:
        return asdict(FirstRows(refusal=str(error)))
    return asdict(
        FirstRows(headings=tuple(heading.name for heading in head.headings), rows=head.rows)
    )


def look_at(
    path: Path, dataset: Dataset, mapping: ColumnMapping, *, require_label: bool
) -> tuple[UploadLook, ColumnMapping]:
    """Return how a file begins, and a mapping that ignores what it leaves open.

    Reading stops at the first heading that is not clear. Here each of them is noted and the file
    is read on as if it were ignored, so that all are known at once.

    Raises
    ------
    DataError
        When it is no table.
    """
    head = read_head(path, _ROWS_SHOWN)
    found: list[Open] = []
    readings = tuple(
        HeadingReading(heading=heading.name, unit=heading.unit or None) for heading in head.headings
    )
    while len(found) < _MOST_QUESTIONS:
        try:
            matched = headings_of(head.headings, dataset, mapping, require_label=require_label)
        except UnclearHeadingError as error:
            found.append(
                Open(
                    sentence=str(error),
                    headings=error.headings,
                    columns=error.columns,
                    unit=error.unit,
                )
            )
            ignored = dict.fromkeys(error.headings)
            mapping = replace(mapping, columns={**mapping.columns, **ignored})
        except DataError:
            # Whoever reads the whole table says so.
            break
        else:
            readings = matched.readings
            break
    look = UploadLook(
        format=head.format,
        headings=tuple(asdict(reading) for reading in readings),
        first_rows=head.rows,
        open=tuple(found),
    )
    return look, mapping


def open_words(error: DataError) -> tuple[Open, ...]:
    """Return the choice that an error of the label's words leaves open, if it is one."""
    if not isinstance(error, UnclearWordsError):
        return ()
    label = asdict(error.label) | {"words": dict(error.label.words)}
    return (Open(sentence=str(error), words=error.words, label=label),)
