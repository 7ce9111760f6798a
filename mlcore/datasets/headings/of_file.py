"""The headings of a file: what is read of it, and what is said of how it was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.datasets.headings.mapping import NO_MAPPING
from mlcore.datasets.headings.matching import match_headings
from mlcore.datasets.headings.names_in_cells import places_of_names
from mlcore.datasets.headings.recognition import (
    MISSION_HEADINGS,
    check_mission,
    check_missions_named,
)
from mlcore.datasets.headings.spelling import folded, in_quotes
from mlcore.datasets.missions import DATASETS
from mlcore.datasets.readers.read import Choice, Heading
from mlcore.datasets.reading import NO_LABELS, Reading
from mlcore.errors import DataError
from mlcore.in_words import joined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.headings.mapping import ColumnMapping
    from mlcore.datasets.headings.matching import MatchedHeadings
    from mlcore.datasets.readers.read import RawTable
    from mlcore.datasets.reading import HeadingReading, LabelReading
    from mlcore.datasets.spec import Dataset

__all__ = [
    "check_one_mission",
    "choice_of",
    "headings_of",
    "is_turned",
    "reading_of",
    "sentences",
]

_NAMED_AT_MOST = 5
_MOST_HEADINGS = 1000
"""A file of more rows is not looked at for whether they are its columns."""
_FIRST = "\x00first\x00"
"""The first column of a file that has none of the mission's measurements, by no name of a heading.
"""
_WHOSE = "\x00whose\x00"
"""Before the place of a column that says of which mission a row is: no heading has NUL in it."""


def headings_of(
    headings: Sequence[Heading],
    dataset: Dataset,
    mapping: ColumnMapping,
    *,
    require_label: bool = False,
) -> MatchedHeadings:
    """Find the mission's column of each heading, in a table that is the mission's.

    Raises
    ------
    DataError
        As `read_table`.
    """
    names = [heading.name for heading in headings]
    # Who says what a heading is knows whose table it is.
    if not any(mapping.columns.values()):
        check_mission(names, dataset, DATASETS)
    return match_headings(headings, dataset, mapping, require_label=require_label)


def choice_of(headings: Sequence[Heading], matched: MatchedHeadings, dataset: Dataset) -> Choice:
    """Return what is read of a file: the mission's columns, and what says whose the rows are."""
    missions = {
        place: f"{_WHOSE}{place}"
        for place, heading in enumerate(headings)
        if place not in matched.columns and folded(heading.name) in MISSION_HEADINGS
    }
    text = {column.name for column in dataset.columns if column.text}
    named = places_of_names(headings, matched)
    first = {0: _FIRST} if {*dataset.feature_names}.isdisjoint(matched.names) else {}
    return Choice(
        columns={**first, **matched.columns, **missions, **named},
        text={*text, *missions.values(), *named.values(), *first.values()},
    )


def is_turned(frame: pd.DataFrame, dataset: Dataset) -> bool:
    """Return whether the rows of a file without measurements are what its columns should be.

    Parameters
    ----------
    frame
        The columns that `choice_of` chose.
    dataset
        The mission.
    """
    if frame.shape[1] == 0 or len(frame) > _MOST_HEADINGS:
        return False
    words = frame.iloc[:, 0].dropna().astype("str").drop_duplicates()
    try:
        matched = match_headings([Heading(name=word) for word in words], dataset, NO_MAPPING)
    except DataError:
        return False
    return len({*matched.names}.intersection(dataset.feature_names)) > 1


def check_one_mission(raw: RawTable, matched: MatchedHeadings, dataset: Dataset) -> None:
    """Refuse a table that says itself that its rows are another mission's, or several ones'."""
    for name in raw.frame:
        if str(name).startswith(_WHOSE):
            heading = matched.readings[int(str(name).removeprefix(_WHOSE))].heading
            values = raw.frame[name].dropna().astype("str")
            check_missions_named(heading, values, dataset, DATASETS)


def sentences(matched: MatchedHeadings) -> Iterator[str]:
    """Yield what the user should know of how the headings were read, as sentences."""
    for heading in matched.readings:
        if heading.converted_from is not None:
            yield (
                f"Column {in_quotes(heading.heading)} was converted from {heading.converted_from}"
                f" to {heading.converted_to} ({heading.column})."
            )
        if heading.why and heading.column not in matched.symmetric:
            what = "was ignored" if heading.column is None else f"is read as {heading.column}"
            yield f"Column {in_quotes(heading.heading)} {what}: {heading.why}"
    yield from _of_both_sides(matched)


def _of_both_sides(matched: MatchedHeadings) -> Iterator[str]:
    named = [
        in_quotes(heading.heading)
        for heading in matched.readings
        if heading.column in matched.symmetric
    ]
    if named:
        more = len(named) - _NAMED_AT_MOST
        listed = (
            joined(named) if more <= 0 else f"{', '.join(named[:_NAMED_AT_MOST])} and {more} more"
        )
        one = len(named) == 1
        yield (
            f"Column{'' if one else 's'} {listed} hold{'s' if one else ''} one uncertainty for both"
            " sides: the upper one, and as its negative the lower one."
        )


def reading_of(
    matched: MatchedHeadings,
    dataset: Dataset,
    *,
    kept: Collection[str],
    label: LabelReading | None,
    notes: tuple[str, ...],
) -> Reading:
    """Return what was read from a file.

    Parameters
    ----------
    matched
        Which heading is which column.
    dataset
        The mission.
    kept
        Names of the columns that the table keeps.
    label
        Where its labels come from.
    notes
        What the reader of its format noticed, as sentences.
    """
    return Reading(
        headings=tuple(_used(heading, dataset, kept, label) for heading in matched.readings),
        label=label,
        notes=notes,
    )


def _used(
    heading: HeadingReading, dataset: Dataset, kept: Collection[str], label: LabelReading | None
) -> HeadingReading:
    if heading.column is None:
        return heading
    column = dataset.column(heading.column)
    if column.name == dataset.label and label is None:
        return replace(heading, column=None, matched=None, use="ignored", why=NO_LABELS)
    if column.leak is not None and column.name not in kept:
        why = f"No model sees it: {column.leak}."
        return replace(heading, use="withheld", why=heading.why or why)
    return heading
