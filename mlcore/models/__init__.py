"""The model types, their hyperparameters and how each is fitted."""

from __future__ import annotations

from mlcore.models.catalogue import MODELS, MOST_SECONDS, Explainer, ModelType, model_type
from mlcore.models.classifier import Classifier, fit_classifier

__all__ = [
    "MODELS",
    "MOST_SECONDS",
    "Classifier",
    "Explainer",
    "ModelType",
    "fit_classifier",
    "model_type",
]
