"""The model types, their hyperparameters and how each is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore._lazy import lazy_names

if TYPE_CHECKING:
    from mlcore.models.classifier import Classifier, fit_classifier
    from mlcore.models.model_types import MODELS, model_type
    from mlcore.models.spec import Explainer, ModelType

__all__ = [
    "MODELS",
    "Classifier",
    "Explainer",
    "ModelType",
    "fit_classifier",
    "model_type",
]

if not TYPE_CHECKING:
    # Hidden from type checkers, for which a module with `__getattr__` has every name.
    __getattr__, __dir__ = lazy_names(__name__, __file__)
