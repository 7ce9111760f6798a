"""Plain sentences from the signed contributions of one object's columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Disposition
from mlcore.datasets.units import quantity_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column

__all__ = ["CLASS_NOUNS", "reasons"]

CLASS_NOUNS = {
    Disposition.CANDIDATE: "a candidate",
    Disposition.FALSE_POSITIVE: "a false positive",
    Disposition.CONFIRMED: "a planet",
}
"""What an object of each class is called in a sentence."""

_FEWEST, _MOST = 3, 5
_ENOUGH = 0.8
"""Share of the total contribution beyond which a further sentence adds little."""


def reasons(
    columns: Sequence[Column],
    values: NDArray[np.float64],
    contributions: NDArray[np.float64],
    prediction: Disposition,
) -> tuple[str, ...]:
    """Return three to five sentences on what spoke for and against a prediction.

    Parameters
    ----------
    columns
        Declarations of the columns.
    values
        The object's values in the columns' units, shape ``(p,)``; missing ones allowed.
    contributions
        Signed contributions to the predicted class's output, shape ``(p,)``.
    prediction
        The predicted class.

    Returns
    -------
    tuple of str
        The strongest first; fewer than three only where there are fewer columns.
    """
    size = np.abs(contributions)
    order = np.argsort(-size, kind="stable")
    covered = np.cumsum(size[order])
    enough = int(np.searchsorted(covered, _ENOUGH * covered[-1])) + 1 if len(order) else 0
    chosen = order[: min(max(enough, _FEWEST), _MOST)]
    noun = CLASS_NOUNS[prediction]
    return tuple(
        _sentence(columns[i], float(values[i]), float(contributions[i]), noun) for i in chosen
    )


def _sentence(column: Column, value: float, contribution: float, noun: str) -> str:
    if contribution == 0:
        verdict = f"makes no difference to {noun}"
    else:
        verdict = f"speaks {'for' if contribution > 0 else 'against'} {noun}"
    if math.isnan(value):
        return f"{column.meaning} is not known, which {verdict}"
    return f"{column.meaning} of {quantity_in_words(value, column.unit)} {verdict}"
