"""The columns that a model sees, with what a sentence says of an object by each of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets import DATASETS
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.quantities import QUANTITIES, unit_factor
from mlcore.datasets.spec import Scale
from mlcore.datasets.units import amount_in_words, unit_spelt_out
from mlcore.features.light_curves import OF_SIGNALS
from mlcore.features.measured import MEASURED, PLACE, Measured
from mlcore.features.observation import Observation, Row, clause, phrase, share
from mlcore.features.registry import declared_features
from mlcore.in_words import lowered, number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Dataset
    from mlcore.features.spec import Feature

__all__ = ["DescribedColumns", "Quantity", "described_columns", "measured_behind", "subject_of"]

_FIRM = 0.01
"""Relative error below which a value's error is said as a share alone: its digits are firm."""
_PATTERNS = 256
"""Of missing values, of which it is remembered what they leave."""
_PLAIN_UNKNOWN = {
    PLACE: "Where the transit source lies is not known",
    "siblings on the same star": "What else orbits the star is not known",
    "kinematics": "How fast the star moves is not known",
    "ephemeris matches": "Whether another object matches its period and epoch is not known",
}
_REMARKS = (", 0 without any", ", at most 1", ", at least 0")
"""What a declaration says of a feature's values and a sentence need not, the last first."""
_BY_COLUMN = dict(MEASURED) | {
    column: MEASURED[quantity]
    for dataset in DATASETS.values()
    for quantity, column in dataset.quantities.items()
    if quantity in MEASURED
}
_QUANTITY_OF = {
    column: quantity
    for dataset in DATASETS.values()
    for quantity, column in dataset.quantities.items()
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Described:
    """One column of a model."""

    column: Column
    group: str
    """The physical quantity that it belongs to."""
    value_of: str | None = None
    """Of an uncertainty: the column whose it is."""
    quantity: str | None = None
    """Of a measured column: which of `mlcore.datasets.quantities.QUANTITIES` it is."""
    measured: Measured | None = None
    feature: Feature | None = None
    needs: tuple[str, ...] = ()
    """Of a derived column: the model's columns that it is computed from."""
    absent: bool = False
    """Whether the table lacks the column, or one that it is computed from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A physical quantity, and which of a model's columns tell of it."""

    name: str
    columns: tuple[int, ...]
    """Their positions."""
    errors: tuple[int, ...]
    """The positions of those that hold the errors of a value."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DescribedColumns:
    """A model's columns of one mission, in the model's order."""

    dataset: Dataset
    described: Mapping[str, _Described]

    @cached_property
    def _groups(self) -> tuple[str | None, ...]:
        """Group of each column of an object of which everything is known."""
        return tuple(None if one.absent else one.group for one in self.described.values())

    @cached_property
    def _needing(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Positions of the columns at hand that need others, each with those of the others."""
        places = {name: place for place, name in enumerate(self.described)}
        return tuple(
            (places[name], tuple(places[need] for need in one.needs))
            for name, one in self.described.items()
            if one.needs and not one.absent
        )

    @cached_property
    def _in_order(self) -> tuple[_Described, ...]:
        return tuple(self.described.values())

    @cached_property
    def _quantities(self) -> dict[bytes, tuple[Quantity, ...]]:
        """What `quantities` returned, by which values were missing."""
        return {}

    @cached_property
    def _are_errors(self) -> tuple[bool, ...]:
        return tuple(one.value_of is not None for one in self.described.values())

    @cached_property
    def _errors_of(self) -> dict[str, list[str]]:
        """Names of the columns with the errors of each value."""
        errors: dict[str, list[str]] = {}
        for name, one in self.described.items():
            if one.value_of is not None:
                errors.setdefault(one.value_of, []).append(name)
        return errors

    @cached_property
    def _converted(self) -> tuple[tuple[str, str, float], ...]:
        """Name of each column of a quantity, the quantity, and the factor to its unit."""
        return tuple(
            (name, one.quantity, unit_factor(one.column.unit, QUANTITIES[one.quantity].unit))
            for name, one in self.described.items()
            if one.quantity is not None
        )

    def groups(self, values: NDArray[np.float64]) -> list[str | None]:
        """Return the physical quantity that each column tells of in one row.

        Parameters
        ----------
        values
            In the columns' declared units, shape ``(p,)``; NaN where missing.

        Returns
        -------
        list of str or None
            A derived value that is missing because a measured one is tells of the measured one;
            what the table does not have tells nothing of the object: None.
        """
        numbers, described = values.tolist(), self._in_order
        found = list(self._groups)
        for place, needs in self._needing:
            if math.isnan(numbers[place]):
                lacking = (described[need].group for need in needs if math.isnan(numbers[need]))
                found[place] = next(lacking, found[place])
        return found

    def quantities(self, values: NDArray[np.float64]) -> tuple[Quantity, ...]:
        """Return the physical quantities that the columns tell of in one row; see `groups`."""
        missing = np.isnan(values).tobytes()
        if (found := self._quantities.get(missing)) is None:
            places: dict[str, list[int]] = {}
            for place, group in enumerate(self.groups(values)):
                if group is not None:
                    places.setdefault(group, []).append(place)
            found = tuple(
                Quantity(
                    name=name,
                    columns=tuple(of),
                    errors=tuple(place for place in of if self._are_errors[place]),
                )
                for name, of in places.items()
            )
            if len(self._quantities) == _PATTERNS:
                self._quantities.clear()
            self._quantities[missing] = found
        return found

    def observe(
        self, values: NDArray[np.float64], asked: Sequence[tuple[Sequence[int], bool]]
    ) -> list[Observation]:
        """Return what is seen of some quantities of an object.

        Parameters
        ----------
        values
            As in `groups`.
        asked
            For each quantity the positions of its columns, that which is to speak first, and
            whether the error of a measured value is worth saying.
        """
        by_name = dict(zip(self.described, values.tolist(), strict=True))
        row = self._row(by_name)
        return [
            self._seen(by_name, row, places, with_error=with_error) for places, with_error in asked
        ]

    def _seen(
        self, by_name: Mapping[str, float], row: Row, places: Sequence[int], *, with_error: bool
    ) -> Observation:
        members = [self._in_order[place] for place in places]
        for one in members:
            if math.isnan(by_name[one.column.name]):
                return self._unknown(one, by_name)
            said = self._said(one, by_name, row, with_error=with_error)
            if said is not None:
                return said
        return self._plain(members[0], by_name, row, with_error=with_error)

    def _row(self, by_name: Mapping[str, float]) -> Row:
        known = dict(by_name)
        for name, quantity, factor in self._converted:
            known[quantity] = by_name[name] * factor
        return Row(known)

    def _said(
        self, one: _Described, by_name: Mapping[str, float], row: Row, *, with_error: bool
    ) -> Observation | None:
        if one.feature is not None and one.feature.says is not None:
            return one.feature.says(row)
        if one.value_of is None:
            return self._plain(one, by_name, row, with_error=with_error)
        value = self.described.get(one.value_of)
        if value is not None:
            return self._unless_unknown(value, by_name, row)
        # Of a date only how exactly it is known is seen.
        meaning = self.dataset.column(one.value_of).meaning.partition(" (")[0]
        return phrase(f"{meaning} known to {_exactness(one.column, by_name[one.column.name])}")

    def _unless_unknown(
        self, value: _Described, by_name: Mapping[str, float], row: Row
    ) -> Observation:
        if math.isnan(by_name[value.column.name]):
            return self._unknown(value, by_name)
        return self._plain(value, by_name, row, with_error=True)

    def _plain(
        self, one: _Described, by_name: Mapping[str, float], row: Row, *, with_error: bool
    ) -> Observation:
        """Return what a measured value says: its phrase, and what physics makes of it."""
        column, measured = one.column, one.measured or Measured()
        value = by_name[column.name]
        if measured.says is not None:
            return measured.says(value)
        if measured.of_row is not None and (seen := measured.of_row(row)) is not None:
            return seen
        if column.meaning.startswith("Flag that "):
            is_set = "set" if value else "not set"
            return clause(f"The {lowered(column.meaning)} is {is_set}")
        error = self._error(column, by_name) if with_error else math.nan
        if measured.unit is not None:
            column = replace(column, unit=measured.unit)
        said, note = _amount(column, value), ""
        if math.isfinite(error) and error > 0:
            said, note = _with_error(column, value, error)
        template = measured.template or f"{column.meaning} of {{}}"
        if value == 0 and "times" in template:
            # So small that the catalogue's digits do not reach it.
            said, note = "less than 0.01", ""
        return phrase(template.format(said) + note, *(measured.physics(row) or ()))

    def _error(self, column: Column, by_name: Mapping[str, float]) -> float:
        """Return the mean size of a value's errors that the model sees, NaN where it sees none."""
        sizes = [
            abs(by_name[name])
            for name in self._errors_of.get(column.name, ())
            if not math.isnan(by_name[name])
        ]
        return sum(sizes) / len(sizes) if sizes else math.nan

    def _unknown(self, one: _Described, by_name: Mapping[str, float]) -> Observation:
        if one.value_of is not None:
            return self._unknown_error(one.value_of, by_name)
        lacking = [need for need in one.needs if math.isnan(by_name[need])]
        if lacking:
            return self._unknown(self.described[lacking[0]], by_name)
        if one.group in _PLAIN_UNKNOWN:
            return clause(_PLAIN_UNKNOWN[one.group])
        if one.feature is not None:
            return clause(f"The {one.group} is not known")
        noun = (one.measured and one.measured.noun) or lowered(one.column.meaning)
        whose = "The" if noun.startswith("stellar") else "Its"
        return clause(f"{whose} {noun} is not known")

    def _unknown_error(self, value_of: str, by_name: Mapping[str, float]) -> Observation:
        value = self.described.get(value_of)
        if value is None:
            meaning = lowered(self.dataset.column(value_of).meaning).partition(" (")[0]
            return clause(f"The error of the {meaning} is not known")
        if math.isnan(by_name[value_of]):
            return self._unknown(value, by_name)
        said = self._plain(value, by_name, self._row(by_name), with_error=False)
        return said if said.is_clause else phrase(f"{said.words} without a known error")


def described_columns(
    dataset: Dataset, columns: Sequence[Column], *, given: Collection[str] | None = None
) -> DescribedColumns:
    """Return a model's columns with what is said of them.

    Parameters
    ----------
    dataset
        The mission whose rows are described.
    columns
        Declarations of the model's columns, in its order.
    given
        Names of the mission's columns that the table has; None: all that the mission declares. A
        column that is not there was not measured and found missing, and nothing is said of it.
    """
    features = declared_features()
    names = [column.name for column in columns]
    if given is None:
        given = dataset.column_names
    quantity_of = {own: name for name, own in dataset.quantities.items()}
    # A model of what the missions share names its columns as the quantities.
    seen_as = {
        quantity: name
        for name in names
        if (quantity := quantity_of.get(name, name)) in QUANTITIES and name not in features
    }
    there = {name for name, own in dataset.quantities.items() if own in given}
    described: dict[str, _Described] = {}
    for column in columns:
        if (feature := features.get(column.name)) is not None:
            described[column.name] = _Described(
                column=column,
                group=feature.tells_of or feature.group,
                feature=feature,
                needs=tuple(seen_as[need] for need in feature.needs if need in seen_as),
                absent=not there.issuperset(feature.needs)
                or any(getattr(dataset, fact) is None for fact in feature.facts),
            )
            continue
        value = dataset.column(column.uncertainty_of) if column.uncertainty_of else column
        quantity = quantity_of.get(value.name, value.name)
        measured = (
            OF_SIGNALS.get(column.name)
            if dataset is LIGHT_CURVES
            else MEASURED.get(quantity, MEASURED.get(value.name))
        )
        described[column.name] = _Described(
            column=column,
            group=(measured and measured.group) or lowered(value.meaning),
            value_of=column.uncertainty_of,
            quantity=quantity if value is column and quantity in QUANTITIES else None,
            measured=measured,
            absent=column.name not in given and column.name not in there,
        )
    return DescribedColumns(dataset=dataset, described=described)


def subject_of(column: Column) -> str:
    """Return what a column is called before a bare value, as it begins a sentence.

    Examples
    --------
    >>> from mlcore import DATASETS
    >>> subject_of(DATASETS["tess"].column("pl_insol"))
    "Insolation in units of the Earth's"
    """
    measured = _BY_COLUMN.get(column.name)
    if measured is not None and measured.subject is not None:
        return measured.subject
    subject = column.meaning
    for remark in _REMARKS:
        subject = subject.removesuffix(remark)
    return f"{subject[0].upper()}{subject[1:]}"


def measured_behind(name: str, unknown: Collection[str]) -> str | None:
    """Return which unknown column a derived one is computed from, None where there is none.

    Parameters
    ----------
    name
        Of a column, measured or derived.
    unknown
        Names of a model's columns that are not known.
    """
    feature = declared_features().get(name)
    if feature is None:
        return None
    quantities = {_QUANTITY_OF.get(column, column): column for column in unknown}
    return next((quantities[need] for need in feature.needs if need in quantities), None)


def _unit_of(column: Column) -> str:
    # "Kepler magnitude of 15.3" says its unit already.
    return "" if column.unit == "mag" and "magnitude" in column.meaning else column.unit


def _amount(column: Column, value: float) -> str:
    return amount_in_words(value, _unit_of(column))


def _exactness(column: Column, error: float) -> str:
    """Return the size of an error, in a unit in which it is neither tiny nor huge."""
    minutes = abs(error) * 24 * 60
    if column.unit != "d" or not 0 < minutes < 24 * 60:
        return _amount(column, abs(error))
    in_seconds = minutes < 1
    said = number(60 * minutes if in_seconds else minutes, digits=2)
    return f"{said} {'second' if in_seconds else 'minute'}{'' if said == '1' else 's'}"


def _with_error(column: Column, value: float, error: float) -> tuple[str, str]:
    """Return a value with its error and unit, and what the error is beside the value."""
    proportional = column.scale is Scale.LOG or column.unit == "K"
    part = abs(error / value) if value else math.inf
    note = f" ({_relative(part)})" if proportional else ""
    if proportional and part < _FIRM:
        return _amount(column, value), note
    decimals = 1 - math.floor(math.log10(error))
    rounded = [f"{round(size, decimals):.{max(decimals, 0)}f}" for size in (value, error)]
    if max(len(digits.replace(".", "").lstrip("-0")) for digits in rounded) > 4:
        rounded = [number(value), number(error, digits=2)]
    said = " ± ".join(rounded)
    return f"{said} {unit_spelt_out(_unit_of(column))}".rstrip(), note


def _relative(part: float) -> str:
    """Return a relative error in words."""
    if part < 1e-3:
        return f"known to one part in {float(f'{1 / part:.0e}'):,.0f}"
    if part >= 1.5:
        return f"an error of {number(part, digits=2)} times the value"
    if part >= 0.95:
        return "an error as large as the value"
    percent = share(part)
    article = "an" if percent.startswith("8") or percent.split(" ")[0] in {"11", "18"} else "a"
    return f"{article} {percent} error"
