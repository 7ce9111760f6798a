"""Folds by host star, and what a model says of rows whose stars it was not trained on."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from mlcore.computed import NOTHING_KEPT, Computed
from mlcore.errors import DataError
from mlcore.in_words import counted
from mlcore.model_selection.protocol import FOLDS
from mlcore.parallel import run_all
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = [
    "Fit",
    "FittedModel",
    "StarFolds",
    "fold_calls",
    "joined_folds",
    "out_of_fold",
    "scores_of_folds",
    "star_folds",
    "steps_of_folds",
]


_MANY = 50_000
"""Rows beyond which the stars of a label are many enough to be dealt out one by one: weighing
each fold for each star takes as long as a tree's fit."""


class StarFolds(StratifiedGroupKFold):  # type: ignore[misc]  # scikit-learn has no types
    """The folds of `StratifiedGroupKFold`, the same ones, in a sixth of its time.

    For each star it weighs a fold by the class alone that the star adds to.
    """

    def _find_best_fold(
        self,
        y_counts_per_fold: NDArray[np.float64],
        y_cnt: NDArray[np.int64],
        group_y_counts: NDArray[np.float64],
    ) -> int:
        spreads = []
        of_classes = zip(
            y_counts_per_fold.T.tolist(), y_cnt.tolist(), group_y_counts.tolist(), strict=True
        )
        for counts, whole, added in of_classes:
            shares = [count / whole for count in counts]
            # Most stars have objects of one class: the others stay as they are.
            tried = [_spread(shares)] * self.n_splits
            for fold, count in enumerate(counts if added else ()):
                with_star = shares.copy()
                with_star[fold] = (count + added) / whole
                tried[fold] = _spread(with_star)
            spreads.append(tried)
        unevenness = [_sum(of_fold) / len(spreads) for of_fold in zip(*spreads, strict=True)]
        sizes = y_counts_per_fold.sum(axis=1).tolist()
        best = 0
        for fold in range(1, self.n_splits):
            bar = unevenness[best]
            # As `numpy.isclose` tells what is equal.
            equal = abs(unevenness[fold] - bar) <= 1e-8 + 1e-5 * bar
            if unevenness[fold] < bar or (equal and sizes[fold] < sizes[best]):
                best = fold
        return best


def _spread(shares: list[float]) -> float:
    """Return what `numpy.std` does, to the bit, in a tenth of the time for so few numbers."""
    mean = _sum(shares) / len(shares)
    return math.sqrt(_sum([(share - mean) * (share - mean) for share in shares]) / len(shares))


def _sum(numbers: Iterable[float]) -> float:
    """Add numbers as NumPy adds a few; `sum` rounds otherwise from Python 3.12 on."""
    total = 0.0
    for number in numbers:
        total += number
    return total


class FittedModel(Protocol):
    """What a fit returns; `mlcore.models.Classifier` is one."""

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Return the probability of each `Disposition` in canonical order, shape ``(n, 3)``."""


class Fit(Protocol):
    """Fits a model on labelled rows."""

    def __call__(self, rows: LabelledRows, seed: int, /) -> FittedModel:
        """Return the fitted model."""


def star_folds(
    labels: pd.Series[str],
    hosts: pd.Series[str],
    *,
    task: Task,
    folds: int = FOLDS,
    seed: int = 0,
    computed: Computed = NOTHING_KEPT,
) -> NDArray[np.int64]:
    """Divide rows into folds by host star, stratified by label.

    Parameters
    ----------
    labels
        Label of each row, shape ``(n,)``; missing ones count as a label of their own.
    hosts
        Host star of each row, shape ``(n,)``.
    task
        Whose classes must each have as many stars as there are folds.
    folds, seed
        How many, and the seed of the division.
    computed
        Where it may have been kept.

    Returns
    -------
    ndarray, shape ``(n,)``
        The fold of each row, from 0.

    Raises
    ------
    DataError
        When a class has fewer stars than there are folds.
    """
    stars = hosts.groupby(labels.to_numpy()).nunique()
    for kind in task.classes:
        count = int(stars.get(str(kind), 0))
        if count < folds:
            raise DataError(
                f"The rows that are {kind.words} belong to {counted(count, 'host star')};"
                f" a division into {folds} folds needs at least {folds}."
            )
    return computed.array(
        "folds", [labels, hosts, folds, seed], lambda: _divided(labels, hosts, folds, seed)
    )


def _divided(
    labels: pd.Series[str], hosts: pd.Series[str], folds: int, seed: int
) -> NDArray[np.int64]:
    strata = labels.astype(object).where(labels.notna(), "").to_numpy()
    if len(labels) > _MANY:
        return _dealt(strata, hosts, folds, seed)
    division = StarFolds(folds, shuffle=True, random_state=seed)
    fold = np.zeros(len(labels), dtype=np.int64)
    with warnings.catch_warnings():
        # Rows that the task does not tell apart may be fewer than the folds.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for place, (_, out_of_fold) in enumerate(division.split(strata, strata, hosts.to_numpy())):
            fold[out_of_fold] = place
    return fold


def _dealt(
    strata: NDArray[np.object_], hosts: pd.Series[str], folds: int, seed: int
) -> NDArray[np.int64]:
    """Deal the stars of each label out to the folds, those with many rows first.

    A star with rows of several labels counts to the rarest.
    """
    label, _ = pd.factorize(strata)
    star, stars = pd.factorize(hosts)
    rarity = np.argsort(np.argsort(-np.bincount(label), kind="stable"), kind="stable")
    rarest = np.zeros(len(stars), dtype=np.int64)
    np.maximum.at(rarest, star, rarity[label])
    shuffled = np.random.default_rng([seed, len(stars)]).permutation(len(stars))
    order = np.lexsort((shuffled, -np.bincount(star), rarest))
    counts = np.bincount(rarest)
    place = np.arange(len(stars)) - np.repeat(np.cumsum(counts) - counts, counts)
    # To and fro, so that no fold is always the first to be given a star.
    turn, back = place % folds, (place // folds) % 2 == 1
    fold = np.empty(len(stars), dtype=np.int64)
    fold[order] = np.where(back, folds - 1 - turn, turn)
    return np.asarray(fold[star])


def out_of_fold(
    fit: Fit,
    rows: LabelledRows,
    *,
    task: Task,
    folds: int = FOLDS,
    seed: int = 0,
    undecided: bool = False,
    progress: ProgressCallback = silent,
) -> NDArray[np.float64]:
    """Score every row by a model that was trained on other stars.

    Rows that the task does not tell apart are scored too.

    Parameters
    ----------
    fit
        Fits a model; called once a fold.
    rows
        All of them, those included that the task does not tell apart.
    task, folds, seed
        As in `star_folds`; `seed` goes to `fit` too.
    undecided
        Whether a model is given, of other stars, the rows too that the task does not tell apart.
    progress
        Called with the fraction of the folds that are done.

    Returns
    -------
    ndarray, shape ``(n, k)``
        Probability of each of the task's classes.

    Raises
    ------
    DataError
        When a class has fewer stars than there are folds.
    """
    fold = star_folds(rows.labels, rows.hosts, task=task, folds=folds, seed=seed)
    return scores_of_folds(
        fit, rows, fold, task=task, seed=seed, undecided=undecided, progress=progress
    )


def scores_of_folds(
    fit: Fit,
    rows: LabelledRows,
    fold: NDArray[np.int64],
    *,
    task: Task,
    seed: int = 0,
    undecided: bool = False,
    progress: ProgressCallback = silent,
) -> NDArray[np.float64]:
    """Score the rows of each fold by a model of the others; see `out_of_fold`.

    Parameters
    ----------
    fold
        What `star_folds` returned.
    """
    calls = fold_calls(fit, rows, fold, task=task, undecided=undecided, seed=seed)
    return joined_folds(run_all(calls, steps_of_folds(fold), progress=progress), fold)


def fold_calls(
    fit: Fit,
    rows: LabelledRows,
    fold: NDArray[np.int64],
    *,
    task: Task,
    undecided: bool = False,
    seed: int = 0,
) -> list[Callable[[ProgressCallback], NDArray[np.float64]]]:
    """Return a call for each fold that scores its rows, as `run_all` makes them."""
    # Another process needs no catalogue to fit.
    bare = replace(rows, tables=())
    learnt = task.decided(rows.labels) | undecided
    return [
        partial(_scored, fit, bare, learnt, fold == place, task, seed)
        for place in range(int(fold.max()) + 1)
    ]


def steps_of_folds(fold: NDArray[np.int64]) -> list[str]:
    """Return what the calls of `fold_calls` are, in words."""
    folds = int(fold.max()) + 1
    return [f"fold {place + 1} of {folds}" for place in range(folds)]


def joined_folds(
    scored: Sequence[NDArray[np.float64]], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return what the calls of `fold_calls` returned as one, in the order of the rows."""
    scores = np.zeros((len(fold), scored[0].shape[1]))
    for place, of_fold in enumerate(scored):
        scores[fold == place] = of_fold
    return scores


def _scored(
    fit: Fit,
    rows: LabelledRows,
    learnt: NDArray[np.bool_],
    out_of_fold: NDArray[np.bool_],
    task: Task,
    seed: int,
    _progress: ProgressCallback,
) -> NDArray[np.float64]:
    model = fit(rows.take(learnt & ~out_of_fold), seed)
    return task.probabilities(model.predict_proba(rows.features[out_of_fold]))
