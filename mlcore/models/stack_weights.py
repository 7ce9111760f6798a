"""How much each member of an ensemble counts, learnt on outputs for stars that it had not seen.

A logistic regression on the members' outputs with weights that are not negative: stacking
(Wolpert 1992, "Stacked generalization"; Breiman 1996, "Stacked regressions", for the sign). What
it learns from are scores of unseen stars, so its probabilities need no further calibration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "MOST_MEMBERS",
    "StackWeights",
    "choose_weights",
    "cross_fitted",
    "learn_weights",
    "probabilities_of",
]

MOST_MEMBERS = 6
"""Members of an ensemble unless one says otherwise: each has to be explained and kept."""

_SMALLEST_SHARE = 0.02
"""A member that moves the score less than this share of all is dropped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StackWeights:
    """Weights of members and what is added to their weighted sum."""

    weights: tuple[float, ...]
    """Of each member's outputs, not negative."""
    intercepts: tuple[float, ...]
    """Of each class; of two classes only of the second, whose log-odds the sum is."""
    shares: tuple[float, ...]
    """How much of the score's movement over the rows comes from each member; they sum to 1."""

    def scores(self, outputs: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the score of each class, shape ``(n, k)``; of two classes of the second, ``(n,)``.

        Parameters
        ----------
        outputs
            What `mlcore.models.outputs.class_outputs` returned for each member, shape
            ``(n, k)``.
        """
        classes = slice(1, None) if len(self.intercepts) == 1 else slice(None)
        scores = np.asarray(self.intercepts) + sum(
            weight * output[:, classes]
            for weight, output in zip(self.weights, outputs, strict=True)
        )
        return scores[:, 0] if len(self.intercepts) == 1 else scores

    def probabilities(self, outputs: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the probability of each class, shape ``(n, k)``; see `scores`."""
        return probabilities_of(self.scores(outputs))


def probabilities_of(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what `StackWeights.scores` stand for, shape ``(n, k)``."""
    if scores.ndim == 1:
        return np.stack([expit(-scores), expit(scores)], axis=1)
    return np.asarray(softmax(scores, axis=1))


def learn_weights(
    outputs: Sequence[NDArray[np.float64]], target: NDArray[np.int64]
) -> StackWeights:
    """Learn the weights of all members.

    Parameters
    ----------
    outputs
        Of each member for the rows, from models that had not seen the rows' stars; shape
        ``(n, k)`` each.
    target
        Position of each row's true class, shape ``(n,)``.

    Returns
    -------
    StackWeights
        Those of the lowest mean log loss, with a pull towards zero that fades with the number of
        rows: a Gaussian prior of unit variance on the weights of standardised outputs.
    """
    stacked = np.stack(outputs)
    if stacked.shape[2] == 2:
        stacked = stacked[:, :, 1:]
    means = stacked.mean(axis=1, keepdims=True)
    centred = stacked - means
    spread = _spread(centred)
    moves = spread > 0
    scaled = centred[moves] / spread[moves, None, None]
    members, rows, classes = scaled.shape
    truth = target[:, None] == (np.array([1]) if classes == 1 else np.arange(classes))

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = np.tensordot(numbers[:members], scaled, axes=1) + numbers[members:]
        if classes == 1:
            signed = np.where(truth, scores, -scores)
            mean = float(np.logaddexp(0.0, -signed).mean())
            excess = expit(scores) - truth
        else:
            logarithms = log_softmax(scores, axis=1)
            mean = float(-logarithms[truth].mean())
            excess = np.exp(logarithms) - truth
        gradient = np.append(np.tensordot(scaled, excess, axes=2), excess.sum(axis=0))
        pull = numbers / rows
        return mean + 0.5 * float(numbers @ pull), gradient / rows + pull

    numbers = minimize(
        loss,
        np.append(np.full(members, 1.0 / max(members, 1)), np.zeros(classes)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * members + [(None, None)] * classes,
        options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-7},
    ).x
    moved = np.zeros(len(outputs))
    moved[moves] = numbers[:members]
    weights = np.divide(moved, spread, out=np.zeros_like(moved), where=moves)
    intercepts = numbers[members:] - np.tensordot(weights, means[:, 0, :], axes=1)
    total = moved.sum()
    shares = moved / total if total > 0 else np.full(len(moved), 1 / len(moved))
    return StackWeights(
        weights=tuple(weights.tolist()),
        intercepts=tuple((intercepts - (intercepts.mean() if classes > 1 else 0.0)).tolist()),
        shares=tuple(shares.tolist()),
    )


def choose_weights(
    outputs: Sequence[NDArray[np.float64]],
    target: NDArray[np.int64],
    *,
    most: int = MOST_MEMBERS,
) -> StackWeights:
    """Learn the weights of the few members that matter; the others get the weight 0.

    Parameters
    ----------
    outputs, target
        As in `learn_weights`; the best member comes first.
    most
        How many members may have a weight.
    """
    kept = list(range(len(outputs)))
    while True:
        learnt = learn_weights([outputs[i] for i in kept], target)
        order = sorted(range(len(kept)), key=lambda place: -learnt.shares[place])[:most]
        worth = sorted(
            place for place in order if place == order[0] or learnt.shares[place] >= _SMALLEST_SHARE
        )
        if len(worth) == len(kept):
            break
        kept = [kept[place] for place in worth]
    weights, shares = np.zeros(len(outputs)), np.zeros(len(outputs))
    weights[kept], shares[kept] = learnt.weights, learnt.shares
    return replace(learnt, weights=tuple(weights.tolist()), shares=tuple(shares.tolist()))


def cross_fitted(
    outputs: Sequence[NDArray[np.float64]],
    target: NDArray[np.int64],
    fold: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return probabilities of each row by weights that were learnt on other stars.

    Parameters
    ----------
    outputs, target
        As in `choose_weights`.
    fold
        The fold of each row, shape ``(n,)``.

    Returns
    -------
    ndarray, shape ``(n, k)``
    """
    probabilities = np.zeros_like(outputs[0])
    for place in np.unique(fold):
        here = fold == place
        learnt = choose_weights([output[~here] for output in outputs], target[~here])
        probabilities[here] = learnt.probabilities([output[here] for output in outputs])
    return probabilities


def _spread(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    if centred.shape[2] > 1:
        # What moves all classes alike moves no probability.
        centred = centred - centred.mean(axis=2, keepdims=True)
    spread: NDArray[np.float64] = np.sqrt((centred**2).mean(axis=(1, 2)))
    # Below this it is rounding.
    return np.where(spread > 1e-12, spread, 0.0)
