"""Classifiers of exoplanet candidates: train, test, predict, fine-tune, explain.

The public face of the library; everything else is an implementation detail.

Examples
--------
>>> import mlcore
>>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
>>> training, testing = mlcore.split(table)
>>> found = mlcore.train("decision_tree", training, testing, task="vetting")
>>> auc = found.report.measurement.figure("roc_auc")
>>> auc.low < auc.value < auc.high
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.lazy_names import lazy_names

if TYPE_CHECKING:
    from mlcore.analyses import analyse
    from mlcore.analysis_names import Analysis
    from mlcore.artifact import load_artifact, save_artifact
    from mlcore.benchmark import run_benchmarks
    from mlcore.datasets import DATASETS, obtain, read_table
    from mlcore.explanation import explain_rows as explain
    from mlcore.fine_tuning import fine_tune
    from mlcore.inputs import FeatureSet, Inputs
    from mlcore.models import MODELS
    from mlcore.prediction import predict_rows as predict
    from mlcore.protocol_names import Protocol
    from mlcore.published import PUBLISHED, load_published
    from mlcore.tasks import TASKS
    from mlcore.training import split, train

__all__ = [
    "DATASETS",
    "MODELS",
    "PUBLISHED",
    "TASKS",
    "Analysis",
    "FeatureSet",
    "Inputs",
    "Protocol",
    "analyse",
    "explain",
    "fine_tune",
    "load_artifact",
    "load_published",
    "obtain",
    "predict",
    "read_table",
    "run_benchmarks",
    "save_artifact",
    "split",
    "train",
]

_HOMES = {
    "DATASETS": "mlcore.datasets:DATASETS",
    "MODELS": "mlcore.models:MODELS",
    "PUBLISHED": "mlcore.published:PUBLISHED",
    "TASKS": "mlcore.tasks:TASKS",
    "Analysis": "mlcore.analysis_names:Analysis",
    "FeatureSet": "mlcore.inputs:FeatureSet",
    "Inputs": "mlcore.inputs:Inputs",
    "Protocol": "mlcore.protocol_names:Protocol",
    "analyse": "mlcore.analyses:analyse",
    "explain": "mlcore.explanation:explain_rows",
    "fine_tune": "mlcore.fine_tuning:fine_tune",
    "load_artifact": "mlcore.artifact:load_artifact",
    "load_published": "mlcore.published:load_published",
    "obtain": "mlcore.datasets:obtain",
    "predict": "mlcore.prediction:predict_rows",
    "read_table": "mlcore.datasets:read_table",
    "run_benchmarks": "mlcore.benchmark:run_benchmarks",
    "save_artifact": "mlcore.artifact:save_artifact",
    "split": "mlcore.training:split",
    "train": "mlcore.training:train",
}
"""Where each public name comes from; a new one is added here, above and to `__all__`."""

if not TYPE_CHECKING:
    # Hidden from type checkers, for which a module with `__getattr__` has every name.
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
