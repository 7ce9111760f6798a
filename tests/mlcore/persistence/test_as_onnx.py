"""Classifiers as ONNX: another runtime says of real rows what the model itself says."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest

import mlcore
from mlcore.calibration.calibrator import Calibration
from mlcore.calibration.methods import CalibrationMethod
from mlcore.datasets import Disposition
from mlcore.errors import ArtifactError
from mlcore.models import MODELS, fit_classifier
from mlcore.models.trained_model import TrainedModel
from mlcore.persistence.as_onnx import write_onnx
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.hand_made import FITTED_MODELS, MEASURED, SMALL, labelled, usable_columns

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mlcore.datasets import Table
    from mlcore.models import Classifier
    from mlcore.tasks import Task

SINGLE = 2e-6
"""How far probabilities may be from the model's own, where the estimator's part is computed in
single precision: some of its steps of 1.2e-7, which a calibration may draw apart."""

VETTED = (Disposition.FALSE_POSITIVE, Disposition.CONFIRMED)
CALIBRATIONS = {
    CalibrationMethod.TEMPERATURE: {"sharpness": (1.3,)},
    CalibrationMethod.SIGMOID: {"sharpness": (0.8,), "offset": (-0.4,)},
    CalibrationMethod.ISOTONIC: {
        "stated": (0.0, 0.1, 0.2, 0.5, 0.9, 1.0),
        "observed": (0.01, 0.05, 0.2, 0.6, 0.95, 0.99),
    },
}


def model_of(classifier: Classifier) -> TrainedModel:
    rest: dict[str, Any] = {"conformal": None, "novelty": None, "stars": frozenset()}
    return TrainedModel(
        classifier=classifier,
        missions=("kepler",),
        inputs=MEASURED,
        frequencies=(0.5, 0.5),
        train_rows=1,
        **rest,
    )


def fitted(model_type: str, table: Table, task: Task, **hyperparameters: Any) -> Classifier:
    assert table.labels is not None
    decided = task.decided(table.labels)
    columns = usable_columns(table)
    rows = labelled(
        table.features[decided].reset_index(drop=True),
        table.labels[decided].reset_index(drop=True),
        table.hosts[decided].reset_index(drop=True),
        columns,
    )
    kind = MODELS[model_type]
    values, _ = kind.read_hyperparameters({**SMALL.get(model_type, {}), **hyperparameters})
    return fit_classifier(kind, values, rows, seed=1, task=task)


def calibrated(classifier: Classifier, method: CalibrationMethod) -> Classifier:
    calibration = Calibration(
        method=method,
        classes=classifier.task.classes,
        numbers=MappingProxyType(CALIBRATIONS[method]),
        frequencies=(0.5, 0.5),
        rows=1,
        stars=1,
        log_loss_before=1.0,
        log_loss_after=0.5,
    )
    return replace(classifier, calibration=calibration)


def runtime(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def furthest(classifier: Classifier, features: pd.DataFrame, path: Path) -> tuple[float, float]:
    """Return how far both outputs are from the classifier's own, at most."""
    values = features[list(classifier.columns)].to_numpy(dtype=np.float64)
    calibrated, plain = runtime(path).run(None, {"features": values})
    distances = []
    for stated, own in (
        (calibrated, classifier.predict_proba(features)),
        (plain, classifier.uncalibrated(features)),
    ):
        expected = classifier.task.probabilities(own)
        assert stated.shape == expected.shape
        assert np.isfinite(stated).all()
        distances.append(float(np.abs(stated - expected).max()))
    return distances[0], distances[1]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("task", [DISPOSITION, VETTING], ids=lambda task: task.name)
@pytest.mark.parametrize("model_type", FITTED_MODELS)
def test_every_model_type_says_the_same_in_another_runtime(
    model_type: str, task: Task, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    classifier = calibrated(fitted(model_type, training, task), CalibrationMethod.TEMPERATURE)
    write_onnx(model_of(classifier), tmp_path / "model.onnx")
    # Rows as they are, with values missing in them.
    assert testing.features.isna().to_numpy().any()
    apart, apart_plain = furthest(classifier, testing.features, tmp_path / "model.onnx")
    assert max(apart, apart_plain) < SINGLE


@pytest.mark.parametrize("method", CalibrationMethod)
def test_every_calibration_is_in_the_file(
    method: CalibrationMethod, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    classifier = calibrated(fitted("decision_tree", training, VETTING), method)
    about = write_onnx(model_of(classifier), tmp_path / "model.onnx")
    apart, _ = furthest(classifier, testing.features, tmp_path / "model.onnx")
    assert apart < SINGLE
    assert about["calibration"] == f"probabilities is calibrated ({method}), uncalibrated is not"


@pytest.mark.parametrize("kernel", ["linear", "poly", "sigmoid"])
def test_every_kernel_is_written(
    kernel: str, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    classifier = fitted("svm", training, DISPOSITION, kernel=kernel)
    write_onnx(model_of(classifier), tmp_path / "model.onnx")
    # It is computed in double precision throughout.
    assert max(furthest(classifier, testing.features, tmp_path / "model.onnx")) < 1e-10


def test_a_published_model_is_written_with_what_it_was_calibrated_by(
    kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    model = mlcore.load_published("kepler-vetting")
    write_onnx(model, tmp_path / "model.onnx")
    features = model.features(kepler_tables[1])
    assert model.classifier.calibration is not None
    assert max(furthest(model.classifier, features, tmp_path / "model.onnx")) < SINGLE
    about = runtime(tmp_path / "model.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(about["columns"]) == list(model.classifier.columns)
    declared = model.columns(mlcore.DATASETS["kepler"])
    assert json.loads(about["units"]) == [column.unit for column in declared]
    assert json.loads(about["classes"]) == ["false_positive", "confirmed"]
    assert (about["model_type"], about["missions"]) == ("xgboost", '["kepler"]')


def test_without_a_calibration_it_says_so(
    kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    classifier = fitted("decision_tree", kepler_tables[0], VETTING)
    about = write_onnx(model_of(classifier), tmp_path / "model.onnx")
    assert about["calibration"].startswith("nothing was learnt to calibrate with")


def test_the_same_model_is_the_same_file(
    kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    model = model_of(fitted("xgboost", kepler_tables[0], VETTING))
    write_onnx(model, tmp_path / "once.onnx")
    write_onnx(model, tmp_path / "again.onnx")
    assert (tmp_path / "once.onnx").read_bytes() == (tmp_path / "again.onnx").read_bytes()


def test_an_ensemble_cannot_be_written(kepler_tables: tuple[Table, Table], tmp_path: Path) -> None:
    classifier = fitted("decision_tree", kepler_tables[0], VETTING)
    searched = model_of(replace(classifier, model_type=MODELS["auto"]))
    with pytest.raises(ArtifactError, match="cannot be written as ONNX"):
        write_onnx(searched, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
