"""Whether a column has another unit than its own, by what its values say of others.

A whole column that agrees with the others in one other unit, and hardly at all in its own, is
converted; one that does so in part of its rows is refused, because no row alone is sure enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.quantities import QUANTITIES, unit_factor
from mlcore.datasets.relations import RELATIONS, UNITS_IN_USE, USUAL
from mlcore.datasets.rescaling import rescaled
from mlcore.datasets.units import unit_in_words
from mlcore.errors import DataError
from mlcore.in_words import joined, percent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.relations import Relation, Unit
    from mlcore.datasets.spec import Dataset

    Quantities = dict[str, NDArray[np.float64]]

__all__ = ["in_own_units"]

_FEW = 5
"""Rows with all values of a relation below which it says nothing of a unit."""
_LOGARITHMS = frozenset({"stellar_gravity", "magnitude"})
_APART = 0.6
"""Share of rows in which columns contradict each other from which on it is said. Of all objects of
a mission it is a quarter at most, for the false positives' depths and radii."""
_HARDLY = 0.2
"""Share of rows that agree in the column's own unit up to which another one is looked for. Of
subsets of the archive's tables (random, single classes, the ends of single columns), none that
agrees in so few rows in its own unit agrees in more than half of them in another."""
_VERY_FEW, _DOUBTFUL = 3, 0.5
"""Rows, and shares of them that do not agree and would, from which on one is asked at least."""
_MOSTLY = 0.7
"""Share of rows that have to agree in the other unit."""
_IN_PART = 0.2
"""Share of rows in another unit from which on a column is refused."""
_DIVIDED = 0.85
"""Share of rows that have to be in one of two units before two are said to be in a column."""
_SURE = 0.4
"""How near [dex] a single row has to be to what is expected, to be said to have another unit."""
_ROUNDING = 1e-9
_UNUSUAL = 0.6
"""Share of rows outside the usual from which on one is asked whether the unit is right."""
_RARE = 0.3
"""The same of what is usual of the mission itself, which is narrower than of all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Guess:
    quantity: str
    unit: Unit
    column: str
    factor: float
    """From the unit to the column's own."""
    against: tuple[str, ...]
    """The columns that tell."""
    rows: int
    before: float
    """Share of the rows that agree in the column's own unit."""
    after: float


def in_own_units(
    frame: pd.DataFrame,
    errors: pd.DataFrame,
    dataset: Dataset,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
    *,
    stated: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the columns in the units that the mission declares.

    Parameters
    ----------
    frame
        The table's columns, those of numbers as float64, shape ``(n, k)``.
    errors
        Uncertainties that stand apart, of the same rows.
    dataset
        Whose columns they are.
    row_numbers
        Number of each row in the file.
    warnings
        Gets a sentence for each column that was converted or is doubtful.
    stated
        Names of columns whose unit the user stated: never converted, and refused where their
        values say otherwise.

    Returns
    -------
    frame, errors : DataFrame

    Raises
    ------
    DataError
        When a column has another unit in part of its rows, one of several that cannot be told
        apart, or another one than the user stated.
    """
    measured = _Measured(_quantities(frame, dataset))
    for _ in UNITS_IN_USE:
        guesses = [guess for guess in _candidates(measured, dataset) if _convinces(guess)]
        if not guesses:
            break
        guess = _only(guesses, stated, dataset)
        frame, errors = _converted(frame, errors, guess, dataset, warnings)
        measured = _Measured(_quantities(frame, dataset))
    _refuse_mixed(measured, dataset, row_numbers)
    warnings += _doubts(measured, dataset)
    return frame, errors


class _Measured:
    """The quantities of a table as they are, and what the relations say of them, found out once."""

    def __init__(self, values: Quantities) -> None:
        self.values = values
        self._residuals: dict[Relation, NDArray[np.float64]] = {}
        self._agreements: dict[Relation, tuple[int, float]] = {}

    def residual(self, relation: Relation) -> NDArray[np.float64]:
        """Return how far rows are from a relation, NaN where they lack a value of it."""
        if relation not in self._residuals:
            self._residuals[relation] = _residual(relation, self.values)
        return self._residuals[relation]

    def agreement(self, relation: Relation) -> tuple[int, float]:
        """Return how many rows have all values of a relation, and the share that agrees."""
        if relation not in self._agreements:
            residual = self.residual(relation)
            rows = int(np.isfinite(residual).sum())
            # What is not known is near nothing.
            agreeing = int((np.abs(residual) < relation.width).sum())
            self._agreements[relation] = rows, agreeing / rows if rows else 0.0
        return self._agreements[relation]


def _quantities(frame: pd.DataFrame, dataset: Dataset) -> Quantities:
    """Return the positive values of the quantities in their units, NaN where there is none."""
    values = {}
    names = {name for relation in RELATIONS for name in relation.of}
    for name in names:
        column = dataset.quantities.get(name)
        if column is None or column not in frame:
            continue
        factor = unit_factor(dataset.column(column).unit, QUANTITIES[name].unit)
        measured = frame[column].to_numpy(dtype=np.float64) * factor
        # Logarithms may be anything.
        known = np.isfinite(measured) & ((measured > 0) | (name in _LOGARITHMS))
        values[name] = np.where(known, measured, np.nan)
    return values


def _residual(relation: Relation, values: Quantities) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return np.asarray(relation.residual(values))


def _candidates(
    measured: _Measured, dataset: Dataset, *, few: int = _FEW, hardly: float = _HARDLY
) -> Iterator[_Guess]:
    """Yield what each other unit of each quantity would make of the relations.

    Those are of interest that have some rows, of which hardly any agrees in the column's own unit.
    """
    values = measured.values
    for name, unit, factor in _other_units(dataset, values):
        agreements = {
            relation: (rows, agree)
            for relation in _relations_of(name, values)
            for rows, agree in [measured.agreement(relation)]
            if rows >= few
        }
        # Nearly always a column is in its own unit, and no other one has to be tried.
        if not any(agree <= hardly for _, agree in agreements.values()):
            continue
        changed = {**values, name: values[name] * factor}
        told: list[tuple[float, float, int, Relation]] = []
        destroyed = False
        for relation, (rows, agree) in agreements.items():
            before, after = measured.residual(relation), _residual(relation, changed)
            known = np.isfinite(before)
            would = float((np.abs(after[known]) < relation.width).mean())
            if agree <= hardly and _tells(relation, before, after):
                told.append((would, agree, rows, relation))
            else:
                destroyed |= would < agree / 2
        if told and not destroyed and _usual(name, changed[name]) >= _MOSTLY:
            after_worst, agree, rows, relation = min(told, key=lambda one: one[0])
            yield _Guess(
                quantity=name,
                unit=unit,
                column=dataset.quantities[name],
                factor=factor,
                against=tuple(dataset.quantities[other] for other in relation.of if other != name),
                rows=rows,
                before=agree,
                after=after_worst,
            )


def _tells(relation: Relation, before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
    """Tell whether no row, or hardly any, could agree in both units."""
    shift = np.abs(after - before)
    shift = shift[np.isfinite(shift)]
    if not len(shift) or (shift >= 2 * relation.width).all():
        return bool(len(shift))
    return float(np.percentile(shift, 10)) >= 2 * relation.width


def _usual(name: str, values: NDArray[np.float64]) -> float:
    """Return the share of values that are as nearly all objects have them."""
    low, high = USUAL[name]
    known = values[np.isfinite(values)]
    return float(((known >= low) & (known <= high)).mean()) if len(known) else 0.0


def _convinces(guess: _Guess) -> bool:
    # Of very few rows, nearly all.
    return guess.after >= (_MOSTLY if guess.rows >= 2 * _FEW else 0.8)


def _relations_of(name: str, values: Mapping[str, object]) -> Iterator[Relation]:
    for relation in RELATIONS:
        if name in relation.of and all(other in values for other in relation.of):
            yield relation


def _other_units(dataset: Dataset, values: Quantities) -> Iterator[tuple[str, Unit, float]]:
    for name, units in UNITS_IN_USE.items():
        if name not in values:
            continue
        own = dataset.column(dataset.quantities[name]).unit
        for unit in units:
            factor = unit_factor(unit.unit, own)
            if not np.isclose(factor, 1):
                yield name, unit, factor


def _only(guesses: list[_Guess], stated: Collection[str], dataset: Dataset) -> _Guess:
    """Return the guess where there is one that may be followed."""
    best = max(guesses, key=lambda guess: guess.after)
    own = _words(best.quantity, dataset)
    seems = (
        f"Column {best.column} seems to hold {best.unit.words} and not {own}: its values agree with"
        f" {joined(best.against)} in {percent(best.after)} of {best.rows} rows that way, and in"
        f" {percent(best.before)} as they are."
    )
    if best.column in stated:
        raise DataError(f"{seems} Its unit was stated to be another: correct one of the two.")
    if not best.unit.certain:
        raise DataError(f"{seems} Convert it to {own}, which only you can do for certain.")
    rivals = [guess for guess in guesses if guess.column in best.against]
    if rivals:
        others = " or ".join(f"{guess.column} in {guess.unit.words}" for guess in rivals)
        raise DataError(
            f"{seems} It could be {others} as well: convert the columns to the units that"
            f" {dataset.short_title}'s table has."
        )
    return best


def _converted(
    frame: pd.DataFrame,
    errors: pd.DataFrame,
    guess: _Guess,
    dataset: Dataset,
    warnings: list[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    own = _words(guess.quantity, dataset)
    frame, errors, moved = rescaled(frame, errors, dataset, guess.quantity, guess.factor)
    beside = f" with {joined(moved)}" if moved else ""
    warnings.append(
        f"Column {guess.column} seems to hold {guess.unit.words} and not {own}: that way its values"
        f" agree with {joined(guess.against)} in {percent(guess.after)} of {guess.rows} rows, and"
        f" as they are in {percent(guess.before)}; it was converted to {own}{beside}."
    )
    return frame, errors


def _refuse_mixed(measured: _Measured, dataset: Dataset, row_numbers: NDArray[np.int64]) -> None:
    values = measured.values
    for name, unit, factor in _other_units(dataset, values):
        if not unit.certain or not _may_be_mixed(name, measured):
            continue
        changed = {**values, name: values[name] * factor}
        other, own = np.ones((2, len(row_numbers)), dtype=bool)
        known = np.zeros(len(row_numbers), dtype=bool)
        for relation in _relations_of(name, values):
            before, after = measured.residual(relation), _residual(relation, changed)
            if not _tells(relation, before, after):
                continue
            here = np.isfinite(before)
            known |= here
            own &= (np.abs(before) < relation.width) | ~here
            other &= ((np.abs(before) > relation.width) & (np.abs(after) < _SURE)) | ~here
        count, rows = int((other & known).sum()), int(known.sum())
        # Two units are in the column where nearly every row is in one of them.
        divided = count + int((own & known).sum()) >= _DIVIDED * rows
        if divided and count >= _FEW and count >= _IN_PART * rows:
            raise DataError(
                f"Column {dataset.quantities[name]} seems to hold {unit.words} and not"
                f" {_words(name, dataset)} in {count} of {rows} rows, the first of them row"
                f" {row_numbers[int((other & known).argmax())]}. Bring the whole column to"
                f" {_words(name, dataset)}."
            )


def _may_be_mixed(name: str, measured: _Measured) -> bool:
    """Tell whether rows enough disagree, whichever relations can tell units of a quantity apart."""
    agreements = [measured.agreement(relation) for relation in _relations_of(name, measured.values)]
    # Of two relations both may be wrong in rows of their own.
    share = _IN_PART / max(len(agreements), 1)
    return any(rows and 1 - agree >= share - _ROUNDING for rows, agree in agreements)


def _doubts(measured: _Measured, dataset: Dataset) -> list[str]:
    """Return questions about columns that may have another unit or that no unit explains."""
    values = measured.values
    doubts = [
        f"Column {guess.column} may hold {guess.unit.words} and not"
        f" {_words(guess.quantity, dataset)}: that way its values agree with"
        f" {joined(guess.against)} in {percent(guess.after)} of {guess.rows} rows, and as they are"
        f" in {percent(guess.before)}. They were left as they are."
        for guess in _candidates(measured, dataset, few=_VERY_FEW, hardly=_DOUBTFUL)
        if guess.after >= _DOUBTFUL
    ]
    for relation in RELATIONS:
        if not all(name in values for name in relation.of):
            continue
        residual = measured.residual(relation)
        known = np.isfinite(residual)
        apart = float((np.abs(residual[known]) >= relation.width).mean()) if known.any() else 0.0
        if known.sum() >= 2 * _FEW and apart >= _APART:
            columns = [dataset.quantities[name] for name in relation.of]
            doubts.append(
                f"Columns {joined(columns)} contradict each other in {percent(apart)} of"
                f" {int(known.sum())} rows: are all of them in the units that"
                f" {dataset.short_title}'s table has, under their own headings and in their own"
                " rows?"
            )
    for name, usual in USUAL.items():
        if name not in values:
            continue
        low, high = dataset.usual.get(name, usual)
        share = _RARE if name in dataset.usual else _UNUSUAL
        known = np.isfinite(values[name])
        outside = known & ((values[name] < low) | (values[name] > high))
        if known.sum() >= _FEW and outside.sum() >= share * known.sum():
            doubts.append(
                f"Column {dataset.quantities[name]} has {int(outside.sum())} of"
                f" {int(known.sum())} values as hardly any object has: is it in"
                f" {_words(name, dataset)}?"
            )
    return doubts


def _words(name: str, dataset: Dataset) -> str:
    own = dataset.column(dataset.quantities[name]).unit
    for unit in UNITS_IN_USE[name]:
        if np.isclose(unit_factor(unit.unit, own), 1):
            return unit.words
    return unit_in_words(own)
