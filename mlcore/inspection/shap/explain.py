"""Explanations of single rows: how much each column moved the model's output for this object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

from mlcore.inspection.shap.kernel import class_weights, explain_kernel
from mlcore.inspection.shap.network import NetworkWalk
from mlcore.inspection.shap.sampling import AskedWalk, explain_by_sampling
from mlcore.inspection.shap.trees import explain_trees, sum_of_leaves, tree_ensembles
from mlcore.models.blocks import in_blocks
from mlcore.models.outputs import class_outputs
from mlcore.models.spec import Explainer, OutputScale
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.inspection.shap.sampling import Walk
    from mlcore.inspection.shap.trees import TreeEnsemble
    from mlcore.models.classifier import Classifier
    from mlcore.models.stacked import StackedEnsemble
    from mlcore.progress import ProgressCallback

    Explain = Callable[
        [NDArray[np.float64], int, NDArray[np.float64], Callable[[float], None]],
        NDArray[np.float64],
    ]
    """From prepared rows, the explained class's position, the outputs less the baseline's and what
    takes the fraction of rows that are done, to the contributions."""
    TreesOf = Callable[[Any], list[TreeEnsemble]]
    """`tree_ensembles`, which reads each estimator once for all that one explanation asks."""

__all__ = ["Explanation", "class_coefficients", "explain_linear", "explain_rows", "trees_kept"]

_ROWS_A_BLOCK = 64
"""A page of a list is hardly more, and each row of a block takes its time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Signed contributions of the columns to one output of each row.

    ``base + contributions.sum(axis=1)`` is ``output``.
    """

    columns: tuple[str, ...]
    contributions: NDArray[np.float64]
    """Shape ``(n, p)``."""
    base: NDArray[np.float64]
    """Output for the training median, shape ``(n,)``: it differs with the explained class."""
    output: NDArray[np.float64]
    """The model's output for each row and its explained class, shape ``(n,)``."""
    scale: OutputScale


def explain_rows(
    classifier: Classifier,
    features: pd.DataFrame,
    explained: NDArray[np.int64],
    *,
    trees_of: TreesOf | None = None,
    progress: ProgressCallback = silent,
) -> Explanation:
    """Attribute one class's output to the columns, for each row.

    Parameters
    ----------
    classifier
        The fitted model.
    features
        Rows to explain, in the columns' declared units.
    explained
        For each row the class to explain, as a position in ``classifier.classes``.
    trees_of
        Reads an estimator's trees, for whoever explains by the same model again and again; None:
        they are read for this explanation.
    progress
        Called with the fraction of the rows that are done.

    Returns
    -------
    Explanation
        Shapley values against the training median, exact for trees and linear models, estimated
        for networks; for support vector machines their limit for infinitely divided steps.

    Examples
    --------
    >>> import numpy as np
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> features = model.features(table.take(range(3)), reference=table)
    >>> planet = np.full(3, model.classifier.classes.index("confirmed"))
    >>> explanation = mlcore.explain(model.classifier, features, planet)
    >>> moved = explanation.base + explanation.contributions.sum(axis=1)
    >>> bool(np.allclose(moved, explanation.output))
    True
    """
    X = classifier.prepare(features)
    trees_of = trees_of or trees_kept()
    outputs = _exact_outputs(classifier, X, classifier.baseline, trees_of)
    at_baseline = class_outputs(classifier, classifier.baseline[None, :])[0]
    contributions = np.zeros_like(X)
    explain = _explainer(classifier, trees_of)
    done = 0
    for position in np.unique(explained).tolist():
        chosen = np.flatnonzero(explained == position)
        already = done

        def advance(fraction: float, already: int = already, count: int = len(chosen)) -> None:
            rows = already + round(fraction * count)
            progress(rows / len(X), f"{rows} of {len(X)} objects")

        difference = outputs[chosen, position] - at_baseline[position]
        contributions[chosen] = explain(X[chosen], position, difference, advance)
        done += len(chosen)
    return Explanation(
        columns=classifier.columns,
        contributions=contributions,
        base=at_baseline[explained],
        output=outputs[np.arange(len(X)), explained],
        scale=classifier.model_type.output,
    )


def trees_kept() -> TreesOf:
    """Return what reads each estimator's trees once."""
    return cache(tree_ensembles)


def _exact_outputs(
    classifier: Classifier,
    prepared: NDArray[np.float64],
    baseline: NDArray[np.float64],
    trees_of: TreesOf,
) -> NDArray[np.float64]:
    """Return `class_outputs` with the precision of explanations; `baseline` has its own as is."""
    estimator: Any = classifier.estimator
    if isinstance(estimator, XGBClassifier):
        at_baseline = class_outputs(classifier, baseline[None, :])[0]
        outputs = [
            stated
            + sum_of_leaves(ensemble, prepared)
            - sum_of_leaves(ensemble, baseline[None, :])[0]
            for stated, ensemble in zip(at_baseline, trees_of(estimator), strict=True)
        ]
        return np.stack(outputs, axis=1)
    if classifier.model_type.explainer is Explainer.STACK:
        scores: NDArray[np.float64] = estimator.stack.scores(
            [
                _exact_outputs(
                    member,
                    estimator.prepared(place, prepared),
                    estimator.prepared(place, baseline[None, :])[0],
                    trees_of,
                )
                for place, member in enumerate(estimator.members)
            ]
        )
        return np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
    return _outputs(classifier, prepared)


def _outputs(classifier: Classifier, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `class_outputs`, the same for a row whichever rows stand beside it."""
    if classifier.model_type.explainer is Explainer.TREES:
        return class_outputs(classifier, prepared)
    return in_blocks(lambda rows: class_outputs(classifier, rows), prepared)


def _steady(explain: Explain) -> Explain:
    """Return an explanation by blocks of rows, which is the same whatever rows stand beside one."""

    def explain_in_blocks(
        X: NDArray[np.float64],
        position: int,
        difference: NDArray[np.float64],
        advance: Callable[[float], None],
    ) -> NDArray[np.float64]:
        done = 0

        def of_block(rows: NDArray[np.float64]) -> NDArray[np.float64]:
            nonlocal done
            begun, done = done, done + len(rows)

            def of_these(fraction: float) -> None:
                advance(min((begun + fraction * len(rows)) / len(X), 1.0))

            return explain(np.ascontiguousarray(rows[:, 1:]), position, rows[:, 0].copy(), of_these)

        return in_blocks(of_block, np.column_stack([difference, X]), rows=_ROWS_A_BLOCK)

    return explain_in_blocks


def _explainer(classifier: Classifier, trees_of: TreesOf) -> Explain:
    estimator: Any = classifier.estimator
    baseline = classifier.baseline
    match classifier.model_type.explainer:
        case Explainer.TREES:
            ensembles = trees_of(estimator)
            return lambda X, position, _difference, advance: explain_trees(
                ensembles[position], X, baseline, advance
            )
        case Explainer.LINEAR:
            coefficients = class_coefficients(estimator)
            return lambda X, position, _difference, _advance: explain_linear(
                coefficients[position], X, baseline
            )
        case Explainer.KERNEL:
            weights = class_weights(estimator)
            return _steady(
                lambda X, position, difference, advance: explain_kernel(
                    estimator, weights[position], X, baseline, difference, advance
                )
            )
        case Explainer.SAMPLING:

            def walk(X: NDArray[np.float64], position: int) -> Walk:
                if isinstance(estimator, MLPClassifier):
                    return NetworkWalk(estimator, position, X, baseline)
                return AskedWalk(
                    lambda rows: class_outputs(classifier, rows)[:, position], X, baseline
                )

            return _steady(
                lambda X, position, _difference, advance: explain_by_sampling(
                    walk(X, position), X.shape, seed=classifier.seed, progress=advance
                )
            )
        case Explainer.STACK:
            return _stack_explainer(estimator, baseline, trees_of)


def class_coefficients(estimator: Any) -> NDArray[np.float64]:
    """Return the coefficient of each column in each class's score, shape ``(k, p)``.

    Parameters
    ----------
    estimator
        A fitted logistic regression, or a pipeline of principal components and one.
    """
    if isinstance(estimator, Pipeline):
        components, logistic = estimator[0], estimator[-1]
        coefficients: NDArray[np.float64] = logistic.coef_ @ components.components_
    else:
        coefficients = estimator.coef_
    if len(coefficients) == 1:
        return np.concatenate([-coefficients, coefficients])
    return coefficients


def explain_linear(
    coefficients: NDArray[np.float64], X: NDArray[np.float64], baseline: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return coefficient × (value − baseline) for each row and column, shape ``(n, p)``.

    These are the exact Shapley values of a linear score.

    Parameters
    ----------
    coefficients
        Of the explained class, shape ``(p,)``.
    X
        Prepared rows, shape ``(n, p)``.
    baseline
        Prepared baseline row, shape ``(p,)``.
    """
    return coefficients * (X - baseline)


def _stack_explainer(
    ensemble: StackedEnsemble, baseline: NDArray[np.float64], trees_of: TreesOf
) -> Explain:
    """Return what adds up the members' explanations by their weights.

    Shapley values are linear in the output, so these are those of the weighted sum.
    """
    # Every member is compared with the same raw row, or the differences would not add up.
    members = [
        replace(member, baseline=ensemble.prepared(place, baseline[None, :])[0])
        for place, member in enumerate(ensemble.members)
    ]

    def explain(
        X: NDArray[np.float64],
        position: int,
        _difference: NDArray[np.float64],
        advance: Callable[[float], None],
    ) -> NDArray[np.float64]:
        total = np.zeros_like(X)
        for place, (member, weight) in enumerate(zip(members, ensemble.stack.weights, strict=True)):

            def of_member(fraction: float, place: int = place) -> None:
                advance((place + fraction) / len(members))

            prepared = ensemble.prepared(place, X)
            at_baseline = class_outputs(member, member.baseline[None, :])[0, position]
            total += weight * _explainer(member, trees_of)(
                prepared,
                position,
                _outputs(member, prepared)[:, position] - at_baseline,
                of_member,
            )
        return total

    return explain
