"""Explanations of single rows: how much each column moved the model's output for this object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from xgboost import DMatrix, XGBClassifier

from mlcore.explanation.kernel import class_weights, explain_kernel
from mlcore.explanation.linear import class_coefficients, explain_linear
from mlcore.explanation.sampling import explain_by_sampling
from mlcore.explanation.trees import explain_trees, tree_ensembles
from mlcore.models.catalogue import Explainer
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = ["Explanation", "OutputScale", "class_outputs", "explain_rows", "output_scale"]


class OutputScale(StrEnum):
    """What kind of number an explanation adds up to."""

    PROBABILITY = "probability"
    SCORE = "score"


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


def output_scale(classifier: Classifier) -> OutputScale:
    """Return which kind of output of `classifier` is explained.

    Trees and forests vote with probabilities, and a network is sampled in them. Everything else
    is additive in the score whose softmax is the probability, and there its explanation is exact.
    """
    boosted = isinstance(classifier.estimator, HistGradientBoostingClassifier | XGBClassifier)
    votes = classifier.model_type.explainer in {Explainer.TREES, Explainer.SAMPLING} and not boosted
    return OutputScale.PROBABILITY if votes else OutputScale.SCORE


def class_outputs(classifier: Classifier, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the output of each class that explanations add up to, shape ``(n, k)``.

    Parameters
    ----------
    classifier
        The fitted model.
    prepared
        Rows as `Classifier.prepare` returns them, shape ``(n, p)``.
    """
    estimator = classifier.estimator
    if output_scale(classifier) is OutputScale.PROBABILITY:
        found = estimator.predict_proba(prepared)
    elif isinstance(estimator, XGBClassifier):
        found = estimator.get_booster().predict(DMatrix(prepared), output_margin=True)
    else:
        found = estimator.decision_function(prepared)
    outputs: NDArray[np.float64] = np.asarray(found, dtype=np.float64)
    return np.stack([-outputs, outputs], axis=1) if outputs.ndim == 1 else outputs


def explain_rows(
    classifier: Classifier,
    features: pd.DataFrame,
    explained: NDArray[np.int64],
    *,
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
    progress
        Called with the fraction of the rows that are done.

    Returns
    -------
    Explanation
        Shapley values against the training median, exact for trees and linear models, estimated
        for networks; for support vector machines their limit for infinitely divided steps.
    """
    X = classifier.prepare(features)
    outputs = class_outputs(classifier, X)
    at_baseline = class_outputs(classifier, classifier.baseline[None, :])[0]
    contributions = np.zeros_like(X)
    explain = _explainer(classifier)
    done = 0
    for position in range(len(classifier.classes)):
        chosen = np.flatnonzero(explained == position)
        if not len(chosen):
            continue
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
        scale=output_scale(classifier),
    )


def _explainer(
    classifier: Classifier,
) -> Callable[
    [NDArray[np.float64], int, NDArray[np.float64], Callable[[float], None]], NDArray[np.float64]
]:
    estimator: Any = classifier.estimator
    baseline = classifier.baseline
    match classifier.model_type.explainer:
        case Explainer.TREES:
            ensembles = tree_ensembles(estimator)
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
            return lambda X, position, difference, advance: explain_kernel(
                estimator, weights[position], X, baseline, difference, advance
            )
        case Explainer.SAMPLING:
            return lambda X, position, _difference, advance: explain_by_sampling(
                lambda rows: class_outputs(classifier, rows)[:, position],
                X,
                baseline,
                seed=classifier.seed,
                progress=advance,
            )
