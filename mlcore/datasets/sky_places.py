"""Places on the sky in sexagesimal notation: hours or degrees, minutes and seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.words import holds_something

if TYPE_CHECKING:
    from mlcore.datasets.spec import Column, Dataset

__all__ = ["in_degrees"]

_SEXAGESIMAL = re.compile(
    r"[+\-−]?\d{1,3}\s*[:\shd°]\s*\d{1,2}\s*(?:[:\sm'′]\s*\d{1,2}(?:\.\d*)?\s*[s\"″]?|[m'′])?",
    re.IGNORECASE,
)
_SIGNS = str.maketrans({"−": "-", "′": "m", "'": "m", "″": "s", '"': "s", "°": "d"})


def in_degrees(cells: pd.Series[Any], column: Column, dataset: Dataset) -> pd.Series[float] | None:
    """Return a column of places in degrees, None where it is not in sexagesimal notation.

    Parameters
    ----------
    cells
        The cells as they were read.
    column
        What is declared of their column.
    dataset
        The mission: its right ascension counts hours where a cell does not say what it counts.

    Examples
    --------
    >>> import mlcore
    >>> tess = mlcore.DATASETS["tess"]
    >>> cells = pd.Series(["12:30:00", "12h30m00s"])
    >>> in_degrees(cells, tess.column("ra"), tess).tolist()
    [187.5, 187.5]
    """
    if column.unit != "deg" or column.text or pd.api.types.is_numeric_dtype(cells):
        return None
    words = cells.astype("str").str.strip()
    filled = holds_something(words)
    written = words[filled].map(lambda word: _SEXAGESIMAL.fullmatch(word) is not None)
    if written.empty or not written.all():
        return None
    from astropy.coordinates import Angle  # noqa: PLC0415  # slow to import, and rarely needed

    hours = column.name == dataset.quantities.get("right_ascension")
    plain = [word.translate(_SIGNS).lower() for word in words[filled]]
    try:
        angles = Angle(plain, unit="hourangle" if hours else "deg")
    # Minutes or hours beyond what there are.
    except ValueError:
        return None
    # Without the last bits that dividing by sixty leaves.
    degrees = np.array([float(f"{degree:.12g}") for degree in angles.deg])
    if (np.abs(degrees) > 360).any():
        return None
    places = pd.Series(np.nan, index=cells.index, dtype="float64")
    places[filled] = degrees
    return places
