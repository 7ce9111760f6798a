"""What a heading's unit, and the rest of the file, leave of the columns that it can be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlcore.datasets.headings.spelling import stated_unit
from mlcore.datasets.headings.vocabulary import Hit, Match
from mlcore.datasets.readers.raw_table import lower_names
from mlcore.datasets.spec import Role
from mlcore.datasets.unit_spellings import read_unit, unit_of_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.conversions import Conversion
    from mlcore.datasets.headings.vocabulary import Vocabulary
    from mlcore.datasets.readers.read import Heading
    from mlcore.datasets.spec import Column, Dataset

__all__ = ["HeadingHit", "matters", "narrowed"]

_KINDS = {"R_jup": "R_earth", "M_jup": "M_earth"}
"""Units of planets: who gives one of them means no star."""
_FRAME = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
_FRAMED = 3
"""How many units tell that their brackets mean nothing."""


@dataclass(kw_only=True, slots=True)
class HeadingHit:
    """A heading on its way to a column."""

    place: int
    heading: Heading
    hit: Hit | None
    conversion: Conversion | None = None
    why: str = ""
    could_be: tuple[str, ...] = ()
    """What it could be before its unit told."""


def narrowed(
    headings: Sequence[Heading], vocabulary: Vocabulary, asked: Mapping[int, Hit | None]
) -> list[HeadingHit]:
    """Return what each heading can be.

    Parameters
    ----------
    headings
        All of the file's, in its order.
    vocabulary
        Of the mission.
    asked
        What the request says of some of them, by their place.
    """
    dataset = vocabulary.dataset
    names = lower_names([heading.name for heading in headings])
    found = []
    for place, heading in enumerate(_without_frames(headings)):
        hit = (
            asked[place]
            if place in asked
            else vocabulary.hit(_with_side(place, names, headings), heading.unit)
        )
        if hit is not None and not hit.unit:
            # A heading that the request maps without a unit states its own all the same.
            own = stated_unit(heading.name) if hit.match is Match.REQUEST else ""
            hit = replace(hit, unit=heading.unit or own)
        found.append(HeadingHit(place=place, heading=heading, hit=hit))
    for one in found:
        _narrow(one, dataset)
        _leave_out_magnitudes(one, dataset)
    _prefer_features(found, dataset)
    return found


def matters(column: Column, dataset: Dataset) -> bool:
    """Tell whether a model, a split or a feature computed later uses a column."""
    return column.leak is None and (
        column.role in {Role.FEATURE, Role.IDENTIFIER, Role.LABEL}
        or column.name in dataset.quantities.values()
    )


def _with_side(place: int, names: Sequence[str], headings: Sequence[Heading]) -> str:
    """Return a heading, in words where only its case says of which side its uncertainty is."""
    name = names[place]
    capital = f"E{name[1:]}"
    if name[:2] not in {"e_", "E_"} or capital not in names:
        return headings[place].name
    side = "upper" if name == capital else "lower"
    return f"{side} uncertainty of {headings[place].name[2:]}"


def _without_frames(headings: Sequence[Heading]) -> Sequence[Heading]:
    """Return headings whose units stand in no brackets, where those of the whole file do.

    There they only set units apart; beside units without any they say in catalogues that a column
    holds logarithms.
    """
    units = [heading.unit for heading in headings if heading.unit]
    if len(units) < _FRAMED or not all(_FRAME.fullmatch(unit) for unit in units):
        return headings
    return [replace(heading, unit=heading.unit[1:-1].strip()) for heading in headings]


def _narrow(one: HeadingHit, dataset: Dataset) -> None:
    """Leave of the columns that a heading can be those that its unit leaves."""
    hit = one.hit
    if hit is None or len(hit.columns) < 2 or not hit.unit:
        return
    own = {name: dataset.column(name).unit for name in hit.columns}
    stated = {name: read_unit(hit.unit) or unit_of_body(hit.unit, own[name]) for name in own}
    for kinds in (stated, {name: _KINDS.get(unit or "") for name, unit in stated.items()}):
        fitting = tuple(
            name for name in own if kinds[name] is not None and own[name] == kinds[name]
        )
        if len(fitting) == 1:
            one.could_be = hit.columns
            one.hit = replace(hit, columns=fitting, alternatives=())
            return


def _prefer_features(found: Sequence[HeadingHit], dataset: Dataset) -> None:
    """Read what a unit made another column as the feature that it can be, where nothing else is.

    K2's table has radii of planets in two units, of which models see one.
    """
    claimed = {one.hit.columns for one in found if one.hit is not None}
    for one in found:
        if (
            one.hit is None
            or len(one.could_be) < 2
            or matters(dataset.column(one.hit.columns[0]), dataset)
        ):
            continue
        features = [
            name
            for name in one.could_be
            if dataset.column(name).role is Role.FEATURE and (name,) not in claimed
        ]
        if len(features) == 1:
            one.hit = replace(one.hit, columns=tuple(features))


def _leave_out_magnitudes(one: HeadingHit, dataset: Dataset) -> None:
    """Leave out an uncertainty in magnitudes of a depth that is none: the depth itself tells it."""
    hit, depth = one.hit, dataset.quantities.get("depth")
    of_depth = hit is not None and any(
        dataset.column(name).uncertainty_of == depth is not None for name in hit.columns
    )
    if hit is not None and of_depth and hit.side and read_unit(hit.unit) in {"mag", "mmag"}:
        one.hit = replace(hit, columns=(), mirrored="")
