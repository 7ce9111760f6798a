"""Plain sentences from the signed contributions of one object's columns.

Contributions of a value, of its errors and of what is derived from it are added before they are
ranked: a sentence is about a physical quantity, and no quantity has two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import CLASSES, Disposition
from mlcore.features.observation import Leaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.features.described import DescribedColumns, Quantity
    from mlcore.features.observation import Observation

__all__ = ["CLASS_NOUNS", "MovedBy", "ranked_quantities", "reasons"]

CLASS_NOUNS = {
    Disposition.CANDIDATE: "a candidate",
    Disposition.FALSE_POSITIVE: "a false positive",
    Disposition.CONFIRMED: "a planet",
}
"""What an object of each class is called in a sentence."""

_FEWEST, _MOST = 3, 5
_ENOUGH = 0.8
"""Share of the total contribution beyond which a further sentence adds little."""
_AT_STAKE = 0.01
"""Share of the total contribution below which a quantity hardly matters."""
_ERRORS_SPEAK = 0.25
"""Share of a quantity's contribution from which on its errors are said beside its value."""
_ADDED_IN_PARTS = 8
"""How many numbers NumPy adds in parts, and not one after the other."""


def reasons(
    columns: DescribedColumns,
    values: NDArray[np.float64],
    contributions: NDArray[np.float64],
    prediction: Disposition,
    classes: Sequence[Disposition] = CLASSES,
) -> tuple[str, ...]:
    """Return three to five sentences on what spoke for and against a prediction.

    Parameters
    ----------
    columns
        The model's columns.
    values
        The object's values in the columns' units, shape ``(p,)``; missing ones allowed.
    contributions
        Signed contributions to the predicted class's output, shape ``(p,)``.
    prediction
        The predicted class.
    classes
        What the model tells apart. Of two classes what speaks against the one speaks for the
        other.

    Returns
    -------
    tuple of str
        One for each physical quantity, the strongest first; fewer than three only where there are
        fewer quantities.
    """
    sizes = contributions.tolist()
    ranked = _ranked(columns, values, sizes)
    covered = np.cumsum([abs(total) for total, _ in ranked])
    whole = float(covered[-1]) if ranked else 0.0
    enough = int(np.searchsorted(covered, _ENOUGH * whole)) + 1 if whole else 0
    told = [
        _moved_by(quantity, total, sizes)
        for total, quantity in ranked[: min(max(enough, _FEWEST), _MOST)]
    ]
    seen = columns.observe(values, [(moved.columns, moved.errors_speak) for moved in told])
    sentences = []
    for moved, observed in zip(told, seen, strict=True):
        at_stake = abs(moved.contribution) > _AT_STAKE * whole
        toward = int(np.sign(moved.contribution)) if at_stake else 0
        sentences.append(_sentence(observed, toward, prediction, tuple(classes)))
    return tuple(sentences)


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedBy:
    """How far one physical quantity of an object moved an output."""

    quantity: str
    contribution: float
    """The sum of those of its columns."""
    columns: tuple[int, ...]
    """Positions of its columns, that which pulls most in the direction of the sum first."""
    errors_speak: bool
    """Whether much of it is due to how exactly the value is known."""


def ranked_quantities(
    columns: DescribedColumns, values: NDArray[np.float64], contributions: NDArray[np.float64]
) -> list[MovedBy]:
    """Return how far each physical quantity moved an output, the farthest first.

    Parameters
    ----------
    columns, values, contributions
        As in `reasons`.
    """
    sizes = contributions.tolist()
    return [
        _moved_by(quantity, total, sizes) for total, quantity in _ranked(columns, values, sizes)
    ]


def _ranked(
    columns: DescribedColumns, values: NDArray[np.float64], sizes: list[float]
) -> list[tuple[float, Quantity]]:
    """Return each quantity after the sum of its columns' contributions, the farthest first."""
    moved = [(_added(sizes, quantity.columns), quantity) for quantity in columns.quantities(values)]
    return sorted(moved, key=lambda one: -abs(one[0]))


def _moved_by(quantity: Quantity, total: float, sizes: list[float]) -> MovedBy:
    of_errors = _added(sizes, quantity.errors)
    return MovedBy(
        quantity=quantity.name,
        contribution=total,
        columns=tuple(sorted(quantity.columns, key=sizes.__getitem__, reverse=total >= 0)),
        errors_speak=(of_errors if total > 0 else -of_errors) > _ERRORS_SPEAK * abs(total),
    )


def _added(sizes: list[float], places: Sequence[int]) -> float:
    """Return the sum that `numpy.sum` returns, which takes longer to add a few numbers."""
    if len(places) >= _ADDED_IN_PARTS:
        return float(np.sum([sizes[place] for place in places]))
    total = 0.0
    # Python's own `sum` rounds otherwise from version 3.12 on.
    for place in places:
        total += sizes[place]
    return total


def _sentence(
    observed: Observation, toward: int, prediction: Disposition, classes: tuple[Disposition, ...]
) -> str:
    """Return an observation with which way it speaks.

    Parameters
    ----------
    observed
        What is seen.
    toward
        1 where it speaks for the prediction, -1 where it speaks against it, 0 where it hardly
        matters.
    prediction, classes
        As in `reasons`.
    """
    speaks = _speaks(toward, prediction, classes)
    agrees: bool | None = None
    if toward and observed.because and prediction is not Disposition.CANDIDATE:
        for_planet = (toward > 0) == (prediction is Disposition.CONFIRMED)
        agrees = for_planet == (observed.leaning is Leaning.PLANET)
    if not observed.is_clause:
        return f"{observed.words} {speaks}{observed.because if agrees else ''}"
    if agrees:
        # What contradicts the answer is to be seen as such.
        return f"{observed.words}{observed.because}{'' if toward > 0 else f'; that {speaks}'}"
    if agrees is False:
        return f"{observed.words}; to this model that {speaks}"
    return observed.followed_by(speaks)


def _speaks(toward: int, prediction: Disposition, classes: tuple[Disposition, ...]) -> str:
    if not toward:
        return "hardly matters"
    if toward > 0:
        return f"speaks for {CLASS_NOUNS[prediction]}"
    if prediction is Disposition.FALSE_POSITIVE and len(classes) == 2:
        (other,) = (kind for kind in classes if kind is not prediction)
        return f"speaks for {CLASS_NOUNS[other]}"
    return f"speaks against {CLASS_NOUNS[prediction]}"
