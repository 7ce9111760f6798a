from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator, ClassifierMixin

import mlcore
from mlcore.artifact import FORMAT, library_versions, read_manifest, training_stars
from mlcore.errors import ArtifactError
from mlcore.explanation import explain_rows
from mlcore.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Trained

    from mlcore.datasets import Table

EVERY_MODEL = pytest.mark.parametrize("model_type", MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", mlcore.DATASETS)
STARS = frozenset({"757450", "10593626"})


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
        classifier = trained(model_type, mission).classifier
        mlcore.save_artifact(classifier, folder, dataset=mission, stars=STARS)
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


@EVERY_MODEL
@EVERY_MISSION
def test_a_loaded_model_predicts_and_explains_bit_for_bit_as_the_saved_one(
    model_type: str,
    mission: str,
    trained: Trained,
    saved: Callable[..., Path],
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    classifier = trained(model_type, mission).classifier
    features = small_tables(mission)[1].features.iloc[:30]
    loaded = mlcore.load_artifact(saved(model_type, mission))
    np.testing.assert_array_equal(
        loaded.predict_proba(features), classifier.predict_proba(features)
    )
    explained = classifier.predict_proba(features).argmax(axis=1)
    first, second = (explain_rows(each, features, explained) for each in (classifier, loaded))
    np.testing.assert_array_equal(first.contributions, second.contributions)
    np.testing.assert_array_equal(first.base, second.base)


@EVERY_MODEL
def test_a_loaded_model_knows_what_the_saved_one_knew(
    model_type: str, trained: Trained, saved: Callable[..., Path]
) -> None:
    classifier = trained(model_type).classifier
    loaded = mlcore.load_artifact(saved(model_type))
    assert loaded.model_type is classifier.model_type
    assert loaded.columns == classifier.columns
    assert loaded.classes == classifier.classes
    assert loaded.seed == classifier.seed == 3
    assert json.dumps(loaded.hyperparameters) == json.dumps(classifier.hyperparameters)
    np.testing.assert_array_equal(loaded.baseline, classifier.baseline)


@EVERY_MODEL
def test_a_model_of_two_classes_comes_back_too(
    model_type: str, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    assert training.labels is not None
    few = {row.name for row in MODELS[model_type].hyperparameters} & {"n_estimators", "max_iter"}
    classifier = mlcore.train(
        model_type,
        training.take((training.labels != "candidate").to_numpy()),
        testing,
        hyperparameters=dict.fromkeys(few, 4),
    ).classifier
    mlcore.save_artifact(classifier, tmp_path / "model", dataset="kepler", stars=STARS)
    loaded = mlcore.load_artifact(tmp_path / "model")
    np.testing.assert_array_equal(
        loaded.predict_proba(testing.features), classifier.predict_proba(testing.features)
    )


@EVERY_MODEL
def test_the_manifest_says_what_the_model_is_and_where_it_is_from(
    model_type: str, trained: Trained, saved: Callable[..., Path]
) -> None:
    folder = saved(model_type)
    manifest = read_manifest(folder)
    classifier = trained(model_type).classifier
    assert manifest["format"] == FORMAT
    assert manifest["dataset"] == "kepler"
    assert manifest["model_type"] == model_type
    assert manifest["columns"] == list(classifier.columns)
    assert manifest["classes"] == ["candidate", "false_positive", "confirmed"]
    assert manifest["versions"] == library_versions()
    assert set(manifest["versions"]) >= {"numpy", "scikit-learn", "xgboost"}
    files = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(manifest["sha256"]) == files
    assert not [name for name in files if "pkl" in name or "pickle" in name]


def test_the_stars_that_a_model_was_trained_on_are_kept(saved: Callable[..., Path]) -> None:
    assert training_stars(saved("xgboost")) == STARS


def test_a_folder_that_is_there_is_never_written_over(
    trained: Trained, saved: Callable[..., Path]
) -> None:
    folder = saved("pca")
    with pytest.raises(FileExistsError):
        mlcore.save_artifact(trained("svm").classifier, folder, dataset="kepler", stars=STARS)
    assert mlcore.load_artifact(folder).model_type is MODELS["pca"]


FILES = [
    ("xgboost", "estimator.ubj"),
    ("xgboost", "stars.json"),
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


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"^The saved model is missing") as refusal:
        mlcore.load_artifact(tmp_path / "nothing")
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"text"', '{"format": 1}', "\x00"])
def test_a_damaged_manifest_is_refused(content: str, saved: Callable[..., Path]) -> None:
    folder = saved("pca")
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest is damaged"):
        mlcore.load_artifact(folder)


@pytest.mark.parametrize("number", [FORMAT + 1, 0, "1", None])
def test_another_format_is_refused(number: object, saved: Callable[..., Path]) -> None:
    folder = saved("pca")
    change_manifest(folder, format=number)
    with pytest.raises(ArtifactError) as refusal:
        mlcore.load_artifact(folder)
    assert str(refusal.value) == (
        f"The saved model has format {number}, but this version reads {FORMAT}."
    )


@pytest.mark.parametrize("changed", [{"model_type": "cnn"}, {"dataset": "plato"}])
def test_a_type_or_mission_that_is_not_known_is_refused(
    changed: dict[str, str], saved: Callable[..., Path]
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
