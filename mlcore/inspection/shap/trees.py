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
from numba import njit
from sklearn.ensemble import HistGradientBoostingClassifier
from xgboost import XGBClassifier

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
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    single_precision: bool
    """Whether the library rounds columns to 32 bits before it compares them."""

    def columns_as_compared(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `X` with the precision that the library compares with."""
        return X.astype(np.float32).astype(np.float64) if self.single_precision else X


@njit("boolean(float64, float64, boolean)", cache=True)
def _goes_left(x: float, threshold: float, missing_left: bool) -> bool:  # pragma: no cover  # noqa: FBT001
    if np.isnan(x):
        return missing_left
    return x <= threshold


# With its types given it is compiled, or read, where the module is loaded: once for all the jobs
# that are forked afterwards.
@njit(
    "float64[:, ::1](float64[:, ::1], float64[::1], int64[::1], int64[::1], float64[::1],"
    " int64[::1], int64[::1], boolean[::1], float64[::1], float64[:, ::1], float64[:, ::1])",
    cache=True,
)
def _shapley(  # type: ignore[no-untyped-def]  # noqa: PLR0912, PLR0913 - one walk, in arrays  # pragma: no cover
    rows, base, roots, feature, threshold, left, right, missing_left, value, gain, loss
):
    count, columns = rows.shape
    contributions = np.zeros((count, columns))
    side = np.zeros(columns, dtype=np.int8)  # 0 undecided, 1 the object's, 2 the baseline's
    path = np.empty(columns + 1, dtype=np.int64)
    waiting = np.empty((columns + 1, 2), dtype=np.int64)  # node and length of the path before it
    for i in range(count):
        x = rows[i]
        for tree in range(len(roots)):
            node = roots[tree]
            length, own, depth = 0, 0, 0
            while True:
                while left[node] >= 0:
                    f = feature[node]
                    x_left = _goes_left(x[f], threshold[node], missing_left[node])
                    b_left = _goes_left(base[f], threshold[node], missing_left[node])
                    if x_left == b_left or side[f] == 1:
                        node = left[node] if x_left else right[node]
                    elif side[f] == 2:
                        node = left[node] if b_left else right[node]
                    else:
                        waiting[depth, 0] = left[node] if b_left else right[node]
                        waiting[depth, 1] = length
                        depth += 1
                        side[f] = 1
                        path[length] = f
                        length += 1
                        own += 1
                        node = left[node] if x_left else right[node]
                up = value[node] * gain[own, length - own]
                down = value[node] * loss[own, length - own]
                for k in range(length):
                    f = path[k]
                    contributions[i, f] += up if side[f] == 1 else down
                if depth == 0:
                    break
                depth -= 1
                node = waiting[depth, 0]
                kept = waiting[depth, 1]
                for k in range(kept, length):
                    if side[path[k]] == 1:
                        own -= 1
                    if k > kept:
                        side[path[k]] = 0
                side[path[kept]] = 2
                length = kept + 1
            for k in range(length):
                side[path[k]] = 0
    return contributions


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
    # In the order of the walk's arguments.
    *nodes, _ = (np.ascontiguousarray(getattr(ensemble, field.name)) for field in fields(ensemble))
    contributions = np.zeros(X.shape)
    for begin in range(0, len(rows), _ROWS_A_CALL):
        part = rows[begin : begin + _ROWS_A_CALL]
        contributions[begin : begin + len(part)] = _shapley(  # type: ignore[call-arg]
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
    rows = ensemble.columns_as_compared(X)
    parts = [
        _leaves(ensemble, rows[begin : begin + _ROWS_A_CALL])
        for begin in range(0, len(rows), _ROWS_A_CALL)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _leaves(ensemble: TreeEnsemble, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    node = np.tile(ensemble.roots, (len(rows), 1))
    place = np.arange(len(rows))[:, None]
    while (inner := ensemble.left[node] >= 0).any():
        value = rows[place, np.where(inner, ensemble.feature[node], 0)]
        with np.errstate(invalid="ignore"):
            goes_left = np.where(
                np.isnan(value), ensemble.missing_left[node], value <= ensemble.threshold[node]
            )
        following = np.where(goes_left, ensemble.left[node], ensemble.right[node])
        node = np.where(inner, following, node)
    return np.asarray(ensemble.value[node].sum(axis=1))


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
    return [_forest(trees, output) for output in range(len(estimator.classes_))]


def _joined(trees: list[_Tree], *, single_precision: bool) -> TreeEnsemble:
    sizes = np.array([len(tree["feature"]) for tree in trees], dtype=np.int64)
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    nodes = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    for side in ("left", "right"):
        # A child is counted from its tree's own root.
        child = nodes[side]
        nodes[side] = np.where(child < 0, _LEAF, child + np.repeat(roots, sizes))
    return TreeEnsemble(roots=roots, **nodes, single_precision=single_precision)


def _forest(trees: list[Any], output: int) -> TreeEnsemble:
    return _joined(
        [
            {
                "feature": tree.feature.astype(np.int64),
                "threshold": tree.threshold,
                "left": tree.children_left.astype(np.int64),
                "right": tree.children_right.astype(np.int64),
                "missing_left": tree.missing_go_to_left.astype(bool),
                "value": tree.value[:, 0, output] / tree.value[:, 0, :].sum(axis=1) / len(trees),
            }
            for tree in trees
        ],
        single_precision=True,
    )


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
