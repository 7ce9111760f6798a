"""Saved classifiers: a folder with a manifest, hashed, and read back by an allow-list.

``manifest.json`` says what the model is and holds the SHA-256 of each other file; a booster is
kept in xgboost's own binary JSON, everything else as skops files, of which only the types named
below are ever loaded. To change what a folder holds, raise `FORMAT` and teach `load_artifact` the
old one for as long as sessions keep such folders.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import skops.io
import xgboost
from xgboost import XGBClassifier

from mlcore.datasets import DATASETS
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError
from mlcore.models.catalogue import MODELS
from mlcore.models.classifier import Classifier

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FORMAT",
    "library_versions",
    "load_artifact",
    "read_manifest",
    "save_artifact",
    "training_stars",
]

FORMAT = 1

_MANIFEST = "manifest.json"
_BOOSTER = "estimator.ubj"
_ESTIMATOR = "estimator.skops"
_PREPARATION = "preparation.skops"
_STARS = "stars.json"

_KEYS = {
    "format",
    "dataset",
    "model_type",
    "hyperparameters",
    "columns",
    "classes",
    "baseline",
    "seed",
    "versions",
    "sha256",
}

_TRUSTED = (
    "mlcore.models.margin_svc.MarginSVC",
    "mlcore.models.preprocessing.LogScale",
    "numpy.dtype",
    "numpy.dtypes.Float64DType",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.preprocessing._label.LabelBinarizer",
    "sklearn.tree._tree.Tree",
)

_LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that a model's numbers depend on."""
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    # Its distribution has another name on each platform.
    return versions | {"xgboost": xgboost.__version__}


def save_artifact(
    classifier: Classifier, folder: Path, *, dataset: str, stars: frozenset[str]
) -> dict[str, Any]:
    """Write a classifier to a new folder.

    Parameters
    ----------
    classifier
        The fitted model.
    folder
        Where to write; must not exist. To publish it atomically, write to a temporary name and
        rename the folder.
    dataset
        Name of the mission whose columns the model reads.
    stars
        Names of the host stars that the model was trained on: figures on them would flatter it.

    Returns
    -------
    dict
        The manifest.
    """
    folder.mkdir(parents=True)
    if isinstance(classifier.estimator, XGBClassifier):
        classifier.estimator.get_booster().save_model(folder / _BOOSTER)
    else:
        skops.io.dump(classifier.estimator, folder / _ESTIMATOR)
    if classifier.preparation is not None:
        skops.io.dump(classifier.preparation, folder / _PREPARATION)
    (folder / _STARS).write_text(json.dumps(sorted(stars)), encoding="utf-8")
    manifest = {
        "format": FORMAT,
        "dataset": dataset,
        "model_type": classifier.model_type.name,
        "hyperparameters": classifier.hyperparameters,
        "columns": classifier.columns,
        "classes": classifier.classes,
        "baseline": classifier.baseline.tolist(),
        "seed": classifier.seed,
        "versions": library_versions(),
        "sha256": {path.name: _sha256(path) for path in sorted(folder.iterdir())},
    }
    (folder / _MANIFEST).write_text(
        json.dumps(manifest, indent=1, allow_nan=False), encoding="utf-8"
    )
    return manifest


def load_artifact(folder: Path) -> Classifier:
    """Read a classifier that `save_artifact` wrote.

    Raises
    ------
    ArtifactError
        When the folder is missing or damaged, of another format, or holds a type that is not
        on the list of trusted ones.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest["sha256"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise ArtifactError("The saved model is damaged: one of its files was changed or lost.")
    if _BOOSTER in manifest["sha256"]:
        # A booster's file holds its trees but not how they were grown, which fine-tuning needs.
        estimator: Any = MODELS[manifest["model_type"]].build(
            manifest["hyperparameters"], manifest["seed"]
        )
        estimator.load_model(folder / _BOOSTER)
    else:
        estimator = _load_trusted(folder / _ESTIMATOR)
    has_preparation = _PREPARATION in manifest["sha256"]
    return Classifier(
        model_type=MODELS[manifest["model_type"]],
        hyperparameters=manifest["hyperparameters"],
        columns=tuple(manifest["columns"]),
        classes=tuple(Disposition(each) for each in manifest["classes"]),
        preparation=_load_trusted(folder / _PREPARATION) if has_preparation else None,
        estimator=estimator,
        baseline=np.array(manifest["baseline"], dtype=np.float64),
        seed=manifest["seed"],
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what `save_artifact` wrote about a classifier.

    Raises
    ------
    ArtifactError
        When the folder holds no manifest of a known format.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ArtifactError("The saved model is missing or its manifest is damaged.") from None
    if not isinstance(manifest, dict):
        raise ArtifactError("The saved model is missing or its manifest is damaged.")
    if manifest.get("format") != FORMAT:
        raise ArtifactError(
            f"The saved model has format {manifest.get('format')}, but this version reads {FORMAT}."
        )
    if not manifest.keys() >= _KEYS:
        raise ArtifactError("The saved model is missing or its manifest is damaged.")
    if manifest["model_type"] not in MODELS or manifest["dataset"] not in DATASETS:
        raise ArtifactError("The saved model is of a type or mission that is not known here.")
    return manifest


def training_stars(folder: Path) -> frozenset[str]:
    """Return the names of the host stars that a saved classifier was trained on."""
    return frozenset(json.loads((folder / _STARS).read_text(encoding="utf-8")))


def _load_trusted(path: Path) -> Any:
    # A skops file is a ZIP archive; anything else, a pickle above all, is not even looked into.
    if not zipfile.is_zipfile(path):
        raise ArtifactError("The saved model is damaged: one of its files is of another format.")
    strange = set(skops.io.get_untrusted_types(file=path)) - set(_TRUSTED)
    if strange:
        raise ArtifactError("The saved model holds a type that is not trusted.")
    return skops.io.load(path, trusted=list(_TRUSTED))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
