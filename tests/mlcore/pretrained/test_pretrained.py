"""The models that the project carries: whole, small, and as good as their cards say."""

from __future__ import annotations

import hashlib
import math
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import mlcore
from mlcore.datasets import of_candidates
from mlcore.datasets.missions.kepler import DR25
from mlcore.datasets.snapshot import read_snapshot, read_whole_snapshot, write_snapshot
from mlcore.datasets.splits import split_by_star
from mlcore.errors import ArtifactError
from mlcore.features.feature_sets import FeatureSet
from mlcore.metrics import METRICS
from mlcore.persistence.manifest import read_manifest
from mlcore.pretrained import (
    PUBLISHED,
    card,
    carried_names,
    load_published,
    sources_in_folder,
    train_published,
    unpack,
)
from mlcore.pretrained.load import MODELS_FOLDER, differences
from mlcore.pretrained.packaging import pack
from mlcore.tasks import DISPOSITION, VETTING
from mlcore.training.fine_tune import figures_of_model, fine_tune

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.pretrained import Source

EVERY = pytest.mark.parametrize("name", PUBLISHED)
KEPLER_ALONE = [name for name, model in PUBLISHED.items() if model.missions == ("kepler",)]


@pytest.fixture(scope="module")
def sources(archive_dir: Path) -> Callable[[str], dict[str, Source]]:
    return lambda name: sources_in_folder(PUBLISHED[name], archive_dir)


@pytest.fixture(scope="module")
def dr25() -> Table:
    return mlcore.read_table(DR25.path, mlcore.DATASETS["kepler"], require_labels=True)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def measurements(content: dict[str, Any]) -> list[dict[str, Any]]:
    probed = [probe["measurement"] for probe in content["probes"]["probes"]]
    return [*content["figures"], *(measured for measured in probed if measured is not None)]


# What is carried


def test_every_declared_model_is_carried_and_nothing_else() -> None:
    assert carried_names() == tuple(PUBLISHED)
    assert {path.name for path in MODELS_FOLDER.iterdir()} == set(PUBLISHED)
    for name in PUBLISHED:
        assert {path.name for path in (MODELS_FOLDER / name).iterdir()} == {
            "card.json",
            "model.zip",
        }


def test_every_mission_has_a_model_for_each_task_on_its_default_columns() -> None:
    for mission in of_candidates():
        for task in (VETTING, DISPOSITION):
            model = PUBLISHED[f"{mission}-{task.name}"]
            assert (model.missions, model.task) == ((mission,), task)
            assert model.feature_set is FeatureSet.DEFAULT


def test_all_together_they_are_smaller_than_six_megabytes() -> None:
    files = [path for path in MODELS_FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 6_000_000


@EVERY
def test_a_carried_model_is_the_one_that_its_card_describes(name: str, tmp_path: Path) -> None:
    unpack(name, tmp_path / "model")
    artifact = tmp_path / "model" / "artifact"
    model_card = card(name)
    assert model_card["artifact"]["sha256"] == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in artifact.iterdir()
    }
    manifest = read_manifest(artifact)
    assert model_card["artifact"]["format"] == manifest["format"]
    assert model_card["columns"] == manifest["columns"]
    assert model_card["versions"] == manifest["versions"]
    assert model_card["model"]["hyperparameters"] == manifest["hyperparameters"]


@EVERY
def test_a_card_says_what_was_declared(name: str) -> None:
    model_card, declared = card(name), PUBLISHED[name]
    assert (model_card["name"], model_card["title"]) == (name, declared.title)
    assert model_card["task"]["name"] == declared.task.name
    assert model_card["missions"] == list(declared.missions)
    assert model_card["feature_set"]["name"] == declared.feature_set
    assert model_card["intended_use"] == declared.intended_use
    assert model_card["limits"] == list(declared.limits)
    assert model_card["model"]["hyperparameters"].items() >= dict(declared.hyperparameters).items()


@EVERY
def test_every_figure_of_a_card_names_its_rows_its_split_and_its_interval(name: str) -> None:
    evaluations = measurements(card(name))
    assert [entry["rows_of"] for entry in card(name)["figures"][:2]] == [
        "fixed_split",
        "cross_validated",
    ]
    for measured in evaluations:
        assert measured["rows"] > 0
        assert measured["stars"] > 0
        assert measured["split"]
        assert measured["interval"].startswith("95 %")
        assert {entry["name"] for entry in measured["figures"]} == set(METRICS)
        for figure in measured["figures"]:
            assert (figure["rows"], figure["split"]) == (measured["rows"], measured["split"])
            if figure["value"] is None or figure["low"] is None:
                assert figure["note"]
            else:
                assert figure["low"] <= figure["high"]


@EVERY
def test_a_card_says_where_the_data_are_from_and_how_much_was_learnt_from(name: str) -> None:
    doc = card(name)
    assert [source["mission"] for source in doc["data"]] == list(PUBLISHED[name].missions)
    for source in doc["data"]:
        assert len(source["sha256"]) == 64
        for part in ("trained_on", "tested_on"):
            assert sum(source[part]["labels"].values()) == source[part]["rows"]
            assert 0 < source[part]["stars"] <= source[part]["rows"]
        share = source["tested_on"]["stars"] / (
            source["tested_on"]["stars"] + source["trained_on"]["stars"]
        )
        assert 0.17 < share < 0.23
    assert doc["model"]["train_rows"] == sum(source["trained_on"]["rows"] for source in doc["data"])
    assert doc["figures"][0]["rows"] == sum(source["tested_on"]["rows"] for source in doc["data"])


def test_the_card_of_k2_warns_of_the_missing_values() -> None:
    model_card = card("k2-vetting")
    assert any("Missing values alone" in warning for warning in model_card["warnings"])
    assert model_card["warnings"] == model_card["probes"]["warnings"]


def test_the_joint_models_card_has_figures_for_each_mission() -> None:
    figures = card("joint-vetting")["figures"]
    alone = [measured for measured in figures if "mission" in measured]
    assert [measured["mission"] for measured in alone] == list(of_candidates())
    assert sum(measured["rows"] for measured in alone) == figures[0]["rows"]


# Using it


@EVERY
def test_a_carried_model_loads_and_knows_what_it_serves(name: str) -> None:
    model, declared = load_published(name), PUBLISHED[name]
    assert model.task == declared.task
    assert model.missions == declared.missions
    assert model.classifier.calibration is not None
    assert model.conformal is not None
    for mission in declared.missions:
        model.check_serves(mlcore.DATASETS[mission])


@pytest.mark.parametrize("name", [*KEPLER_ALONE, "joint-vetting"])
def test_it_predicts_rows_of_the_carried_table(name: str, dr25: Table) -> None:
    rows = dr25.take(np.arange(40))
    predictions = mlcore.predict(load_published(name), rows, reference=dr25)
    assert len(predictions) == 40
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1.0)
    task = PUBLISHED[name].task
    right = [
        (label == actual)
        for label, actual in zip(predictions.labels, predictions.actual, strict=True)
        if actual in {str(kind) for kind in task.classes}
    ]
    assert np.mean(right) > 0.7


def test_a_carried_model_can_be_fine_tuned(dr25: Table) -> None:
    model = load_published("kepler-vetting")
    tuned = fine_tune(model, dr25.take(np.arange(300)), reference=dr25).model
    before = model.classifier.estimator.get_booster().num_boosted_rounds()
    assert tuned.classifier.estimator.get_booster().num_boosted_rounds() == before + 100


def test_a_model_that_is_not_carried_is_refused_with_the_names_of_those_that_are() -> None:
    with pytest.raises(ArtifactError, match=r"^No model plato-vetting is carried; there are kep"):
        load_published("plato-vetting")
    with pytest.raises(ArtifactError, match=r"^No model \.\. is carried"):
        card("..")


# What it was trained on and how good it is


@pytest.mark.sampled("k2-disposition", "tess-vetting")
@EVERY
def test_the_figures_on_the_test_rows_are_those_of_the_card(
    name: str, sources: Callable[[str], dict[str, Source]]
) -> None:
    by_mission = sources(name)
    model_card = card(name)
    assert [(entry["sha256"], entry["dated"]) for entry in model_card["data"]] == [
        (source.sha256, source.dated and source.dated.isoformat()) for source in by_mission.values()
    ]
    model = load_published(name)
    figures = {entry["mission"]: entry for entry in model_card["figures"] if "mission" in entry}
    for mission, source in by_mission.items():
        expected = figures.get(mission, model_card["figures"][0])
        measured = figures_of_model(
            model,
            source.testing,
            reference=source.table,
            split=expected["split"],
            seed=PUBLISHED[name].seed,
        ).as_json()
        assert (measured["rows"], measured["stars"]) == (expected["rows"], expected["stars"])
        for ours, theirs in zip(measured["figures"], expected["figures"], strict=True):
            assert (ours["name"], ours["of"]) == (theirs["name"], theirs["of"])
            for part in ("value", "low", "high"):
                if theirs[part] is None:
                    assert ours[part] is None
                else:
                    assert math.isclose(ours[part], theirs[part], abs_tol=1e-6), ours["name"]


@pytest.mark.sampled("k2-disposition", "tess-vetting")
@pytest.mark.parametrize("name", [name for name in PUBLISHED if len(PUBLISHED[name].missions) == 1])
def test_no_test_star_was_trained_on(
    name: str, sources: Callable[[str], dict[str, Source]]
) -> None:
    (source,) = sources(name).values()
    model = load_published(name)
    learnt = source.training
    assert learnt.labels is not None
    assert model.stars == set(learnt.hosts[PUBLISHED[name].task.decided(learnt.labels)])
    assert not model.stars & set(source.testing.hosts)


@pytest.mark.long
def test_the_joint_model_learnt_from_each_missions_training_stars(
    sources: Callable[[str], dict[str, Source]],
) -> None:
    expected: set[str] = set()
    for source in sources("joint-vetting").values():
        learnt = source.training
        assert learnt.labels is not None
        expected |= set(learnt.hosts[VETTING.decided(learnt.labels)])
        assert not set(learnt.hosts) & set(source.testing.hosts)
    assert load_published("joint-vetting").stars == expected


@pytest.mark.long
def test_the_wide_model_learnt_only_from_what_the_last_run_treated(
    sources: Callable[[str], dict[str, Source]],
) -> None:
    source = sources("kepler-wide-vetting")["kepler"]
    assert source.usable is not None
    assert int((~source.usable).sum()) == 800
    (data,) = card("kepler-wide-vetting")["data"]
    assert (data["rows"], data["usable_rows"]) == (9564, 8764)
    assert data["trained_on"]["rows"] + data["tested_on"]["rows"] == 6785


def test_the_sides_of_the_split_are_those_of_a_snapshot(
    sources: Callable[[str], dict[str, Source]], tmp_path: Path
) -> None:
    source = sources("k2-vetting")["k2"]
    write_snapshot(source.table, tmp_path / "snapshot")
    training, testing = read_snapshot(tmp_path / "snapshot", mlcore.DATASETS["k2"])
    assert list(training.names) == list(source.training.names)
    assert list(testing.names) == list(source.testing.names)
    whole, tested = read_whole_snapshot(tmp_path / "snapshot", mlcore.DATASETS["k2"])
    assert list(whole.names) == list(source.table.names)
    np.testing.assert_array_equal(tested, source.tested)


@pytest.mark.long
def test_training_twice_on_one_machine_gives_the_same_bytes(
    sources: Callable[[str], dict[str, Source]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What makes runs differ shows in few trees on some of the stars too.
    few = replace(
        PUBLISHED["k2-vetting"],
        hyperparameters={**PUBLISHED["k2-vetting"].hyperparameters, "n_estimators": 40},
    )
    monkeypatch.setattr("mlcore.pretrained.train.PUBLISHED", {"k2-vetting": few})
    source = sources("k2-vetting")["k2"]
    rows = split_by_star(source.table.hosts, source.table.labels, test_fraction=0.5, salt="some")
    some = {"k2": replace(source, table=source.table.take(rows), tested=source.tested[rows])}
    for threads, name in enumerate(("first", "again"), start=1):
        with threadpool_limits(threads):  # two as in a process that nobody has told to use one
            train_published("k2-vetting", some, tmp_path / name / "model")
        pack(tmp_path / name / "model", tmp_path / name / "packed")
    assert len(bytes_of(tmp_path / "first")) == 12
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "again")


@pytest.mark.long
# The command's own test does the same with the cheapest, k2-vetting, in the ordinary suite.
@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "k2-vetting"])
def test_training_again_gives_what_is_carried(
    name: str, sources: Callable[[str], dict[str, Source]], tmp_path: Path
) -> None:
    train_published(name, sources(name), tmp_path / "again")
    assert differences(name, tmp_path / "again") == []


# Damage


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_damaged_archive_is_refused(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(MODELS_FOLDER / "k2-vetting", tmp_path / "k2-vetting")
    archive = tmp_path / "k2-vetting" / "model.zip"
    archive.write_bytes(archive.read_bytes()[:size])
    monkeypatch.setattr("mlcore.pretrained.load.MODELS_FOLDER", tmp_path)
    with pytest.raises(ArtifactError, match=r"^The carried model is missing or damaged"):
        unpack("k2-vetting", tmp_path / "unpacked")
