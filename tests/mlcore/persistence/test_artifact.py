from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator, ClassifierMixin

import mlcore
from mlcore.errors import ArtifactError
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.inspection import explain_rows
from mlcore.models import MODELS
from mlcore.persistence.artifact import library_versions, training_stars
from mlcore.persistence.manifest import FORMAT, read_manifest
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.hand_made import FITTED_MODELS, fitted_on
from tests.mlcore.pairs import EVERY_PAIR

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)


class Stranger(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator that no list of trusted types has."""

    def __init__(self, word: str = "strange") -> None:
        self.word = word


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.fixture
def saved(trained: Trained, tmp_path: Path) -> Callable[..., Path]:
    def save(model_type: str, mission: str = "kepler") -> Path:
        folder = tmp_path / model_type
        mlcore.save_artifact(trained(model_type, mission).model, folder)
        return folder

    return save


def change_manifest(folder: Path, **changed: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


def put(folder: Path, name: str, content: bytes) -> None:
    """Replace a file and its digest, as someone would who can write to the folder."""
    (folder / name).write_bytes(content)
    digests = json.loads((folder / "manifest.json").read_text())["sha256"]
    change_manifest(folder, sha256=digests | {name: hashlib.sha256(content).hexdigest()})


@pytest.mark.sampled(every=4)
@EVERY_PAIR
def test_a_loaded_model_predicts_and_explains_bit_for_bit_as_the_saved_one_on_one_machine(
    model_type: str,
    mission: str,
    trained: Trained,
    saved: Callable[..., Path],
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    classifier = trained(model_type, mission).model.classifier
    features = small_tables(mission)[1].features.iloc[:30]
    loaded = mlcore.load_artifact(saved(model_type, mission)).classifier
    assert loaded.calibration == classifier.calibration is not None
    np.testing.assert_array_equal(
        loaded.predict_proba(features), classifier.predict_proba(features)
    )
    explained = classifier.predict_proba(features).argmax(axis=1)
    first, second = (explain_rows(model, features, explained) for model in (classifier, loaded))
    np.testing.assert_array_equal(first.contributions, second.contributions)
    np.testing.assert_array_equal(first.base, second.base)


@EVERY_MODEL
def test_a_loaded_model_knows_what_the_saved_one_knew(
    model_type: str, trained: Trained, saved: Callable[..., Path]
) -> None:
    model, loaded_model = trained(model_type).model, mlcore.load_artifact(saved(model_type))
    assert loaded_model.missions == model.missions == ("kepler",)
    assert loaded_model.inputs == model.inputs
    assert loaded_model.stars == model.stars
    assert loaded_model.frequencies == model.frequencies
    assert loaded_model.train_rows == model.train_rows
    assert loaded_model.conformal == model.conformal is not None
    assert loaded_model.novelty.as_json() == model.novelty.as_json()
    classifier, loaded = model.classifier, loaded_model.classifier
    assert loaded.task == classifier.task == DISPOSITION
    assert loaded.model_type is classifier.model_type
    assert loaded.columns == classifier.columns
    assert loaded.classes == classifier.classes
    assert loaded.seed == classifier.seed == 3
    assert json.dumps(loaded.hyperparameters) == json.dumps(classifier.hyperparameters)
    np.testing.assert_array_equal(loaded.baseline, classifier.baseline)


@pytest.mark.sampled(every=4)
@EVERY_MODEL
def test_a_model_of_two_classes_comes_back_too(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    assert training.labels is not None
    two = training.take((training.labels != "confirmed").to_numpy())
    classifier = fitted_on(model_type, two)
    model = replace(trained("pca").model, classifier=classifier, conformal=None)
    mlcore.save_artifact(model, tmp_path / "model")
    assert mlcore.load_artifact(tmp_path / "model").conformal is None
    loaded = mlcore.load_artifact(tmp_path / "model").classifier
    assert loaded.calibration is None
    assert [str(kind) for kind in loaded.classes] == ["candidate", "false_positive"]
    np.testing.assert_array_equal(
        loaded.predict_proba(testing.features), classifier.predict_proba(testing.features)
    )


@EVERY_MODEL
def test_the_manifest_says_what_the_model_is_and_where_it_is_from(
    model_type: str, trained: Trained, saved: Callable[..., Path]
) -> None:
    folder = saved(model_type)
    manifest = read_manifest(folder)
    classifier = trained(model_type).model.classifier
    assert manifest["format"] == FORMAT
    assert manifest["missions"] == ["kepler"]
    assert manifest["inputs"] == {
        "feature_set": "measured",
        "label_derived": [],
        "left_out": [],
    }
    assert manifest["task"] == {
        "name": "disposition",
        "classes": ["candidate", "false_positive", "confirmed"],
    }
    assert sum(manifest["frequencies"]) == pytest.approx(1.0)
    assert manifest["train_rows"] == trained(model_type).model.train_rows
    assert manifest["model_type"] == model_type
    assert manifest["columns"] == list(classifier.columns)
    assert manifest["classes"] == ["candidate", "false_positive", "confirmed"]
    assert manifest["versions"] == library_versions()
    assert set(manifest["versions"]) >= {"numpy", "scikit-learn", "xgboost"}
    files = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(manifest["sha256"]) == files
    assert not [name for name in files if "pkl" in name or "pickle" in name]


def test_the_stars_that_a_model_was_trained_on_are_kept(
    saved: Callable[..., Path], kepler_tables: tuple[Table, Table]
) -> None:
    assert training_stars(saved("xgboost")) == set(kepler_tables[0].hosts)


def test_which_task_a_model_was_trained_for_survives(trained: Trained, tmp_path: Path) -> None:
    model = trained("pca").model
    classifier = replace(model.classifier, task=VETTING, calibration=None)
    mlcore.save_artifact(replace(model, classifier=classifier), tmp_path / "model")
    assert mlcore.load_artifact(tmp_path / "model").task == VETTING


def test_which_columns_a_model_sees_survives(trained: Trained, tmp_path: Path) -> None:
    marked = Inputs(feature_set=FeatureSet.WIDE, label_derived=("koi_score",))
    mlcore.save_artifact(replace(trained("pca").model, inputs=marked), tmp_path / "model")
    assert mlcore.load_artifact(tmp_path / "model").inputs == marked


@pytest.mark.parametrize(
    "changed",
    [
        {"task": {"name": "weather", "classes": ["candidate", "confirmed"]}},
        {"task": {"name": "vetting", "classes": ["comet", "confirmed"]}},
        {"task": None},
        {"inputs": {"feature_set": "everything", "label_derived": []}},
        {"inputs": {}},
        {"frequencies": 3},
    ],
)
def test_a_manifest_that_says_what_is_not_known_is_refused(
    changed: dict[str, object], saved: Callable[..., Path]
) -> None:
    folder = saved("pca")
    change_manifest(folder, **changed)
    with pytest.raises(ArtifactError):
        mlcore.load_artifact(folder)


@pytest.mark.parametrize("name", ["stars.json", "domain.json", "calibration.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"classes": 1}', b"3"])
def test_a_part_that_is_no_part_is_refused(
    name: str, content: bytes, saved: Callable[..., Path]
) -> None:
    if (name, content) == ("stars.json", b"[]"):
        return
    folder = saved("pca")
    put(folder, name, content)
    with pytest.raises(ArtifactError):
        mlcore.load_artifact(folder)


def test_a_folder_that_is_there_is_never_written_over(
    trained: Trained, saved: Callable[..., Path]
) -> None:
    folder = saved("pca")
    with pytest.raises(FileExistsError):
        mlcore.save_artifact(trained("svm").model, folder)
    assert mlcore.load_artifact(folder).classifier.model_type is MODELS["pca"]


FILES = [
    ("xgboost", "estimator.ubj"),
    ("xgboost", "stars.json"),
    ("xgboost", "domain.json"),
    ("xgboost", "calibration.json"),
    ("xgboost", "conformal.json"),
    ("svm", "estimator.skops"),
    ("svm", "preparation.skops"),
    ("svm", "stars.json"),
]
EVERY_FILE = pytest.mark.parametrize(("model_type", "name"), FILES)


@EVERY_FILE
@pytest.mark.parametrize("where", [0, 0.5, -1])
def test_a_changed_byte_is_refused(
    model_type: str, name: str, where: float, saved: Callable[..., Path]
) -> None:
    folder = saved(model_type)
    content = bytearray((folder / name).read_bytes())
    content[int(where * len(content)) if where == 0.5 else int(where)] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=r"^The saved model is damaged"):
        mlcore.load_artifact(folder)


@EVERY_FILE
def test_a_lost_file_is_refused(model_type: str, name: str, saved: Callable[..., Path]) -> None:
    folder = saved(model_type)
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=r"^The saved model is damaged"):
        mlcore.load_artifact(folder)


@pytest.mark.parametrize(
    ("model_type", "name"),
    [("pca", "estimator.ubj"), ("xgboost", "preparation.skops"), ("svm", "folder/notes.txt")],
)
def test_a_file_that_the_manifest_does_not_list_is_refused(
    model_type: str, name: str, saved: Callable[..., Path]
) -> None:
    folder = saved(model_type)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"more")
    with pytest.raises(ArtifactError, match=r"it has a file that is no part of it\.$"):
        mlcore.load_artifact(folder)


def test_a_file_that_the_manifest_no_longer_lists_is_refused_whether_it_is_there_or_not(
    saved: Callable[..., Path],
) -> None:
    folder = saved("xgboost")
    hashes = read_manifest(folder)["sha256"]
    change_manifest(folder, sha256={name: hashes[name] for name in hashes if name != "stars.json"})
    with pytest.raises(ArtifactError, match=r"no part of it"):
        mlcore.load_artifact(folder)
    (folder / "stars.json").unlink()
    with pytest.raises(ArtifactError, match=r"^The saved model is missing"):
        mlcore.load_artifact(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"^The saved model is missing") as refusal:
        mlcore.load_artifact(tmp_path / "nothing")
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '"text"', f'{{"format": {FORMAT}}}', "\x00"]
)
def test_a_damaged_manifest_is_refused(content: str, saved: Callable[..., Path]) -> None:
    folder = saved("pca")
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest is damaged"):
        mlcore.load_artifact(folder)


@pytest.mark.parametrize("number", [FORMAT + 1, FORMAT - 1, 0, str(FORMAT), None])
def test_another_format_is_refused(number: object, saved: Callable[..., Path]) -> None:
    folder = saved("pca")
    change_manifest(folder, format=number)
    with pytest.raises(ArtifactError) as refusal:
        mlcore.load_artifact(folder)
    assert str(refusal.value) == (
        f"The saved model has format {number}, but this version reads {FORMAT}."
    )


@pytest.mark.parametrize("changed", [{"model_type": "cnn"}, {"missions": ["kepler", "plato"]}])
def test_a_type_or_mission_that_is_not_known_is_refused(
    changed: dict[str, object], saved: Callable[..., Path]
) -> None:
    folder = saved("pca")
    change_manifest(folder, **changed)
    with pytest.raises(ArtifactError, match=r"not known here\.$"):
        mlcore.load_artifact(folder)


@pytest.mark.parametrize("name", ["estimator.skops", "preparation.skops"])
def test_a_type_that_is_not_trusted_is_refused(name: str, saved: Callable[..., Path]) -> None:
    folder = saved("svm")
    put(folder, name, skops.io.dumps(Stranger()))
    with pytest.raises(ArtifactError, match=r"^The saved model holds a type that is not trusted"):
        mlcore.load_artifact(folder)


@pytest.mark.parametrize("name", ["estimator.skops", "preparation.skops"])
def test_a_pickle_is_never_loaded(name: str, saved: Callable[..., Path], tmp_path: Path) -> None:
    folder, sprung = saved("svm"), tmp_path / "sprung"
    put(folder, name, pickle.dumps(Trap(sprung)))
    with pytest.raises(ArtifactError, match=r"of another format\.$"):
        mlcore.load_artifact(folder)
    assert not sprung.exists()
    pickle.loads((folder / name).read_bytes())
    assert sprung.exists()
