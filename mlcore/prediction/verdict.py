"""What a model can say of an object in a word: likely this or that, or undecided.

"Confirmed" is the catalogue's word for what others have shown. A model that tells planets from
false positives finds an object likely to be one of them; a model of the catalogue's three
dispositions says what the catalogue would call it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Disposition
from mlcore.features.converting import measured_quantities
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.tasks import Task

__all__ = [
    "MARGIN",
    "NOT_MEASURED",
    "VERDICTS",
    "Verdict",
    "transit_measured",
    "verdict_of",
    "verdicts_of",
]

MARGIN = 0.2
"""By how much the most probable class must be more probable than the next: of two classes its
probability is then at least 0.6."""

NOT_MEASURED = (
    "Nothing measured of the transits themselves is at hand (depth, duration, impact parameter,"
    " signal to noise): a period, sizes and a star tell how often such objects of the mission are"
    " planets, and not what this one is, so that no verdict is given of any."
)
"""What is said of a table that has nothing to vet."""
_OF_THE_TRANSIT = (
    "depth",
    "duration",
    "impact",
    "radius_ratio",
    "transit_density",
    "snr",
    "single_event",
    "multiple_event",
)
"""Quantities that are measured in the light curve. The period and the epoch are too, but say only
when something happens."""


class Verdict(StrEnum):
    """What is said of an object."""

    LIKELY_PLANET = "likely planet"
    LIKELY_FALSE_POSITIVE = "likely false positive"
    CALLED_CANDIDATE = "would be called candidate"
    CALLED_FALSE_POSITIVE = "would be called false positive"
    CALLED_CONFIRMED = "would be called confirmed"
    UNDECIDED = "undecided"

    @property
    def kind(self) -> Disposition:
        """The disposition that it speaks for; a candidate where it is undecided."""
        for words in (_LIKELY, _CALLED):
            for kind, verdict in words.items():
                if verdict is self:
                    return kind
        return Disposition.CANDIDATE


VERDICTS = tuple(Verdict)
"""All verdicts, in the order of the numbers that stand for them."""

_LIKELY = {
    Disposition.FALSE_POSITIVE: Verdict.LIKELY_FALSE_POSITIVE,
    PLANET: Verdict.LIKELY_PLANET,
}
_CALLED = {
    Disposition.CANDIDATE: Verdict.CALLED_CANDIDATE,
    Disposition.FALSE_POSITIVE: Verdict.CALLED_FALSE_POSITIVE,
    Disposition.CONFIRMED: Verdict.CALLED_CONFIRMED,
}


def verdict_of(
    task: Task,
    probabilities: Mapping[Disposition, float],
    possible: Sequence[Disposition] | None,
    *,
    measured: bool = True,
) -> Verdict:
    """Return what a model can say of an object.

    Parameters
    ----------
    task
        What the model tells apart.
    probabilities
        Calibrated probability of each of the task's classes.
    possible
        The conformal set at the stated coverage; None where the model has none.
    measured
        Whether anything measured of the transit is at hand.

    Returns
    -------
    Verdict
        Undecided where the most probable class leads by less than `MARGIN`, and where nothing is
        measured of the transit: there is then nothing to vet, however sure the rates of the mission
        are. Where planets are told from false positives, also where the set holds another class
        than the most probable one, or none at all. Of the three dispositions sets hold two for most
        objects, since what separates a candidate from the others is whether anybody looked: there
        they do not decide.
    """
    ranked = sorted(task.classes, key=lambda kind: -probabilities[kind])
    best = ranked[0]
    if not measured or probabilities[best] - probabilities[ranked[1]] < MARGIN:
        return Verdict.UNDECIDED
    if Disposition.CANDIDATE in task.classes:
        return _CALLED[best]
    if possible is not None and tuple(possible) != (best,):
        return Verdict.UNDECIDED
    return _LIKELY[best]


def verdicts_of(
    task: Task,
    probabilities: NDArray[np.float64],
    sets: NDArray[np.bool_] | None,
    *,
    measured: bool = True,
) -> NDArray[np.int8]:
    """Return what a model can say of each of many objects, as positions in `VERDICTS`.

    Parameters
    ----------
    task, measured
        As in `verdict_of`.
    probabilities
        Of each of the task's classes, shape ``(n, k)``.
    sets
        Which classes each conformal set holds, shape ``(n, k)``; None where there are none.
    """
    rows = np.arange(len(probabilities))
    # Of equal ones the first in canonical order.
    best = np.argmax(probabilities, axis=1)
    others = probabilities.copy()
    others[rows, best] = -np.inf
    undecided = ~(probabilities[rows, best] - others.max(axis=1) >= MARGIN) | (not measured)
    called = Disposition.CANDIDATE in task.classes
    if sets is not None and not called:
        undecided |= (sets.sum(axis=1) != 1) | ~sets[rows, best]
    words = _CALLED if called else _LIKELY
    places = np.array([VERDICTS.index(words[kind]) for kind in task.classes], dtype=np.int8)
    return np.where(undecided, np.int8(VERDICTS.index(Verdict.UNDECIDED)), places[best])


def transit_measured(table: Table) -> bool:
    """Return whether anything measured of the transits of a table's objects is at hand.

    Parameters
    ----------
    table
        Rows of a mission. Where none of its default columns is of the kind, as in K2's, which are
        the sizes of published planets, there is nothing that these rows could lack.
    """
    dataset = table.dataset
    columns = [dataset.quantities[name] for name in _OF_THE_TRANSIT if name in dataset.quantities]
    if all(dataset.column(column).wide for column in columns):
        return True
    quantities = measured_quantities(table, _OF_THE_TRANSIT)
    return any(bool(np.isfinite(values).any()) for values in quantities.values())
