"""A column of names that its cells tell and its heading does not: "Name", "Target" or "ID".

What such a column is called says nothing; that most of its cells are, with a catalogue's own
prefix, names of the mission's stars, or of its objects, leaves no doubt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.datasets.headings.vocabulary import is_called_a_name
from mlcore.datasets.object_names import parse_name
from mlcore.datasets.words import holds_something

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlcore.datasets.headings.matching import MatchedHeadings
    from mlcore.datasets.readers.read import Heading
    from mlcore.datasets.spec import Dataset

__all__ = ["named_in_cells", "places_of_names"]

_PLACE = "\x00names\x00"
"""Before the place of such a column in the frame: no heading has NUL in it."""


def places_of_names(headings: Sequence[Heading], matched: MatchedHeadings) -> dict[int, str]:
    """Return what columns are called in the frame that may hold names, by their places."""
    return {
        place: f"{_PLACE}{place}"
        for place, heading in enumerate(headings)
        if place not in matched.columns and is_called_a_name(heading.name)
    }


def named_in_cells(
    frame: pd.DataFrame, matched: MatchedHeadings, dataset: Dataset
) -> tuple[pd.DataFrame, MatchedHeadings]:
    """Take columns for the mission's names whose cells are, where no heading is one of these.

    Parameters
    ----------
    frame
        The columns as they were read, those of `places_of_names` among them.
    matched
        Which heading is which column.
    dataset
        The mission.

    Returns
    -------
    frame : DataFrame
        With such columns under the mission's names, and without those that are none.
    matched : MatchedHeadings
    """
    for name in map(str, list(frame)):
        # A "target" may be a label, and was taken for one.
        generic = name == dataset.label and matched.label_is_generic
        if not name.startswith(_PLACE) and not generic:
            continue
        column = _column(frame[name], dataset)
        if column is None or column in frame:
            frame = frame if generic else frame.drop(columns=name)
            continue
        place = (
            next(place for place, read_as in matched.columns.items() if read_as == name)
            if generic
            else int(name.removeprefix(_PLACE))
        )
        frame = frame.rename(columns={name: column})
        readings = list(matched.readings)
        readings[place] = replace(
            readings[place],
            column=column,
            matched="alias",
            use=str(dataset.column(column).role),
            why="Its cells are names of the mission's catalogues.",
        )
        matched = replace(
            matched,
            columns={**matched.columns, place: column},
            readings=tuple(readings),
            label_is_generic=matched.label_is_generic and not generic,
        )
    return frame, matched


def _column(cells: pd.Series[str], dataset: Dataset) -> str | None:
    """Return the column of names that the cells belong in, None where they do not tell."""
    words = cells.astype("str").str.strip()
    different = words[holds_something(words)].unique()
    parsed = (parse_name(word) for word in different)
    names = [name for name in parsed if name is not None and name.catalogue in dataset.catalogues]
    stars = {name.is_star for name in names}
    # Bright stars and their planets have names of their own beside those of the catalogues.
    if not names or 2 * len(names) < len(different) or len(stars) > 1:
        return None
    return dataset.host if stars == {True} else dataset.object_name[0]
