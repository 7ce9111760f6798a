"""From a file's headings to a mission's columns: what is clear is read, what is not is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlcore.datasets.conversions import (
    Conversion,
    ConversionError,
    UnknownUnitError,
    conversion_of,
)
from mlcore.datasets.headings.narrowing import HeadingHit, matters, narrowed
from mlcore.datasets.headings.requested import requested_hits
from mlcore.datasets.headings.spelling import in_quotes
from mlcore.datasets.headings.vocabulary import (
    Hit,
    Match,
    Vocabulary,
    column_in_words,
    is_called_a_name,
)
from mlcore.datasets.readers.raw_table import lower_names, refuse_doubled
from mlcore.datasets.reading import HeadingReading
from mlcore.datasets.spec import Role
from mlcore.datasets.unclear import UnclearHeadingError
from mlcore.datasets.unit_spellings import read_unit
from mlcore.datasets.units import unit_in_words
from mlcore.errors import DataError
from mlcore.in_words import joined, lowered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mlcore.datasets.headings.mapping import ColumnMapping
    from mlcore.datasets.readers.read import Heading
    from mlcore.datasets.spec import Column, Dataset

__all__ = ["MatchedHeadings", "match_headings"]

_OF_MAGNITUDES = (
    "How much of the depth an uncertainty in magnitudes is depends on the depth itself."
)
_SLIPS_AT_MOST = 300
"""How many headings are looked at for slips of the pen, which takes a while for each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchedHeadings:
    """Which of a file's columns are which of a mission's."""

    columns: Mapping[int, str]
    """The mission's column at each place of the file that one was found for."""
    readings: tuple[HeadingReading, ...]
    """What became of each heading, in the file's order."""
    conversions: Mapping[str, Conversion]
    """What is done with the values of those columns that the file gives in another unit."""
    symmetric: Mapping[str, str] = field(default_factory=dict)
    """Columns of upper uncertainties that are the lower ones too, and the columns of these."""
    doubtful: frozenset[str] = frozenset()
    """Columns of uncertainties under the mission's own names and without a unit whose values state
    another one than the mission's table has: they may be in either."""
    label_is_generic: bool = False
    """Whether the label was found by a heading that can be something else altogether."""

    @property
    def names(self) -> tuple[str, ...]:
        """The mission's columns that the file has, those among them that mirror another."""
        return (*self.columns.values(), *self.symmetric.values())

    @property
    def stated_units(self) -> frozenset[str]:
        """Columns whose unit the file or the request states."""
        stated = {reading.column for reading in self.readings if reading.unit and reading.column}
        return frozenset(stated | self.conversions.keys())


def match_headings(
    headings: Sequence[Heading],
    dataset: Dataset,
    mapping: ColumnMapping,
    *,
    require_label: bool = False,
) -> MatchedHeadings:
    """Find the mission's column of each heading.

    Parameters
    ----------
    headings
        All of the file's, in its order.
    dataset
        The mission.
    mapping
        What the request says of them, which comes before everything else.
    require_label
        Whether the heading that the request names as the label's has to be here.

    Raises
    ------
    MappingError
        When the request names a heading or a column that there is not, or maps two headings to one
        column.
    DataError
        When a heading can be two columns, two headings can be one column, or a unit is not one of
        its column. The text says how to put it in the request.
    """
    refuse_doubled(lower_names([heading.name for heading in headings]))
    vocabulary = Vocabulary(dataset)
    asked = requested_hits(headings, dataset, mapping, require_label=require_label)
    found = narrowed(headings, vocabulary, asked)
    chosen = _choose(found, dataset)
    _ask_about_slips(found, chosen, vocabulary, ignored=asked)
    for one in chosen.values():
        _convert(one, dataset)
    doubtful = _errors_follow(chosen, dataset)
    symmetric = _symmetric(chosen)
    return MatchedHeadings(
        columns={one.place: column for column, one in chosen.items()},
        readings=tuple(_reading(one, chosen, dataset) for one in found),
        conversions={
            name: one.conversion
            for column, one in chosen.items()
            for name in (column, symmetric.get(column, ""))
            if one.conversion is not None and name
        },
        symmetric=symmetric,
        doubtful=doubtful,
        label_is_generic=dataset.label in chosen
        and chosen[dataset.label].hit is not None
        and chosen[dataset.label].hit.generic,  # type: ignore[union-attr]
    )


def _errors_follow(chosen: dict[str, HeadingHit], dataset: Dataset) -> frozenset[str]:
    """Give uncertainties without a unit the one of their value; return those that may have none."""
    doubtful = set()
    for name, one in list(chosen.items()):
        column = dataset.column(name)
        value = chosen.get(column.uncertainty_of or "")
        if value is None or value.conversion is None or value.hit is None or one.hit is None:
            continue
        if one.hit.unit:
            continue
        if value.conversion.magnitudes:
            del chosen[name]
            one.why = _OF_MAGNITUDES
            continue
        one.conversion = conversion_of(value.hit.unit, column, dataset)
        if one.conversion is not None and one.hit.match is Match.EXACT:
            doubtful.add(name)
    return frozenset(doubtful)


def _symmetric(chosen: dict[str, HeadingHit]) -> dict[str, str]:
    """Return which uncertainties are of both sides, and leave out those that a side contradicts."""
    symmetric = {}
    for name, one in list(chosen.items()):
        lower = one.hit.mirrored if one.hit else ""
        if not lower:
            continue
        if lower in chosen:
            del chosen[name]
            one.why = f"{in_quotes(chosen[lower].heading.name)} is read as {lower}."
        else:
            symmetric[name] = lower
            one.why = f"One uncertainty for both sides: {lower} is its negative."
    return symmetric


def _choose(found: Sequence[HeadingHit], dataset: Dataset) -> dict[str, HeadingHit]:
    """Return the heading of each column that has one."""
    claims: dict[str, list[HeadingHit]] = {}
    for one in found:
        if one.hit is not None and len(one.hit.columns) == 1 and not one.hit.alternatives:
            claims.setdefault(one.hit.columns[0], []).append(one)
    chosen = {}
    for name, rivals in claims.items():
        column = dataset.column(name)
        ranked = sorted(rivals, key=lambda one: _rank(one, column, dataset))
        best, first = ranked[0], _rank(ranked[0], column, dataset)
        tied = [one for one in ranked if _rank(one, column, dataset) == first]
        if len(tied) > 1:
            if not matters(column, dataset):
                for one in tied:
                    one.why = f"More than one heading can be {name}, which no model sees."
                continue
            raise UnclearHeadingError(
                _which_of(tied, column),
                headings=[one.heading.name for one in tied],
                columns=[name],
            )
        chosen[name] = best
        for other in ranked[1:]:
            other.why = f"{in_quotes(best.heading.name)} is read as {name}."
    _settle_unclear(found, chosen, dataset)
    return chosen


def _ask_about_slips(
    found: Sequence[HeadingHit],
    chosen: Mapping[str, HeadingHit],
    vocabulary: Vocabulary,
    *,
    ignored: Collection[int],
) -> None:
    """Ask about a heading that nearly is the one of a measurement which the table would lack."""
    lacking = {
        column.name
        for column in vocabulary.dataset.feature_columns()
        if column.uncertainty_of is None and column.name not in chosen
    }
    for one in found[:_SLIPS_AT_MOST] if lacking else ():
        if one.hit is not None or one.place in ignored or is_called_a_name(one.heading.name):
            continue
        if (name := vocabulary.nearly(one.heading.name, lacking)) is not None:
            raise UnclearHeadingError(
                f"Heading {in_quotes(one.heading.name)} is nearly the one of"
                f" {column_in_words(vocabulary.dataset.column(name))}, which the table has not:"
                f" correct it, or say in columns what it is, such as"
                f" {_example(one.heading.name, name)}; null ignores it.",
                headings=[one.heading.name],
                columns=[name],
            )


def _settle_unclear(
    found: Sequence[HeadingHit], chosen: Mapping[str, HeadingHit], dataset: Dataset
) -> None:
    """Leave out what can be several columns where it need not be known, and ask where it has to."""
    for one in found:
        hit = one.hit
        if hit is None or (len(hit.columns) == 1 and not hit.alternatives):
            continue
        if not hit.columns:
            one.why = _no_error(hit)
        elif taken := [chosen[name] for name in hit.columns if name in chosen]:
            one.why = (
                f"It can be {' or '.join(hit.columns)}, and {in_quotes(taken[0].heading.name)} is"
                " read as one of them."
            )
        elif not any(matters(dataset.column(name), dataset) for name in hit.columns):
            one.why = f"It can be {' or '.join(hit.columns)}, which no model sees."
        else:
            raise _unclear(one, hit, dataset)


def _rank(one: HeadingHit, column: Column, dataset: Dataset) -> tuple[int, int, int]:
    """Return how good a heading is for a column, the least the best."""
    hit = one.hit
    assert hit is not None  # noqa: S101 - only what can be the column is ranked
    ordered = column.role in {Role.IDENTIFIER, Role.LABEL}
    match = 2 * int(hit.match) + bool(hit.mirrored)
    try:
        converted = bool(hit.unit) and conversion_of(hit.unit, column, dataset) is not None
    except DataError:
        converted = True
    return match, hit.order if ordered else 0, int(converted)


def _convert(one: HeadingHit, dataset: Dataset) -> None:
    """Find what is done with the values of a chosen heading."""
    hit = one.hit
    assert hit is not None  # noqa: S101 - as above
    column = dataset.column(hit.columns[0])
    if not hit.unit or column.text:
        return
    try:
        one.conversion = conversion_of(hit.unit, column, dataset)
    except UnknownUnitError:
        # What stands in brackets may say that it is another thing: "Depth (odd transits)".
        unclear = hit.match is Match.ALIAS and one.heading.unit != hit.unit
        if unclear and matters(column, dataset):
            raise _unclear(one, hit, dataset) from None
        own = unit_in_words(column.unit)
        one.why = (
            f'"{hit.unit}" is no unit that is known: its values are taken to be'
            f" {f'in {own}' if own else 'a bare number'}, as in the mission's table."
        )
    except ConversionError as error:
        if matters(column, dataset):
            raise UnclearHeadingError(
                f"In heading {in_quotes(one.heading.name)} {error}. Convert its values or, if they"
                f" are {_in_unit(column)} all the same, say so in columns:"
                f" {_example(one.heading.name, column.name, column.unit)}; null ignores it.",
                headings=[one.heading.name],
                columns=[column.name],
                unit=column.unit,
            ) from None
        one.why = f"Its unit is not the one of {column.name}, which no model sees."


def _reading(one: HeadingHit, chosen: Mapping[str, HeadingHit], dataset: Dataset) -> HeadingReading:
    hit = one.hit
    # No database keeps a NUL, which binary formats can carry.
    name = one.heading.name.replace("\x00", "\ufffd")
    column = next((name for name, best in chosen.items() if best is one), None)
    if column is None:
        ignored = hit is None or hit.match is not Match.REQUEST
        return HeadingReading(
            heading=name,
            why=one.why if ignored else "",
            unit=(hit.unit if hit else one.heading.unit) or None,
        )
    assert hit is not None  # noqa: S101 - as above
    declared = dataset.column(column)
    return HeadingReading(
        heading=name,
        column=column,
        matched=hit.match.word,
        unit=hit.unit or None,
        converted_from=one.conversion.unit_from if one.conversion else None,
        converted_to=one.conversion.unit_to if one.conversion else None,
        use=str(declared.role),
        why=one.why,
    )


def _no_error(hit: Hit) -> str:
    if read_unit(hit.unit) in {"mag", "mmag"}:
        return _OF_MAGNITUDES
    return "It holds an uncertainty that the mission's table does not have."


def _which_of(tied: Sequence[HeadingHit], column: Column) -> str:
    names = [in_quotes(one.heading.name) for one in tied]
    return (
        f"Headings {joined(names)} can both be {column_in_words(column)}:"
        f" say which one is in columns, such as {_example(tied[0].heading.name, column.name)}."
    )


def _unclear(one: HeadingHit, hit: Hit, dataset: Dataset) -> UnclearHeadingError:
    return UnclearHeadingError(
        _what_is(one, hit, dataset), headings=[one.heading.name], columns=hit.columns
    )


def _what_is(one: HeadingHit, hit: Hit, dataset: Dataset) -> str:
    meanings = [
        *(column_in_words(dataset.column(name)) for name in hit.columns),
        *(f"the {lowered(other)}" for other in hit.alternatives),
    ]
    listed = " or ".join(meanings) if len(meanings) > 1 else f"{meanings[0]} or something else"
    return (
        f"Heading {in_quotes(one.heading.name)} can be {listed}: say which in columns, such as"
        f" {_example(one.heading.name, hit.columns[0])}; null ignores it."
    )


def _in_unit(column: Column) -> str:
    return f"in {unit_in_words(column.unit)}" if column.unit else "without a unit"


def _example(heading: str, column: str, unit: str = "") -> str:
    wanted: Any = {"column": column, "unit": unit} if unit else column
    return json.dumps({heading: wanted}, ensure_ascii=False)
