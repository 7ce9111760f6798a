"""Exact Shapley values of tree ensembles against one baseline row.

With a single baseline the value of a coalition is the output for a row that takes the explained
object's columns where they are in the coalition and the baseline's elsewhere. In one tree such a
hybrid row can only reach leaves whose every split is passed by the object or by the baseline, so
one walk over those leaves, weighted by how many columns came from each, gives the exact values
(interventional TreeSHAP with one reference: Lundberg et al. 2020, "From local explanations to
global understanding with explainable AI for trees", Nature Machine Intelligence 2, 56).

The walk is our own because shap's serves all classes when one is asked for, which for a forest
takes longer than the fit, and is not additive for scikit-learn's histogram boosting (shap 0.51).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from xgboost import XGBClassifier

from mlcore.inspection.shap.tree_walk import leaves_of_rows, shapley_of_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    _Tree = dict[str, NDArray[Any]]
    """The nodes of one tree, by the names of `TreeEnsemble`'s fields."""

__all__ = ["TreeEnsemble", "explain_trees", "sum_of_leaves", "tree_ensembles"]

_LEAF = -1
_ROWS_A_CALL = 250
"""Rows between two reports of progress; each stands in all trees at the same time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeEnsemble:
    """A sum of trees with one output, its nodes in flat arrays.

    A row goes left at a node when its column `feature` is missing and `missing_left` is true, or
    when its value is at most `threshold`.
    """

    roots: NDArray[np.int64]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    single_precision: bool
    """Whether the library rounds columns to 32 bits before it compares them."""

    def nodes(self) -> list[NDArray[Any]]:
        """Return the arrays in the order in which `mlcore.inspection.shap.tree_walk` takes them."""
        *nodes, _ = (np.ascontiguousarray(getattr(self, field.name)) for field in fields(self))
        return nodes

    def columns_as_compared(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `X` with the precision that the library compares with."""
        return X.astype(np.float32).astype(np.float64) if self.single_precision else X


def _weights(columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # gain[a, b] = (a-1)! b! / (a+b)!, loss[a, b] = -a! (b-1)! / (a+b)!, by recurrence so that no
    # factorial overflows; 0 where the column cannot be on that side.
    gain = np.zeros((columns + 2, columns + 2))
    gain[1, 0] = 1.0
    for a in range(1, columns + 1):
        if a > 1:
            gain[a, 0] = gain[a - 1, 0] * (a - 1) / a
        for b in range(1, columns + 2 - a):
            gain[a, b] = gain[a, b - 1] * b / (a + b)
    return gain, np.ascontiguousarray(-gain.T)


def explain_trees(
    ensemble: TreeEnsemble,
    X: NDArray[np.float64],
    baseline: NDArray[np.float64],
    progress: Callable[[float], None],
) -> NDArray[np.float64]:
    """Return the Shapley value of each column for each row.

    Parameters
    ----------
    ensemble
        The trees.
    X
        Rows to explain, shape ``(n, p)``; missing values allowed.
    baseline
        The row that they are compared with, shape ``(p,)``.
    progress
        Called with the fraction of rows that are done.

    Returns
    -------
    ndarray, shape ``(n, p)``
        Each row sums to the ensemble's output for it less the output for the baseline.
    """
    gain, loss = _weights(X.shape[1])
    rows = np.ascontiguousarray(ensemble.columns_as_compared(X))
    base = ensemble.columns_as_compared(baseline)
    nodes = ensemble.nodes()
    contributions = np.zeros(X.shape)
    for begin in range(0, len(rows), _ROWS_A_CALL):
        part = rows[begin : begin + _ROWS_A_CALL]
        contributions[begin : begin + len(part)] = shapley_of_rows(  # type: ignore[call-arg]
            part, base, *nodes, gain, loss
        )
        progress((begin + len(part)) / len(rows))
    return contributions


def sum_of_leaves(ensemble: TreeEnsemble, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the leaves that each row reaches, shape ``(n,)``, in double precision.

    xgboost sums its trees in single precision, in which the last digits depend on their order.
    What an explanation has to add up to is the sum itself.

    Parameters
    ----------
    ensemble
        The trees.
    X
        Rows, shape ``(n, p)``; missing values allowed.
    """
    rows, nodes = np.ascontiguousarray(ensemble.columns_as_compared(X)), ensemble.nodes()
    parts = [
        leaves_of_rows(rows[begin : begin + _ROWS_A_CALL], *nodes).sum(axis=1)
        for begin in range(0, len(rows), _ROWS_A_CALL)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def tree_ensembles(estimator: Any) -> list[TreeEnsemble]:
    """Return one ensemble for each class of a fitted tree, forest or booster.

    For a tree or a forest the output is the class's probability; for a booster it is the class's
    score, whose softmax is the probability (with two classes: minus and plus the log-odds).
    """
    if isinstance(estimator, XGBClassifier):
        return _boosted(_xgboost_trees(estimator), single_precision=True)
    if isinstance(estimator, HistGradientBoostingClassifier):
        return _boosted(_histogram_trees(estimator), single_precision=False)
    members = getattr(estimator, "estimators_", [estimator])
    trees = [member.tree_ for member in members]
    return _forest(trees)


def _joined(trees: list[_Tree], *, single_precision: bool) -> TreeEnsemble:
    sizes = np.array([len(tree["feature"]) for tree in trees], dtype=np.int64)
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    nodes = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    nodes["feature"] = nodes["feature"].astype(np.int32)
    for side in ("left", "right"):
        # A child is counted from its tree's own root.
        child = nodes[side]
        nodes[side] = np.where(child < 0, _LEAF, child + np.repeat(roots, sizes)).astype(np.int32)
    return TreeEnsemble(roots=roots, **nodes, single_precision=single_precision)


def _forest(trees: list[Any]) -> list[TreeEnsemble]:
    votes = np.concatenate([tree.value[:, 0, :] for tree in trees])
    rows = np.concatenate([tree.value[:, 0, :].sum(axis=1) for tree in trees])
    shape = _joined(
        [
            {
                "feature": tree.feature,
                "threshold": tree.threshold,
                "left": tree.children_left,
                "right": tree.children_right,
                "missing_left": tree.missing_go_to_left.astype(bool),
                "value": np.zeros(tree.node_count),
            }
            for tree in trees
        ],
        single_precision=True,
    )
    # The classes' ensembles are the same trees, with other values.
    return [
        replace(shape, value=np.ascontiguousarray(of_class / rows / len(trees)))
        for of_class in votes.T
    ]


def _boosted(trees: list[list[_Tree]], *, single_precision: bool) -> list[TreeEnsemble]:
    ensembles = [_joined(of_class, single_precision=single_precision) for of_class in trees]
    if len(ensembles) > 1:
        return ensembles
    (positive,) = ensembles
    return [replace(positive, value=-positive.value), positive]


def _xgboost_trees(estimator: XGBClassifier) -> list[list[_Tree]]:
    learner = json.loads(estimator.get_booster().save_raw("json"))["learner"]
    model = learner["gradient_booster"]["model"]
    outputs: list[list[_Tree]] = [[] for _ in range(max(model["tree_info"]) + 1)]
    for tree, output in zip(model["trees"], model["tree_info"], strict=True):
        left = np.array(tree["left_children"], dtype=np.int64)
        condition = np.array(tree["split_conditions"], dtype=np.float32)
        # xgboost goes left below the condition; the next smaller number makes that "at most".
        below = np.nextafter(condition, np.float32(-np.inf)).astype(np.float64)
        outputs[output].append(
            {
                "feature": np.array(tree["split_indices"], dtype=np.int64),
                "threshold": below,
                "left": left,
                "right": np.array(tree["right_children"], dtype=np.int64),
                "missing_left": np.array(tree["default_left"], dtype=bool),
                "value": np.where(left < 0, condition.astype(np.float64), 0.0),
            }
        )
    return outputs


def _histogram_trees(estimator: HistGradientBoostingClassifier) -> list[list[_Tree]]:
    # The nodes have no public face; shap reads the same ones.
    by_class = zip(*estimator._predictors, strict=True)  # noqa: SLF001
    return [[_histogram_tree(tree.nodes) for tree in trees] for trees in by_class]


def _histogram_tree(nodes: Any) -> _Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "feature": nodes["feature_idx"].astype(np.int64),
        "threshold": nodes["num_threshold"].astype(np.float64),
        "left": np.where(leaf, _LEAF, nodes["left"].astype(np.int64)),
        "right": np.where(leaf, _LEAF, nodes["right"].astype(np.int64)),
        "missing_left": nodes["missing_go_to_left"].astype(bool),
        "value": nodes["value"].astype(np.float64),
    }
