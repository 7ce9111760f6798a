"""What a request says of headings, held against a file's own and the mission's columns."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mlcore.datasets.conversions import ConversionError, UnknownUnitError, conversion_of
from mlcore.datasets.headings.mapping import ColumnMapping, MappingError
from mlcore.datasets.headings.spelling import folded, in_quotes
from mlcore.datasets.headings.vocabulary import Hit, Match
from mlcore.datasets.readers.read import Heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["absent_headings", "requested_hits"]

_NAMED_AT_MOST = 5


def absent_headings(names: Sequence[str], mapping: ColumnMapping) -> tuple[tuple[str, str], ...]:
    """Return what the request names that is no heading of a file, as field and heading."""
    headings = [Heading(name=name) for name in names]
    asked = [("columns", name) for name in mapping.columns]
    if mapping.label is not None:
        asked.append(("label", mapping.label))
    return tuple((field, name) for field, name in asked if _place(headings, name) is None)


def requested_hits(
    headings: Sequence[Heading], dataset: Dataset, mapping: ColumnMapping, *, require_label: bool
) -> dict[int, Hit | None]:
    """Return what the request says of the headings, by their places; None where to ignore one."""
    asked: dict[int, Hit | None] = {}
    columns: dict[str, str] = {}
    for name, wanted in mapping.columns.items():
        place = _place(headings, name)
        if place is None and not mapping.of_several:
            raise _no_heading("columns", name, headings)
        if wanted is None:
            if place is not None:
                asked[place] = None
            continue
        if not dataset.knows(wanted.column):
            close = difflib.get_close_matches(wanted.column, dataset.column_names, n=1)
            raise MappingError(
                "columns",
                f"{in_quotes(name)} was mapped to {in_quotes(wanted.column)}, which is no column of"
                f" {dataset.title}{f'; {close[0]} is one' if close else ''}.",
            )
        if wanted.unit:
            _check_unit(name, wanted.unit, dataset.column(wanted.column), dataset)
        if place is None:
            continue
        if wanted.column in columns:
            raise MappingError(
                "columns",
                f"{in_quotes(columns[wanted.column])} and {in_quotes(name)} were both mapped to"
                f" {wanted.column}; a column has one heading.",
            )
        columns[wanted.column] = name
        asked[place] = Hit(columns=(wanted.column,), match=Match.REQUEST, unit=wanted.unit)
    if mapping.label is not None:
        place = _place(headings, mapping.label)
        if place is None and (require_label or not mapping.of_several):
            raise _no_heading("label", mapping.label, headings)
        if place is not None:
            if dataset.label in columns and columns[dataset.label] != mapping.label:
                raise MappingError(
                    "label",
                    f"it was {in_quotes(mapping.label)}, but columns maps"
                    f" {in_quotes(columns[dataset.label])} to {dataset.label}.",
                )
            asked[place] = Hit(columns=(dataset.label,), match=Match.REQUEST)
    return asked


def _place(headings: Sequence[Heading], name: str) -> int | None:
    """Return where a heading stands, by its name or by what is left of it without signs."""
    for alike in (str.strip, lambda text: text.strip().lower(), folded):
        places = [
            place
            for place, heading in enumerate(headings)
            if alike(heading.name) == alike(name) and alike(name)
        ]
        if len(places) == 1:
            return places[0]
    return None


def _no_heading(field: str, name: str, headings: Sequence[Heading]) -> MappingError:
    names = [heading.name for heading in headings]
    close = difflib.get_close_matches(name, names, n=1)
    listed = ", ".join(in_quotes(heading) for heading in names[:_NAMED_AT_MOST])
    return MappingError(
        field,
        f"the table has no heading {in_quotes(name)}; "
        + (f"it has {in_quotes(close[0])}." if close else f"its headings begin with {listed}."),
    )


def _check_unit(name: str, unit: str, column: Column, dataset: Dataset) -> None:
    try:
        conversion_of(unit, column, dataset)
    except UnknownUnitError as error:
        raise MappingError("columns", f"{in_quotes(name)}: {error}") from None
    except ConversionError as error:
        raise MappingError("columns", f"{in_quotes(name)}: {error}.") from None
