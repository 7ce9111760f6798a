"""What a leaf of a single tree says: the share of a class among its rows, held up by its branch.

A tree that grows until its leaves are pure says 0 or 1 of every object, however few rows a leaf
has, so that no calibration can tell a leaf of one row from one of a thousand. Each node's shares
are therefore drawn towards those of the node above it, as if it had `PRIOR_ROWS` more rows like
that one's, from the root down: the m-estimate (Cestnik 1990, "Estimating probabilities: a crucial
task in machine learning") with the branch above for its prior (Ferri, Flach & Hernández-Orallo
2003, "Improving the AUC of probabilistic estimation trees"; Zadrozny & Elkan 2001, "Obtaining
calibrated probability estimates from decision trees and naive Bayesian classifiers"). The drawn
shares are the tree's own outputs: explanations of them stay exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray
    from sklearn.tree import DecisionTreeClassifier

    from mlcore.progress import ProgressCallback

__all__ = ["PRIOR_ROWS", "fit_smoothed", "training_shares"]

PRIOR_ROWS = 10.0
"""Rows of the branch above that stand beside a node's own: of 0.5 to 20 the range from 5 on does
best on the three missions' tables, and the smallest table likes fewer."""

_KEPT = "prior_rows_"
"""Attribute of a fitted tree whose shares were drawn: with how many rows."""


def fit_smoothed(
    estimator: DecisionTreeClassifier,
    X: ArrayLike,
    y: ArrayLike,
    _groups: ArrayLike,
    _report: ProgressCallback,
) -> Any:
    """Fit a tree and draw each node's shares towards those of the node above it."""
    fitted = estimator.fit(X, y)
    shares, tree = training_shares(fitted), fitted.tree_
    # Views of the tree's own numbers: what is written to them, the tree says.
    stated, rows = tree.value[:, 0, :], tree.weighted_n_node_samples[:, None]
    for nodes, parents in _floors(tree):
        drawn = rows[nodes] * shares[nodes] + PRIOR_ROWS * stated[parents]
        stated[nodes] = drawn / (rows[nodes] + PRIOR_ROWS)
    setattr(fitted, _KEPT, PRIOR_ROWS)
    return fitted


def training_shares(estimator: Any) -> NDArray[np.float64]:
    """Return the share of each class among the training rows of each node, shape ``(m, k)``.

    Parameters
    ----------
    estimator
        A fitted tree, whether or not its shares were drawn.
    """
    tree, drawn = estimator.tree_, getattr(estimator, _KEPT, 0.0)
    stated: NDArray[np.float64] = tree.value[:, 0, :]
    stated = stated / stated.sum(axis=1, keepdims=True)
    shares = stated.copy()
    if drawn:
        rows = tree.weighted_n_node_samples[:, None]
        for nodes, parents in _floors(tree):
            undone = stated[nodes] * (rows[nodes] + drawn) - drawn * stated[parents]
            shares[nodes] = undone / rows[nodes]
    # Undoing the mean leaves rounding errors.
    return np.asarray(np.clip(np.round(shares, 12), 0.0, 1.0))


def _floors(tree: Any) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the nodes below the root with those above them, floor by floor downwards."""
    parents = np.zeros(1, dtype=np.int64)
    while len(parents := parents[tree.children_left[parents] >= 0]):
        children = np.concatenate([tree.children_left[parents], tree.children_right[parents]])
        yield children, np.concatenate([parents, parents])
        parents = children
