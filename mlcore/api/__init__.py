"""The three things that one does with the science, each a small class over its functions."""

from __future__ import annotations

from mlcore.api.explanation import ExplanationAPI
from mlcore.api.prediction import PredictionAPI
from mlcore.api.training import TrainingAPI

__all__ = ["ExplanationAPI", "PredictionAPI", "TrainingAPI"]
