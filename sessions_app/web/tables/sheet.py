"""The sheet of an object's values, each with its unit and its errors, as astronomers write it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore import in_words
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
from mlcore.datasets.missions.light_curves.signal import SIGNAL
from mlcore.datasets.name_keys import star_key
from mlcore.datasets.spec import Role
from mlcore.datasets.units import quantity_in_words, unit_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["SheetRow", "SheetSection", "sheet_of", "summed_up", "value_with_errors"]

_DIGITS_OF_ERROR = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetRow:
    """A value of an object."""

    title: str
    name: str
    """Of the column in the archive's table."""
    shown: str
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetSection:
    """Values that belong together."""

    title: str
    rows: Sequence[SheetRow]
    note: str = ""
    is_open: bool = True


def sheet_of(dataset: Dataset, values: Mapping[str, float | str | None]) -> list[SheetSection]:
    """Return the sections of an object's sheet.

    Parameters
    ----------
    dataset
        Its mission.
    values
        By the mission's column; what is missing is left out.
    """
    own = [
        column
        for column in dataset.columns
        if column.uncertainty_of is None and values.get(column.name) is not None
    ]

    def rows(columns: Iterable[Column]) -> list[SheetRow]:
        return [_row(dataset, column, values) for column in columns]

    features = [column for column in own if column.role is Role.FEATURE]
    if dataset is LIGHT_CURVES:
        # Over a hundred values in a row are none: each stands with the test that measured it.
        measured = [
            SheetSection(
                title=test.title,
                rows=rows(column for column in test.columns if column in own),
                is_open=test is SIGNAL,
            )
            for test in VETTING_TESTS.values()
        ]
    else:
        measured = [
            SheetSection(
                title="The transit and the planet",
                rows=rows(column for column in features if not column.of_star),
            )
        ]
    sections = [
        *measured,
        SheetSection(
            title="The star",
            rows=rows(column for column in features if column.of_star),
        ),
        SheetSection(
            title="Names and place",
            rows=rows(column for column in own if column.role is Role.IDENTIFIER),
            is_open=False,
        ),
        SheetSection(
            title="What the catalogue says of its vetting",
            rows=rows(
                column for column in own if column.leak and column.role is not Role.IDENTIFIER
            ),
            note="No model here sees these: they state or follow the disposition.",
            is_open=False,
        ),
    ]
    return [section for section in sections if section.rows]


def summed_up(dataset: Dataset, values: Mapping[str, float | str | None], host: str) -> str:
    """Return what an object is in a sentence: how long its year is, how large it is, its star.

    Parameters
    ----------
    dataset
        Its mission.
    values
        By the mission's column.
    host
        The star's name, in any spelling.
    """
    told = {}
    for quantity in ("period", "radius", "stellar_temperature"):
        column = dataset.quantities.get(quantity)
        value = values.get(column) if column else None
        if column is not None and isinstance(value, float | int):
            told[quantity] = quantity_in_words(value, dataset.column(column).unit)
    parts = []
    if "period" in told:
        parts.append(f"dims its star every {told['period']}")
    if "radius" in told:
        parts.append(f"would have {told['radius']} if it is a planet")
    star = f"Its star is {star_key(host, dataset)}"
    if "stellar_temperature" in told:
        star += f", at {told['stellar_temperature']}"
    return f"{f'It {in_words.joined(parts)}. ' if parts else ''}{star}."


def value_with_errors(value: float, upper: float | None, lower: float | None) -> str:
    """Return a number with as many digits as its errors deserve, and the errors.

    Examples
    --------
    >>> value_with_errors(3.17432, 0.0359, -0.0359)
    '3.174 ± 0.036'
    >>> value_with_errors(4.43, 0.42, -0.31)
    '4.43 +0.42 −0.31'
    >>> value_with_errors(6174.0, None, None)
    '6174'
    """
    sizes = [abs(error) for error in (upper, lower) if error is not None and math.isfinite(error)]
    known = [size for size in sizes if size > 0]
    if not known:
        return in_words.typeset(in_words.number(value, digits=8)).replace("-", "−")
    decimals = max(0, _DIGITS_OF_ERROR - 1 - math.floor(math.log10(min(known))))
    shown = f"{value:.{decimals}f}".replace("-", "−")
    if len(sizes) == 1 or math.isclose(sizes[0], sizes[1], rel_tol=1e-6):
        return f"{shown} ± {sizes[0]:.{decimals}f}"
    return f"{shown} +{sizes[0]:.{decimals}f} −{sizes[1]:.{decimals}f}"


def _row(dataset: Dataset, column: Column, values: Mapping[str, float | str | None]) -> SheetRow:
    value = values[column.name]
    upper, lower = _errors(dataset, column, values)
    is_number = isinstance(value, float | int) and not column.text
    return SheetRow(
        title=column.meaning,
        name=column.name,
        shown=value_with_errors(float(value), upper, lower) if is_number else str(value),
        unit=unit_in_words(column.unit),
    )


def _errors(
    dataset: Dataset, column: Column, values: Mapping[str, float | str | None]
) -> tuple[float | None, float | None]:
    found = [
        values.get(other.name) for other in dataset.columns if other.uncertainty_of == column.name
    ]
    numbers = [float(value) if isinstance(value, float | int) else None for value in found]
    upper, lower = (*numbers, None, None)[:2]
    return upper, lower
