"""What a fitted classifier puts out for each class: the numbers that explanations add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.models.spec import OutputScale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.models.classifier import Classifier

__all__ = ["class_outputs"]


def class_outputs(classifier: Classifier, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the output of each class that explanations add up to, shape ``(n, k)``.

    Parameters
    ----------
    classifier
        The fitted model.
    prepared
        Rows as `Classifier.prepare` returns them, shape ``(n, p)``.
    """
    kind, estimator = classifier.model_type, classifier.estimator
    if kind.output is OutputScale.PROBABILITY:
        stated = estimator.predict_proba(prepared)
    elif kind.searches:
        stated = estimator.decision_function(prepared)
    else:
        stated = kind.recipe.scores(estimator, prepared)
    outputs = np.asarray(stated, dtype=np.float64)
    return np.stack([-outputs, outputs], axis=1) if outputs.ndim == 1 else outputs
