"""What a fitted classifier puts out for each class: the numbers that explanations add up to."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from xgboost import DMatrix, XGBClassifier

from mlcore.models.spec import Explainer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.models.classifier import Classifier

__all__ = ["OutputScale", "class_outputs", "output_scale"]


class OutputScale(StrEnum):
    """What kind of number an explanation adds up to."""

    PROBABILITY = "uncalibrated probability"
    SCORE = "score"

    @property
    def meaning(self) -> str:
        """What it is beside the probability that is stated, as a sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    OutputScale.PROBABILITY: "The probability of the class as the model itself states it, before"
    " it is calibrated: contributions add up to this, and the stated probability differs from it"
    " by the calibration.",
    OutputScale.SCORE: "The model's own score of the class, which grows with its probability:"
    " contributions add up to this, and the stated probability is made of the scores of all"
    " classes.",
}


def output_scale(classifier: Classifier) -> OutputScale:
    """Return which kind of output of `classifier` is explained: always one before calibration.

    Trees and forests vote with probabilities, and a network is sampled in them. Everything else
    is additive in the score whose softmax is the probability, and there its explanation is exact.
    An ensemble's score is a weighted sum of such outputs, so it is as exact as its members'.
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
