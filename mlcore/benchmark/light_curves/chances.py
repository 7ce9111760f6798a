"""What models of other stars say of signals that a search found, in curves as they are or altered.

They learn from the catalogue's signals, at its ephemerides, from what the search finds, and from
signals that were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from mlcore.benchmark.light_curves.judged import judged
from mlcore.benchmark.light_curves.made import made_signals
from mlcore.benchmark.light_curves.vetted import as_rows, vetted_found, vetted_stars
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.prediction.verdict import MARGIN
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["LIKELY", "made_of", "planet_chances", "signals_of"]

LIKELY = 0.5 + MARGIN / 2
"""Probability from which the verdict is "likely"."""

_measured: WeakKeyDictionary[Collections, tuple[Sequence[MeasuredSignal], ...]] = (
    WeakKeyDictionary()
)
"""What was measured of collections, which takes minutes and several parts of the benchmark use."""
_made: WeakKeyDictionary[Collections, dict[int, Sequence[MeasuredSignal]]] = WeakKeyDictionary()
"""What was made of so many of their curves, likewise."""


def signals_of(
    collections: Collections, *, cores: Cores, progress: ProgressCallback
) -> tuple[Sequence[MeasuredSignal], Sequence[MeasuredSignal]]:
    """Return the catalogue's signals of the flattened stars, and what a search finds in them.

    They are measured once of the same collections.
    """
    if collections not in _measured:
        of_catalogue = vetted_stars(
            collections.flattened,
            cores=cores,
            progress=lambda done, step: progress(done / 3, step),
        )
        of_search = vetted_found(
            collections.flattened,
            cores=cores,
            progress=lambda done, step: progress((1 + 2 * done) / 3, step),
        )
        _measured[collections] = of_catalogue, of_search
    known, found = _measured[collections]
    return known, found


def made_of(
    collections: Collections, effort: Effort, *, cores: Cores, progress: ProgressCallback
) -> Sequence[MeasuredSignal]:
    """Return signals made of the flattened stars' curves, measured once of the same collections."""
    kept = _made.setdefault(collections, {})
    if effort.curves not in kept:
        made = made_signals(
            collections.flattened, effort.curves, cores=cores, progress=progress
        ).values()
        kept[effort.curves] = [signal for part in made for signal in part]
    return kept[effort.curves]


def planet_chances(
    signals: Sequence[MeasuredSignal], effort: Effort, *, made: Sequence[MeasuredSignal]
) -> NDArray[np.float64]:
    """Return the probability of each signal of being a planet, shape ``(n,)``, mean of the seeds.

    Parameters
    ----------
    signals
        Those that are planets or false positives are learnt from; each is judged by a model, and
        calibrated, by others' stars.
    effort
        What is fitted, and under which seeds.
    made
        Learnt from as well. Nothing is calibrated by them: they say nothing of how frequent
        planets are.
    """
    decided = VETTING.decided([signal.label for signal in signals])
    order = np.concatenate([np.flatnonzero(decided), np.flatnonzero(~decided)])
    # Two parts, so that the labels have one type also where some are missing.
    parts = [
        as_rows([signals[place] for place in places.tolist()])
        for places in (order[: decided.sum()], order[decided.sum() :])
        if len(places)
    ]
    rows = LabelledRows.joined([*parts, as_rows(made)] if made else parts)
    planet = VETTING.classes.index(PLANET)
    scores = np.mean(
        [judged(rows, seed, effort, of=len(signals))[:, planet] for seed in effort.seeds], axis=0
    )
    chances = np.empty(len(signals))
    chances[order] = scores
    return chances
