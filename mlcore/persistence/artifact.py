"""Saved classifiers: a folder with a manifest, hashed, and read back by an allow-list.

``manifest.json`` says what the model is and holds the SHA-256 of each other file; a booster is
kept in xgboost's own binary JSON, everything else as skops files, of which only the types that the
model type's recipe names and those of the preparation are ever loaded. To change what a folder
holds, raise `FORMAT` in `mlcore.persistence.manifest` and teach `load_artifact` the old one for as
long as sessions keep such folders.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import skops.io
import xgboost
from xgboost import XGBClassifier

from mlcore.calibration.calibrator import Calibration
from mlcore.calibration.conformal import ConformalPredictor
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError, HyperparameterError
from mlcore.features.feature_sets import Inputs
from mlcore.models import stacked
from mlcore.models.classifier import Classifier
from mlcore.models.model_types import MODELS
from mlcore.models.novelty import Novelty
from mlcore.models.stacked import StackedEnsemble
from mlcore.models.trained_model import TrainedModel
from mlcore.persistence.manifest import (
    DOMAIN,
    FORMAT,
    MANIFEST,
    read_json,
    read_manifest,
    write_json,
)
from mlcore.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["library_versions", "load_artifact", "save_artifact", "training_stars"]

_BOOSTER = "estimator.ubj"
_ESTIMATOR = "estimator.skops"
_PREPARATION = "preparation.skops"
_MEMBER = "member.json"
_STARS = "stars.json"
_CALIBRATION = "calibration.json"
_CONFORMAL = "conformal.json"

_PREPARING = ("mlcore.models.preprocessing.LogScale", "numpy.dtype", "numpy.dtypes.Float64DType")
"""Types in a saved preparation that skops does not know; each model type's recipe names its own."""

_LIBRARIES = ("astropy", "crepes", "numba", "numpy", "pandas", "scikit-learn", "scipy", "skops")


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that a model's numbers depend on."""
    versions = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    # Its distribution has another name on each platform.
    return versions | {"xgboost": xgboost.__version__}


def save_artifact(model: TrainedModel, folder: Path) -> dict[str, Any]:
    """Write a trained model to a new folder.

    Parameters
    ----------
    model
        What training or fine-tuning returned.
    folder
        Where to write; must not exist. To publish it atomically, write to a temporary name and
        rename the folder.

    Returns
    -------
    dict
        The manifest.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = mlcore.save_artifact(model, Path(folder) / "model")
    ...     again = mlcore.load_artifact(Path(folder) / "model")
    >>> manifest["missions"]
    ['kepler']
    >>> again.columns(mlcore.DATASETS["kepler"]) == model.columns(mlcore.DATASETS["kepler"])
    True
    """
    folder.mkdir(parents=True)
    classifier = model.classifier
    _save_classifier(classifier, folder)
    write_json(folder / _STARS, sorted(model.stars))
    write_json(folder / DOMAIN, model.novelty.as_json())
    if classifier.calibration is not None:
        write_json(folder / _CALIBRATION, classifier.calibration.as_json())
    if model.conformal is not None:
        write_json(folder / _CONFORMAL, model.conformal.as_json())
    manifest = {
        "format": FORMAT,
        "missions": list(model.missions),
        "inputs": model.inputs.as_json(),
        "task": {
            "name": classifier.task.name,
            "classes": [str(kind) for kind in classifier.task.classes],
        },
        "frequencies": list(model.frequencies),
        "train_rows": model.train_rows,
        **_described(classifier),
        "versions": library_versions(),
        "sha256": {name: _sha256(folder / name) for name in sorted(_files(folder))},
    }
    write_json(folder / MANIFEST, manifest, indent=1)
    return manifest


def load_artifact(folder: Path) -> TrainedModel:
    """Read a model that `save_artifact` wrote.

    Raises
    ------
    ArtifactError
        When the folder is missing or damaged, of another format, or holds a file that its manifest
        does not list or a type that is not on the list of trusted ones.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = mlcore.save_artifact(model, Path(folder) / "model")
    ...     again = mlcore.load_artifact(Path(folder) / "model")
    >>> again.train_rows == model.train_rows
    True
    """
    manifest = read_manifest(folder)
    # What is loaded depends on which files there are, so that one more is as bad as a changed one.
    if not _files(folder) <= manifest["sha256"].keys() | {MANIFEST}:
        raise ArtifactError("The saved model is damaged: it has a file that is no part of it.")
    for name, expected in manifest["sha256"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise ArtifactError("The saved model is damaged: one of its files was changed or lost.")

    def part(name: str, read: Callable[[Any], Any]) -> Any:
        return read(read_json(folder / name)) if name in manifest["sha256"] else None

    try:
        task = replace(
            find_task(manifest["task"]["name"]),
            classes=tuple(Disposition(kind) for kind in manifest["task"]["classes"]),
        )
        return TrainedModel(
            classifier=replace(
                _load_classifier(folder, manifest),
                task=task,
                calibration=part(_CALIBRATION, Calibration.from_json),
            ),
            missions=tuple(manifest["missions"]),
            inputs=Inputs.from_json(manifest["inputs"]),
            conformal=part(_CONFORMAL, ConformalPredictor.from_json),
            novelty=Novelty.from_json(read_json(folder / DOMAIN)),
            stars=training_stars(folder),
            frequencies=tuple(manifest["frequencies"]),
            train_rows=manifest["train_rows"],
        )
    except (AttributeError, HyperparameterError, KeyError, OSError, TypeError, ValueError):
        raise ArtifactError("The saved model is missing or its manifest is damaged.") from None


def _described(classifier: Classifier) -> dict[str, Any]:
    return {
        "model_type": classifier.model_type.name,
        "hyperparameters": dict(classifier.hyperparameters),
        "columns": list(classifier.columns),
        "classes": [str(kind) for kind in classifier.classes],
        "baseline": [
            None if math.isnan(value) else value for value in classifier.baseline.tolist()
        ],
        "seed": classifier.seed,
    }


def _save_classifier(classifier: Classifier, folder: Path) -> None:
    if isinstance(classifier.estimator, StackedEnsemble):
        stacked.save(classifier.estimator, folder, _save_member)
    elif isinstance(classifier.estimator, XGBClassifier):
        classifier.estimator.get_booster().save_model(folder / _BOOSTER)
    else:
        skops.io.dump(classifier.estimator, folder / _ESTIMATOR)
    if classifier.preparation is not None:
        skops.io.dump(classifier.preparation, folder / _PREPARATION)


def _save_member(member: Classifier, folder: Path) -> None:
    folder.mkdir()
    _save_classifier(member, folder)
    write_json(folder / _MEMBER, _described(member))


def _load_classifier(folder: Path, described: Mapping[str, Any]) -> Classifier:
    kind = MODELS[described["model_type"]]
    estimator: Any
    if kind.searches:
        estimator = stacked.load(
            folder, lambda member: _load_classifier(member, read_json(member / _MEMBER))
        )
    elif (folder / _BOOSTER).is_file():
        # A booster's file holds its trees but not how they were grown, which fine-tuning needs.
        estimator = kind.recipe.build(described["hyperparameters"], described["seed"])
        estimator.load_model(folder / _BOOSTER)
    else:
        estimator = _load_trusted(folder / _ESTIMATOR, kind.recipe.trusted)
    has_preparation = (folder / _PREPARATION).is_file()
    return Classifier(
        model_type=kind,
        hyperparameters=described["hyperparameters"],
        columns=tuple(described["columns"]),
        classes=tuple(Disposition(kind) for kind in described["classes"]),
        preparation=_load_trusted(folder / _PREPARATION, _PREPARING) if has_preparation else None,
        estimator=estimator,
        baseline=np.array(described["baseline"], dtype=np.float64),
        seed=described["seed"],
    )


def training_stars(folder: Path) -> frozenset[str]:
    """Return the names of the host stars that a saved classifier was trained on."""
    names = read_json(folder / _STARS)
    if not isinstance(names, list):
        raise ArtifactError("The saved model is damaged: the list of its stars is none.")
    return frozenset(names)


def _load_trusted(path: Path, trusted: tuple[str, ...]) -> Any:
    # A skops file is a ZIP archive; anything else, a pickle above all, is not even looked into.
    if not zipfile.is_zipfile(path):
        raise ArtifactError("The saved model is damaged: one of its files is of another format.")
    strange = set(skops.io.get_untrusted_types(file=path)) - set(trusted)
    if strange:
        raise ArtifactError("The saved model holds a type that is not trusted.")
    return skops.io.load(path, trusted=list(trusted))


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
