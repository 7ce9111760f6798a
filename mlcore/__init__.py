"""Classifiers of exoplanet candidates: train, test, predict, fine-tune, explain.

The public face of the library; everything else is an implementation detail.

Examples
--------
>>> import mlcore
>>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
>>> training, testing = mlcore.split(table)
>>> set(training.hosts) & set(testing.hosts)
set()
>>> model = mlcore.load_published("kepler-vetting")
>>> predictions = mlcore.predict(model, testing.take(range(2)), reference=table)
>>> predictions.labels
['confirmed', 'confirmed']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore._lazy import lazy_names

if TYPE_CHECKING:
    from mlcore.analyses.answer import analyse
    from mlcore.analyses.names import Analysis, Question
    from mlcore.api import ExplanationAPI, PredictionAPI, TrainingAPI
    from mlcore.benchmark import run_benchmarks
    from mlcore.datasets import DATASETS, obtain, read_table
    from mlcore.features.feature_sets import FeatureSet, Inputs
    from mlcore.inspection import explain_rows as explain
    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.reading.read import read_light_curve
    from mlcore.lightcurves.search.transits import search_transits
    from mlcore.model_selection.evaluation_setup import EvaluationSetup
    from mlcore.model_selection.protocol import Protocol
    from mlcore.model_selection.train_test import split
    from mlcore.models import MODELS
    from mlcore.persistence.artifact import load_artifact, save_artifact
    from mlcore.prediction.predict import predict_rows as predict
    from mlcore.pretrained import PUBLISHED, load_published
    from mlcore.pretrained.vetting import vet
    from mlcore.run import RunContext
    from mlcore.tasks import TASKS
    from mlcore.training.fine_tune import fine_tune
    from mlcore.training.setup import TrainingSetup
    from mlcore.training.train import train

__all__ = [
    "DATASETS",
    "MODELS",
    "PUBLISHED",
    "TASKS",
    "Analysis",
    "Ephemeris",
    "EvaluationSetup",
    "ExplanationAPI",
    "FeatureSet",
    "Inputs",
    "LightCurve",
    "PredictionAPI",
    "Protocol",
    "Question",
    "RunContext",
    "TrainingAPI",
    "TrainingSetup",
    "analyse",
    "explain",
    "fine_tune",
    "load_artifact",
    "load_published",
    "obtain",
    "predict",
    "read_light_curve",
    "read_table",
    "run_benchmarks",
    "save_artifact",
    "search_transits",
    "split",
    "train",
    "vet",
]

if not TYPE_CHECKING:
    # Hidden from type checkers, for which a module with `__getattr__` has every name.
    __getattr__, __dir__ = lazy_names(__name__, __file__)
