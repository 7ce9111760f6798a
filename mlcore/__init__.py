"""Classifiers of exoplanet candidates: train, predict, fine-tune, explain.

The public face of the library; everything else is an implementation detail.

Examples
--------
>>> import mlcore
>>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
>>> training, testing = mlcore.split(table)
>>> result = mlcore.train("xgboost", training, testing, hyperparameters={"n_estimators": 20})
>>> result.evaluation.rows == len(result.predictions)
True
"""

from __future__ import annotations

from mlcore.artifact import load_artifact, save_artifact
from mlcore.datasets import DATASETS, obtain, read_table
from mlcore.explanation import explain_rows as explain
from mlcore.fine_tuning import fine_tune
from mlcore.models import MODELS
from mlcore.prediction import predict_rows as predict
from mlcore.training import split, train

__all__ = [
    "DATASETS",
    "MODELS",
    "explain",
    "fine_tune",
    "load_artifact",
    "obtain",
    "predict",
    "read_table",
    "save_artifact",
    "split",
    "train",
]
