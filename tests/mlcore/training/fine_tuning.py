"""Models that were published, and what they are tuned on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

import mlcore
from mlcore.models.classifier import CLASSES
from mlcore.tasks import DISPOSITION
from tests.mlcore.hand_made import fitted_on

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.models import Classifier
    from mlcore.models.trained_model import TrainedModel


def trees(classifier: Classifier) -> list[dict[str, Any]]:
    raw = json.loads(classifier.estimator.get_booster().save_raw("json"))
    booster_trees: list[dict[str, Any]] = raw["learner"]["gradient_booster"]["model"]["trees"]
    return booster_trees


def accuracy(classifier: Classifier, table: Table) -> float:
    assert table.labels is not None
    best = np.array(CLASSES)[classifier.uncalibrated(table.features).argmax(axis=1)]
    return float((best == table.labels.to_numpy()).mean())


def published_on(model: TrainedModel, training: Table, **sent: object) -> TrainedModel:
    """Return a model of other rows or settings, as it would have been published."""
    assert training.labels is not None
    classifier = fitted_on("xgboost", training, seed=7, **sent)
    task = DISPOSITION.among(training.labels)
    return replace(model, classifier=replace(classifier, task=task), conformal=None)


def tuned_on(model: TrainedModel, table: Table) -> Classifier:
    return mlcore.fine_tune(model, table).model.classifier
