"""From a file to a mission's rows: another table, a cell or a label that is wrong is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.cells import (
    CellUnits,
    as_numbers,
    decimal_comma,
    errors_beside,
)
from mlcore.datasets.equal_rows import first_equal_row
from mlcore.datasets.error_sides import errors_on_their_sides
from mlcore.datasets.headings.error_units import errors_by_size
from mlcore.datasets.headings.mapping import NO_MAPPING
from mlcore.datasets.headings.names_in_cells import named_in_cells
from mlcore.datasets.headings.of_file import (
    check_one_mission,
    choice_of,
    headings_of,
    is_turned,
    reading_of,
    sentences,
)
from mlcore.datasets.headings.spelling import in_quotes
from mlcore.datasets.label_column import labels_of_column, no_label
from mlcore.datasets.object_rows import (
    one_row_per_object,
    with_known_stars,
    without_blank_rows,
    without_equal_rows,
)
from mlcore.datasets.plausibility import checked_values
from mlcore.datasets.readers.read import Choice, Heading, RawTable, read_frame
from mlcore.datasets.sky_places import in_degrees
from mlcore.datasets.table import Table
from mlcore.datasets.unclear import LacksColumnsError
from mlcore.datasets.words import as_words
from mlcore.errors import DataError
from mlcore.in_words import counted, joined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.headings.mapping import ColumnMapping
    from mlcore.datasets.headings.matching import MatchedHeadings
    from mlcore.datasets.spec import Column, Dataset

__all__ = ["LACKS", "no_label", "read_table", "table_from"]

LACKS = "The table lacks the feature columns"
"""How the sentence begins that names what a table does not have of a mission's default columns."""
_HEADINGS_SHOWN = 5
_TURNED = (
    "The table's rows are named as its columns should be: turn it, so that each row is an object"
    " and each column a quantity."
)


def read_table(
    path: Path,
    dataset: Dataset,
    *,
    require_labels: bool,
    label_derived: Collection[str] = (),
    mapping: ColumnMapping = NO_MAPPING,
) -> Table:
    r"""Read and check a mission's table.

    Parameters
    ----------
    path
        A file in any format that `mlcore.datasets.readers.read.read_frame` reads.
    dataset
        What mission's columns to expect.
    require_labels
        Whether a table without dispositions is refused.
    label_derived
        Columns of numbers to keep although they state or follow the label.
    mapping
        What its headings and the words of its labels mean, where the file does not say it clearly.

    Returns
    -------
    Table
        Its rows in the file's order; `Table.reading` says what was read as what.

    Raises
    ------
    DataError
        When the file is no table of this mission, a heading can be two columns, or a cell or label
        is not what it should be.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mlcore
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.csv"
    ...     _ = path.write_text("koi_period,koi_depth,koi_disposition\n9.5,616,CONFIRMED\n")
    ...     table = mlcore.read_table(path, mlcore.DATASETS["kepler"], require_labels=True)
    >>> table.labels.to_list()
    ['confirmed']
    """
    matched: list[MatchedHeadings] = []

    def choose(headings: tuple[Heading, ...]) -> Choice:
        matched.append(headings_of(headings, dataset, mapping, require_label=require_labels))
        return choice_of(headings, matched[-1], dataset)

    raw = read_frame(path, choose=choose)
    return table_from(
        raw,
        dataset,
        require_labels=require_labels,
        label_derived=label_derived,
        mapping=mapping,
        matched=matched[-1],
    )


def table_from(
    raw: RawTable,
    dataset: Dataset,
    *,
    require_labels: bool,
    label_derived: Collection[str] = (),
    mapping: ColumnMapping = NO_MAPPING,
    matched: MatchedHeadings | None = None,
) -> Table:
    """Check a table that has been read, under the names that its columns have; see `read_table`."""
    headings = raw.headings or tuple(Heading(name=name) for name in raw.columns)
    matched = matched or headings_of(headings, dataset, mapping, require_label=require_labels)
    read, matched = named_in_cells(raw.frame, matched, dataset)
    matched = errors_by_size(read, matched, dataset)
    names = matched.names
    features = dataset.feature_names
    missing = tuple(name for name in features if name not in names)
    check_one_mission(raw, matched, dataset)
    if len(missing) == len(features):
        raise LacksColumnsError(
            _TURNED if is_turned(raw.frame, dataset) else _no_feature(dataset, names, raw.columns)
        )
    if read.empty and not (require_labels and dataset.label not in names):
        raise DataError("The table has no rows.")
    warnings: list[str] = [*raw.notes, *sentences(matched), *_of_few(dataset, names)]
    frame = read.reset_index(drop=True)
    row_numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    frame, row_numbers = without_blank_rows(frame, row_numbers, dataset, warnings)
    if dataset.one_row_per_object is not None:
        chosen = one_row_per_object(frame, dataset, warnings)
        frame, row_numbers = frame[chosen].reset_index(drop=True), row_numbers[chosen]
    if absent := [name for name in label_derived if name not in frame]:
        raise DataError(f"The table has no column {absent[0]}, which the model was asked to see.")
    wanted = {*(column.name for column in dataset.kept_columns), *label_derived}
    kept = [column for column in dataset.columns if column.name in frame and column.name in wanted]
    cells, errors, stated = _read_cells(frame, kept, dataset, matched, row_numbers, warnings)
    label = None
    if dataset.label in cells:
        words, label = labels_of_column(
            cells.pop(dataset.label),
            matched,
            mapping,
            dataset,
            row_numbers=row_numbers,
            warnings=warnings,
        )
        cells |= {} if words is None else {dataset.label: words}
    if require_labels and label is None:
        raise LacksColumnsError(no_label(dataset, headings))
    cells = {name: cells[name] for name in dataset.column_names if name in cells}
    missing = tuple(name for name in missing if name not in cells)
    if missing:
        warnings.append(f"{LACKS} {', '.join(missing)}.")
    rows = pd.RangeIndex(len(frame))
    values = checked_values(
        pd.DataFrame(cells, index=rows, copy=False),
        pd.DataFrame(errors, index=rows if errors else None),
        dataset,
        row_numbers,
        stated=matched.stated_units | stated,
    )
    table = Table(
        dataset=dataset,
        frame=values.frame,
        row_numbers=row_numbers,
        withheld_errors=values.errors,
        ignored_columns=tuple(
            name for place, name in enumerate(raw.columns) if place not in matched.columns
        ),
        withheld_columns=tuple(
            column.name
            for column in dataset.leaky_columns
            if column.name in names
            and (column.name not in cells or column in dataset.kept_for_checks)
            and column.name not in label_derived
        ),
        missing_columns=missing,
        warnings=(*values.warnings, *warnings),
        reading=reading_of(matched, dataset, kept=cells, label=label, notes=raw.notes),
    )
    # Last, so that a table which was stored and is read again loses no further row.
    table = table if dataset.one_row_per_object is None else without_equal_rows(table)
    return replace(table, warnings=(*table.warnings, *_of_stars(table)))


def _read_cells(
    frame: pd.DataFrame,
    kept: list[Column],
    dataset: Dataset,
    matched: MatchedHeadings,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
) -> tuple[dict[str, pd.Series[Any]], dict[str, pd.Series[float]], set[str]]:
    """Return the kept columns as words and numbers, and apart the errors that no model may see.

    And the names of the columns whose cells state their units themselves.
    """
    cells: dict[str, pd.Series[Any]] = {}
    comma = decimal_comma(frame[column.name] for column in kept if not column.text)
    # A cell that is no number is no reason to refuse a table for a column that no model sees.
    withheld = [column for column in dataset.withheld_errors if column.name in frame]
    units = {
        column.name: CellUnits(
            column=column, dataset=dataset, heading=matched.conversions.get(column.name)
        )
        for column in (*kept, *withheld)
    }

    def numbers(column: Column, told: list[str]) -> pd.Series[float]:
        return as_numbers(frame[column.name], units[column.name], row_numbers, told, comma=comma)

    for column in kept:
        if column.text:
            of_star = column.name == dataset.host
            words = as_words(frame[column.name], column, row_numbers, of_star=of_star)
            cells[column.name] = with_known_stars(words, dataset, warnings) if of_star else words
        elif (places := in_degrees(frame[column.name], column, dataset)) is not None:
            # Whatever unit stands above them: they say themselves what they count.
            cells[column.name] = places
            warnings.append(
                f"Column {column.name} is in sexagesimal notation and was converted to degrees."
            )
        else:
            cells[column.name] = numbers(column, warnings)
    errors = {column.name: numbers(column, []) for column in withheld if column.name not in cells}
    for upper, lower in matched.symmetric.items():
        for part in (cells, errors):
            if upper in part:
                part[lower] = -part[upper]
    beside = errors_beside(frame, [units[column.name] for column in kept], comma=comma)
    apart = {column.name for column in dataset.withheld_errors}
    for name, error in beside.items():
        (errors if name in apart else cells)[name] = error
    if beside:
        warnings.append(f"The cells hold errors too, read as the columns {', '.join(beside)}.")
        cells = {name: cells[name] for name in dataset.column_names if name in cells}
    errors_on_their_sides(cells, errors, dataset, warnings)
    return cells, errors, {name for name, unit in units.items() if unit.stated}


def _of_stars(table: Table) -> list[str]:
    """Return how rows are taken together as one star's, where no column names all of them."""
    host, name = table.dataset.host, table.dataset.object_name[0]
    said = []
    if host not in table.frame:
        means = "each row counts as a star of its own"
        if table.object_stars.notna().any():
            means = f"{name} tells which objects are of one star"
        said.append(f"The table has no column {host}: {means}.")
    first = first_equal_row(table.frame, table.dataset)
    repeated = int((first != np.arange(len(table))).sum())
    if repeated:
        verb, star = ("repeats", "It counts") if repeated == 1 else ("repeat", "They count")
        said.append(
            f"{counted(repeated, 'row')} of {len(table)} {verb} the measured values of an earlier"
            f" row. {star} as one star with that row where no name says otherwise."
        )
    return said


def _no_feature(dataset: Dataset, names: Collection[str], headings: Sequence[str]) -> str:
    withheld = [column.name for column in dataset.leaky_columns if column.name in names]
    features = ", ".join(dataset.feature_names)
    if withheld:
        return (
            f"The table has no column that a model may see: {', '.join(withheld)} state or follow"
            f" the disposition. Expected are {features}."
        )
    more = len(headings) - _HEADINGS_SHOWN
    shown = joined(
        [
            *(in_quotes(name) for name in headings[:_HEADINGS_SHOWN]),
            *([f"{more} more"] if more > 0 else []),
        ]
    )
    if dataset.measured_here:
        # Whoever has a curve knows nothing of the columns that are measured in it.
        return (
            "The file is no light curve of one star: that has a row for each time, with a column of"
            " times, such as time, BJD, BTJD or MJD, and one of brightness, such as flux or mag."
            f" The headings of this one were read as {shown}."
        )
    return (
        f"The table has none of the feature columns of {dataset.title}; expected are {features}."
        f" Its headings were read as {shown}."
    )


def _of_few(dataset: Dataset, names: Collection[str]) -> Iterator[str]:
    """Say that a table is of what no model may see, where that is nearly all of it."""
    withheld = [column.name for column in dataset.leaky_columns if column.name in names]
    seen = [name for name in dataset.feature_names if name in names]
    if withheld and len(seen) == 1:
        yield (
            f"Of the table's columns a model may see {seen[0]} alone: {', '.join(withheld)} state"
            " or follow the disposition."
        )
