"""What a mission's table is: its columns, its labels, its host stars.

A column is a row of facts, and everything that treats columns reads it: what is checked in an
upload, what a model sees, what a reason says. A column that states or follows the label carries
the reason why, and cannot be declared a feature.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.in_words import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from mlcore.datasets.links import Link
    from mlcore.datasets.object_names import Catalogue
    from mlcore.datasets.publication import Publication
    from mlcore.references import Reference

__all__ = [
    "CLASSES",
    "IN_TEST_SPLIT",
    "CarriedTable",
    "Column",
    "Companion",
    "Dataset",
    "Disposition",
    "Kind",
    "Role",
    "Scale",
    "Untreated",
    "with_errors",
]


class Role(StrEnum):
    """What a column is for."""

    IDENTIFIER = "identifier"
    LABEL = "label"
    FEATURE = "feature"
    BOOKKEEPING = "bookkeeping"
    OPINION = "opinion"
    """What another vetter says of the object: kept to be held beside a model, never a feature."""


class Kind(StrEnum):
    """What the rows of a table are, and thereby what can be asked of them."""

    CANDIDATES = "candidates"
    """Objects of interest: what a mission's vetting let pass, with their dispositions."""
    EVENTS = "events"
    """Threshold-crossing events: everything that a pipeline's search found, before any vetting."""


class Disposition(StrEnum):
    """What an object was found to be, in the order that classes have everywhere."""

    CANDIDATE = "candidate"
    FALSE_POSITIVE = "false_positive"
    CONFIRMED = "confirmed"

    @property
    def words(self) -> str:
        """What it is called within a sentence."""
        return self.replace("_", " ")


CLASSES: tuple[Disposition, ...] = tuple(Disposition)
"""The order of classes in every probability and every confusion matrix."""

IN_TEST_SPLIT = "in_test_split"
"""What a kept table has beside its mission's columns: whether a row is of the fixed test split."""


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
    of_star: bool = False
    """Whether it is measured of the host star, and not of the transit."""
    wide: bool = False
    """Only in the archive's full table: not trained on by default."""
    text: bool = False
    """Words, or a number that is a name: never read as a float."""
    bounds: tuple[float, float] | None = None
    """Between which values such a quantity can be, where neither its unit nor its scale says."""
    plausible: tuple[float, float] | None = None
    """Between which values, in its unit, every object of any table is: wider than all that the
    archive has. What lies outside was not measured, or in another unit."""
    decimals: int = 0
    """With how many decimals a name that a file stores as a number is written."""
    aliases: tuple[str, ...] = ()
    """What else stands above it in people's files, in whatever case: the archive's own label first,
    without its unit. Of a name or a label the first of these that a file has is read. What is
    called so in every mission's table stands with the quantity."""
    misstated: tuple[str, ...] = ()
    """Units that the archive's own files state for it and its values do not have."""
    catalogue: Catalogue | None = None
    """Of which catalogue a number in it is, where it holds names of stars or objects."""
    absent: tuple[float, ...] = ()
    """Values that the table's makers wrote where nothing was measured."""

    def __post_init__(self) -> None:
        if self.role is Role.OPINION and self.leak is None:
            raise ValueError(f"{self.name} is an opinion, so that it needs a reason why it leaks")
        if self.role is Role.FEATURE and self.leak is not None:
            raise ValueError(f"{self.name} cannot be a feature: {self.leak}")
        if self.role is Role.FEATURE and self.text:
            raise ValueError(f"{self.name} cannot be a feature: it is text")

    @property
    def possible(self) -> tuple[float, float]:
        """Between which values such a quantity can be."""
        if self.bounds is not None:
            return self.bounds
        least = 0.0 if self.scale is Scale.LOG or self.unit == "K" else -math.inf
        return (least, math.inf)


def with_errors(
    value: Column,
    *,
    names: tuple[str, str] = ("_err1", "_err2"),
    role: Role | None = None,
    leak: str | None = None,
) -> tuple[Column, ...]:
    """Declare a measured value's upper and lower uncertainty with it.

    Parameters
    ----------
    value
        The measured value.
    names
        What the archive appends to its name for the upper and the lower uncertainty.
    role
        Of both uncertainties; the value's own by default.
    leak
        Why no model may see the uncertainties; the value's own reason by default.

    Returns
    -------
    tuple of Column
        The value, its upper uncertainty and its lower one (negative in the archive's tables); the
        sizes of both span decades.
    """
    meaning = value.meaning
    middle = lowered(meaning)
    return (
        value,
        *(
            Column(
                name=f"{value.name}{suffix}",
                unit=value.unit,
                meaning=f"{side} uncertainty of the {middle}",
                role=role or value.role,
                leak=leak or value.leak,
                scale=Scale.LOG,
                uncertainty_of=value.name,
                of_star=value.of_star,
                wide=value.wide,
            )
            for side, suffix in zip(("Upper", "Lower"), names, strict=True)
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CarriedTable:
    """A mission's table inside the package."""

    path: Path
    title: str
    dated: date
    sha256: str
    rows: int
    names: Path | None = None
    """A file beside it with what else its objects are called, by their names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Untreated:
    """Objects that a mission's last pipeline run left out, so that what is missing is no chance."""

    reason: str
    """Why no model on the full table's columns learns from them, as a phrase."""
    origin: str
    """Column of a full table that was put together from several: from which of them a row is."""
    marker: str
    """Its value for these objects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Companion:
    """A second table of the same rows, whose columns are joined where a folder has both."""

    title: str
    """What it holds, as a phrase."""
    keys: Mapping[str, str]
    """Its columns that say which row it is about, and the mission's columns with the same words."""
    columns: tuple[str, ...]
    """What is taken from it, under the mission's own names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A mission's table."""

    name: str
    title: str
    """What its rows are, such as "Kepler objects of interest"."""
    short_title: str
    """The mission's own name, as it stands in a sentence."""
    archive_table: str
    """Its name in the NASA Exoplanet Archive; empty where it is none of the archive's."""
    columns: tuple[Column, ...] = field(repr=False)
    label: str
    """Name of the column that holds the disposition."""
    labels: Mapping[str, Disposition]
    """What the archive's words mean; upper case, single spaces."""
    host: str
    """Name of the column that identifies the host star."""
    object_name: tuple[str, ...]
    """Names of the columns that can name an object, in the order to try."""
    other_names: tuple[Column, ...] = field(default=(), compare=False, repr=False)
    """Columns of the archive's table with what else an object or its star is called: an object is
    looked up by them, and no table keeps them; see `mlcore.datasets.other_names`."""
    catalogues: tuple[Catalogue, ...] = ()
    """Catalogues that number its stars and objects."""
    kind: Kind = Kind.CANDIDATES
    """What its rows are."""
    handed_on: str = ""
    """With what the table comes, where the archive's TAP service does not have it in this form; of
    one that is none of the archive's what it is."""
    label_titles: Mapping[str, str] = field(default_factory=dict)
    """What the objects of each word of `labels` are called, where several words have one meaning
    and figures tell them apart."""
    name_prefix: str = ""
    """What comes before the first of the object names when one is shown."""
    undispositioned: frozenset[str] = frozenset()
    """Words that say that there is no disposition yet, upper case."""
    one_row_per_object: Mapping[str, str] | None = None
    """Which rows to keep, as column and value, where an object has several."""
    quantities: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name of the column of each of `mlcore.datasets.quantities.QUANTITIES` that it measures, in
    whatever unit the column has."""
    zero_points: Mapping[str, float] = field(default_factory=dict)
    """What is added to a quantity's values, in the quantity's unit: the date that epochs count
    from."""
    remarks: Mapping[str, str] = field(default_factory=dict)
    """What its values of a quantity have of their own, as a phrase."""
    electrons: float | None = None
    """Electrons in an hour that a star of magnitude 0 in the mission's band makes."""
    usual: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Between which values of a quantity, in its unit, nearly all of its objects are, where that is
    narrower than of all missions."""
    span: float | None = None
    """Days from the first to the last of its data of one star."""
    observed: tuple[float, float] | None = None
    """The first and the last day of its data [BJD], where it has ended."""
    untreated: Untreated | None = None
    """Which objects its last pipeline run left out."""
    companion: Companion | None = None
    """A second table that is joined to its own."""
    carried: CarriedTable | None = None
    """Its table inside the package, which serves where there is no network."""
    limits: tuple[str, ...] = ()
    """What no model on its rows can do, as sentences."""
    links: tuple[Link, ...] = field(default=(), compare=False, repr=False)
    """Where its objects are described, beside `mlcore.datasets.links.SHARED_LINKS`."""
    published: tuple[Publication, ...] = ()
    """The models on its rows alone that the project publishes."""
    joint_limits: tuple[str, ...] | None = None
    """What its rows let the published model on several missions' rows not do, as sentences; None
    where that model learns from none of them."""
    doi: str = field(default="", compare=False)
    """Of its table in the archive, where the archive gives it one; no result follows from it."""
    references: tuple[Reference, ...] = field(default=(), repr=False, compare=False)
    """The mission's own papers, and its table's, likewise."""
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise ValueError(f"{self.name} declares a column twice")
        needed = {self.label, self.host, *self.object_name, *self.quantities.values()}
        needed |= {column.uncertainty_of for column in self.columns if column.uncertainty_of}
        if undeclared := sorted(needed - by_name.keys()):
            raise ValueError(f"{self.name} does not declare {', '.join(undeclared)}")
        if by_name[self.label].role is not Role.LABEL:
            raise ValueError(f"{self.name} declares {self.label} as no label")
        object.__setattr__(self, "_by_name", by_name)
        seen = {column.name for column in self.kept_columns}
        for column in self.other_names:
            if column.role is not Role.IDENTIFIER or column.name in seen:
                raise ValueError(f"{self.name} keeps {column.name}, which only finds an object")
        if strange := sorted(self.label_titles.keys() - self.labels.keys()):
            raise ValueError(f"{self.name} gives no meaning to the label {strange[0]}")
        for name in ("labels", "label_titles", "quantities", "zero_points", "remarks", "usual"):
            object.__setattr__(self, name, MappingProxyType(getattr(self, name)))

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
    def fingerprint(self) -> str:
        """All that is declared, in words: it need not be of this package's code."""
        declared = [getattr(self, one.name) for one in fields(self) if one.compare]
        return "\0".join(
            repr(sorted(one) if isinstance(one, frozenset) else one) for one in declared
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns that a model sees by default."""
        return tuple(column.name for column in self.feature_columns())

    @property
    def measured_here(self) -> bool:
        """Whether its values are measured by this software.

        A column without any value is then one that could not be measured, and no lacking one.
        """
        return not self.archive_table

    @property
    def source(self) -> str:
        """Whose table it is, in words."""
        if not self.archive_table:
            return self.handed_on
        named = f"the NASA Exoplanet Archive's table {self.archive_table}"
        return f"{named}, as it is handed on with {self.handed_on}" if self.handed_on else named

    @property
    def full_table_columns(self) -> frozenset[str]:
        """Names of the features that only the archive's full table has."""
        return frozenset(column.name for column in self.feature_columns(wide=True) if column.wide)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(self._by_name)

    @property
    def leaky_columns(self) -> tuple[Column, ...]:
        """Columns that state or follow the label."""
        return tuple(column for column in self.columns if column.leak is not None)

    @property
    def kept_for_checks(self) -> tuple[Column, ...]:
        """Columns that state or follow the label and that a table keeps for physical checks."""
        measured = set(self.quantities.values())
        return tuple(column for column in self.leaky_columns if column.name in measured)

    @property
    def opinions(self) -> tuple[Column, ...]:
        """Columns that hold what another vetter says of an object."""
        return tuple(column for column in self.columns if column.role is Role.OPINION)

    @property
    def withheld_errors(self) -> tuple[Column, ...]:
        """Uncertainties that no model may see: they only say how sure the values are."""
        return tuple(column for column in self.leaky_columns if column.uncertainty_of is not None)

    def errors_of(self, name: str) -> tuple[Column, ...]:
        """Uncertainties of a column: none, the only one, or the upper and the lower one."""
        return tuple(column for column in self.columns if column.uncertainty_of == name)

    @property
    def star_uncertainties(self) -> tuple[Column, ...]:
        """Uncertainties of what is measured of the host star: how well it is known."""
        return tuple(column for column in self.columns if column.of_star and column.uncertainty_of)

    @property
    def kept_columns(self) -> tuple[Column, ...]:
        """Columns that a `Table` keeps.

        That is every column that a model, a split or a feature computed later may use, and of the
        leaky ones only those that name an object or its star, choose its row, are another vetter's
        opinion, or measure a quantity: that is for physical checks, and no feature rests on it.
        """
        needed = {self.label, self.host, *self.object_name, *self.quantities.values()}
        needed.update(self.one_row_per_object or ())
        needed.update(column.name for column in self.opinions)
        return tuple(
            column
            for column in self.columns
            if column.name in needed
            or (column.leak is None and not (column.text and column.role is Role.BOOKKEEPING))
        )
