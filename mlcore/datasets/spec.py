"""What a mission's table is: its columns, its labels, its host stars.

A column is a row of facts, and everything that treats columns reads it: what is checked in an
upload, what a model sees, what a reason says. A column that states or follows the label carries
the reason why, and cannot be declared a feature.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CLASSES",
    "Column",
    "Dataset",
    "Disposition",
    "Role",
    "Scale",
    "value_with_errors",
]


class Role(StrEnum):
    """What a column is for."""

    IDENTIFIER = "identifier"
    LABEL = "label"
    FEATURE = "feature"
    BOOKKEEPING = "bookkeeping"


class Disposition(StrEnum):
    """What an object was found to be, in the order that classes have everywhere."""

    CANDIDATE = "candidate"
    FALSE_POSITIVE = "false_positive"
    CONFIRMED = "confirmed"


CLASSES: tuple[Disposition, ...] = tuple(Disposition)
"""The order of classes in every probability and every confusion matrix."""


class Scale(StrEnum):
    """How a quantity spreads: the size of a LOG one spans decades."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a mission's table."""

    name: str
    """Its name in the archive, lower case."""
    unit: str
    """Its unit as `mlcore.datasets.units.parse_unit` reads it; empty without one or for text."""
    meaning: str
    """A noun phrase that can begin a sentence, such as "Transit depth"."""
    role: Role
    leak: str | None = None
    """Why no model may see it, where it states or follows the label."""
    scale: Scale = Scale.LINEAR
    uncertainty_of: str | None = None
    """The column whose uncertainty this is."""
    wide: bool = False
    """Only in the archive's full table: not trained on by default."""
    text: bool = False
    """Words, or a number that is a name: never read as a float."""
    bounds: tuple[float, float] | None = None
    """Between which values such a quantity can be, where neither its unit nor its scale says."""
    decimals: int = 0
    """With how many decimals a name that a file stores as a number is written."""

    def __post_init__(self) -> None:
        if self.role is Role.FEATURE and self.leak is not None:
            msg = f"{self.name} cannot be a feature: {self.leak}"
            raise ValueError(msg)
        if self.role is Role.FEATURE and self.text:
            msg = f"{self.name} cannot be a feature: it is text"
            raise ValueError(msg)

    @property
    def possible(self) -> tuple[float, float]:
        """Between which values such a quantity can be."""
        if self.bounds is not None:
            return self.bounds
        least = 0.0 if self.scale is Scale.LOG or self.unit == "K" else -math.inf
        return (least, math.inf)


def value_with_errors(
    name: str,
    unit: str,
    meaning: str,
    role: Role = Role.FEATURE,
    *,
    errors: Role | None = None,
    error_names: tuple[str, str] = ("_err1", "_err2"),
    leak: str | None = None,
    error_leak: str | None = None,
    scale: Scale = Scale.LINEAR,
    wide: bool = False,
    bounds: tuple[float, float] | None = None,
) -> tuple[Column, Column, Column]:
    """Declare a quantity and its upper and lower uncertainty.

    Parameters
    ----------
    name, unit, meaning, role, leak, scale, wide, bounds
        Of the quantity, see `Column`.
    errors
        Role of both uncertainties; the quantity's own by default.
    error_names
        What the archive appends to the name for the upper and the lower uncertainty.
    error_leak
        Why no model may see the uncertainties; the quantity's own reason by default.

    Returns
    -------
    tuple of Column
        The quantity, its upper uncertainty and its lower one (negative in the archive's tables);
        the sizes of both span decades.
    """
    errors = role if errors is None else errors
    error_leak = leak if error_leak is None else error_leak
    upper, lower = (f"{name}{suffix}" for suffix in error_names)
    middle = meaning[0].lower() + meaning[1:] if meaning[1:2].islower() else meaning
    return (
        Column(
            name=name,
            unit=unit,
            meaning=meaning,
            role=role,
            leak=leak,
            scale=scale,
            wide=wide,
            bounds=bounds,
        ),
        Column(
            name=upper,
            unit=unit,
            meaning=f"Upper uncertainty of the {middle}",
            role=errors,
            leak=error_leak,
            scale=Scale.LOG,
            uncertainty_of=name,
            wide=wide,
        ),
        Column(
            name=lower,
            unit=unit,
            meaning=f"Lower uncertainty of the {middle}",
            role=errors,
            leak=error_leak,
            scale=Scale.LOG,
            uncertainty_of=name,
            wide=wide,
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A mission's table."""

    name: str
    title: str
    archive_table: str
    """Its name in the NASA Exoplanet Archive's TAP service."""
    columns: tuple[Column, ...] = field(repr=False)
    label: str
    """Name of the column that holds the disposition."""
    labels: Mapping[str, Disposition]
    """What the archive's words mean; upper case, single spaces."""
    host: str
    """Name of the column that identifies the host star."""
    object_name: tuple[str, ...]
    """Names of the columns that can name an object, in the order to try."""
    temperature: str
    """Name of the column with the host star's effective temperature [K]."""
    undispositioned: frozenset[str] = frozenset()
    """Words that say that there is no disposition yet, upper case."""
    one_row_per_object: Mapping[str, str] | None = None
    """Which rows to keep, as column and value, where an object has several."""
    untreated: str | None = None
    """Why no model on the full table's columns learns from rows that lack all of their
    uncertainties, as a phrase; see `mlcore.datasets.treated`."""
    name_prefix: str = ""
    """What comes before the first of the object names when one is shown."""
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            msg = f"{self.name} declares a column twice"
            raise ValueError(msg)
        needed = {self.label, self.host, self.temperature, *self.object_name}
        needed |= {column.uncertainty_of for column in self.columns if column.uncertainty_of}
        if undeclared := sorted(needed - by_name.keys()):
            msg = f"{self.name} does not declare {', '.join(undeclared)}"
            raise ValueError(msg)
        if by_name[self.label].role is not Role.LABEL:
            msg = f"{self.name} declares {self.label} as no label"
            raise ValueError(msg)
        object.__setattr__(self, "_by_name", by_name)

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises
        ------
        KeyError
            When the mission has no such column.
        """
        return self._by_name[name]

    def knows(self, name: str) -> bool:
        """Tell whether the mission has a column of this name."""
        return name in self._by_name

    def feature_columns(self, *, wide: bool = False) -> tuple[Column, ...]:
        """Return the columns that a model sees, with those of the full table when `wide`."""
        return tuple(
            column
            for column in self.columns
            if column.role is Role.FEATURE and (wide or not column.wide)
        )

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(self._by_name)

    @property
    def leaky_columns(self) -> tuple[Column, ...]:
        """Columns that state or follow the label."""
        return tuple(column for column in self.columns if column.leak is not None)

    @property
    def withheld_errors(self) -> tuple[Column, ...]:
        """Uncertainties that no model may see: they only say how sure the values are."""
        return tuple(
            column
            for column in self.columns
            if column.leak is not None and column.uncertainty_of is not None
        )

    @property
    def kept_columns(self) -> tuple[Column, ...]:
        """Columns that a `Table` keeps.

        That is every column that a model, a split or a feature computed later may use, and of the
        leaky ones only those that name an object or its star or choose its row.
        """
        needed = {self.label, self.host, self.temperature, *self.object_name}
        needed.update(self.one_row_per_object or ())
        return tuple(
            column
            for column in self.columns
            if column.name in needed
            or (column.leak is None and not (column.text and column.role is Role.BOOKKEEPING))
        )
