"""One object whose values are told: read as a table with one row is, and held to what it says.

What a file's cell cannot be counts as missing there, with a warning; of a single object that
somebody tells, it is refused, and the refusal names it.
"""

from __future__ import annotations

import json
import math
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.datasets.checking import LACKS, read_table
from mlcore.datasets.headings.mapping import NO_MAPPING, MappingError
from mlcore.datasets.headings.of_file import headings_of
from mlcore.datasets.headings.recognition import OtherMissionError
from mlcore.datasets.possible_values import FieldError, allowed_in_words, is_possible
from mlcore.datasets.readers.raw_table import Heading
from mlcore.datasets.spec import Role
from mlcore.errors import DataError
from mlcore.in_words import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets.headings.mapping import ColumnMapping
    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table

__all__ = ["FIELD", "MOST_VALUES", "noticed_of_object", "read_object"]

FIELD = "values"
"""What the request's field is called that holds the values."""
MOST_VALUES = 1_000
_LONGEST = 200
_ALLOWED = 'a number, a word, null, or an object such as {"value": 2.2, "unit": "R_earth"}'
_ROW = " in row 1"
_EMPTY = "leave the cell empty"


def read_object(
    values: Mapping[str, Any], dataset: Dataset, *, mapping: ColumnMapping = NO_MAPPING
) -> Table:
    """Return a table of one row from values by their headings.

    Parameters
    ----------
    values
        Headings, as a mission's table or people's own have them, and what stands below: a number,
        a word, None, or ``{"value": …, "unit": …}``.
    dataset
        The mission.
    mapping
        What the request says of the headings, where they do not say it clearly.

    Raises
    ------
    FieldError
        When a value is none that its column can have; it names the heading.
    DataError
        When the headings are no table of the mission, or two are one column.
    """
    if not values or len(values) > MOST_VALUES:
        raise FieldError(
            f"{FIELD} must be a JSON object of 1 to {MOST_VALUES} names and values, such as"
            ' {"koi_period": 9.48}.',
            field=FIELD,
        )
    cells: dict[str, Any] = {}
    named: dict[str, str] = {}
    for name, value in values.items():
        heading, cell = _cell(name, value)
        if heading in cells:
            raise FieldError(f"{FIELD} has {quoted(name)} twice.", field=f"{FIELD}.{name}")
        cells[heading], named[heading] = cell, name
    with tempfile.TemporaryDirectory(prefix="exoplanet-object-") as folder:
        path = Path(folder) / "object.json"
        path.write_text(json.dumps([cells]), encoding="utf-8")
        try:
            table = read_table(path, dataset, require_labels=False, mapping=mapping)
        except OtherMissionError as error:
            raise FieldError(error.sentence("mission"), field="mission") from None
        except MappingError:
            raise
        except DataError as error:
            raise _named(str(error), named, dataset, mapping) from None
    _refuse_left_out(table, cells, named)
    return table


def _cell(name: str, value: Any) -> tuple[str, Any]:
    field = f"{FIELD}.{name}"
    unit = ""
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        unit, value = value["unit"], value["value"]
    fits = value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
    if not fits or not isinstance(unit, str) or max(len(name), len(unit)) > _LONGEST:
        raise FieldError(f"{field[:80]} must be {_ALLOWED}.", field=field)
    if isinstance(value, float) and not math.isfinite(value):
        raise FieldError(f"{field[:80]} must be {_ALLOWED}.", field=field)
    return (f"{name} [{unit.strip()}]" if unit.strip() else name), value


def _named(
    sentence: str, named: Mapping[str, str], dataset: Dataset, mapping: ColumnMapping
) -> FieldError:
    """Return a refusal of the value that a sentence about a table is about."""
    sentence = sentence.replace(_ROW, "").replace(_EMPTY, "say null")
    told = sentence.casefold()
    about = [name for heading, name in named.items() if quoted(heading).casefold() in told]
    with suppress(DataError):
        matched = headings_of([Heading(name=name) for name in named], dataset, mapping)
        read_as = {column: [*named.values()][place] for place, column in matched.columns.items()}
        about += [name for column, name in read_as.items() if f"Column {column} " in sentence]
    field = f"{FIELD}.{about[0]}" if len(set(about)) == 1 else FIELD
    return FieldError(f"{field}: {sentence}", field=field)


def _refuse_left_out(table: Table, cells: Mapping[str, Any], named: Mapping[str, str]) -> None:
    """Refuse a value that its column cannot have, which reading took for missing."""
    for reading in table.reading.headings:
        value = cells.get(reading.heading)
        column = reading.column
        if column is None or value is None or value == "":
            continue
        declared = table.dataset.column(column)
        if declared.text or column not in table.frame:
            continue
        number = float(table.frame[column].iloc[0])
        of_feature = declared.role is Role.FEATURE
        if math.isnan(number) or (of_feature and not is_possible(declared, number)):
            field = f"{FIELD}.{named[reading.heading]}"
            shown = quoted(value) if isinstance(value, str) else value
            raise FieldError(
                f"{field} was {shown}, but it must be {allowed_in_words(declared)}, or null where"
                " it is not known.",
                field=field,
            )


def noticed_of_object(table: Table) -> list[str]:
    """Return what was taken for granted of the object, as sentences about one object."""
    # What is missing is told with what answers.
    left_out = (LACKS, f"The table has no column {table.dataset.host}")
    return [
        sentence.replace(_ROW, "")
        for sentence in table.warnings
        if not sentence.startswith(left_out)
    ]
