"""Small snapshots, sessions that run at once, and completed ones with real results."""

from __future__ import annotations

import shutil
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from exoplanet.middleware.slow_clients import middleware
from mlcore.datasets import DATASETS
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES, MEASURED_SIGNALS
from mlcore.datasets.name_keys import object_key, star_key
from mlcore.jobs.messages import ARTIFACT, RESULTS
from mlcore.jobs.run import train_job
from mlcore.pretrained import registry
from mlcore.pretrained.verdict_rows import verdict_rows
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import ObjectVerdict, TrainingSession
from sessions_app.selectors import at_once
from sessions_app.selectors.dataset_rows import rows_of
from sessions_app.services import ArchiveData
from tests.mlcore.lightcurves.bundles.made_files import labelled
from tests.sessions_app.loaded_once import loaded_once
from tests.sessions_app.real_rows import HEADER, kepler_file
from tests.sessions_app.web.pages import with_score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlcore.datasets.publication import Publication
    from mlcore.datasets.spec import Dataset
    from mlcore.pretrained.registry import PublishedModel
    from sessions_app.models import DatasetSnapshot


@pytest.fixture
def kept(media: Path) -> Callable[[], list[str]]:
    """Name every file in the media folder but what was computed of tables, which has no owner."""
    return lambda: sorted(
        str(path.relative_to(media))
        for path in media.rglob("*")
        if path.is_file() and path.parent != media / "computed"
    )


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever asks the archive find nobody, with or without a network."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")


@pytest.fixture(scope="session")
def loaded() -> dict[str, Any]:
    """Keep what loading the small table wrote: the same for every test."""
    return {}


@pytest.fixture
def kepler(media: Path, tmp_path: Path, loaded: dict[str, Any]) -> DatasetSnapshot:
    """A small current snapshot of real rows."""

    def load() -> DatasetSnapshot:
        file = kepler_file(tmp_path / "cumulative.csv")
        return services.load_dataset("kepler", file=file, folder=None)[0]

    return loaded_once(loaded, media, load)


@pytest.fixture
def spoken_of(kepler: DatasetSnapshot) -> TrainingSession:
    """Return the carried model for Kepler, with a verdict on each object of the small snapshot."""
    model = services.install("kepler-vetting")
    assert model is not None
    dataset = DATASETS["kepler"]
    ObjectVerdict.objects.filter(session=model).delete()
    rows = rows_of(kepler, columns=[], page_size=1000).rows
    ObjectVerdict.objects.bulk_create(
        ObjectVerdict(
            session=model,
            mission="kepler",
            number=row.number,
            name=row.name,
            host=row.host,
            object_key=object_key(row.name, dataset),
            star_key=star_key(row.host, dataset),
            disposition=row.disposition,
            probabilities=[1 - row.number % 100 / 100, row.number % 100 / 100],
            possible=["confirmed"] if row.number % 100 > 50 else ["false_positive"],
            fold=1,
        )
        for row in rows
    )
    return model


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the models that missions publish have few trees, where one is trained again."""
    declared = registry._of_mission

    def small(dataset: Dataset, publication: Publication) -> PublishedModel:
        model = declared(dataset, publication)
        return replace(model, hyperparameters={**model.hyperparameters, "n_estimators": 15})

    monkeypatch.setattr(registry, "_of_mission", small)


@pytest.fixture(autouse=True)
def few_verdicts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each published model bring a hundred of its verdicts, but where they are what is tested.

    All of them are 66,000 rows, which most tests would write for nothing.
    """
    if not request.node.path.stem.endswith("test_verdicts"):
        monkeypatch.setattr(
            "sessions_app.services.publishing.verdict_rows", lambda saved: verdict_rows(saved)[:100]
        )


@pytest.fixture(autouse=True, scope="module")
def no_question_is_left() -> Iterator[None]:
    """End the process that answers questions about objects: the next tests count processes."""
    yield
    at_once.close()


@pytest.fixture(autouse=True)
def nobody_reads_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer that an earlier test did not read to its end hold a place of a reader's.

    A server closes what it sends; a test's client does not.
    """
    monkeypatch.setattr(middleware._ANSWERS, "_taken", set())


@pytest.fixture(scope="session")
def jobs() -> Iterator[None]:
    """End the process that jobs are forked from when the last test is done."""
    yield
    worker.close()


@pytest.fixture
def published(kepler: DatasetSnapshot, jobs: None) -> TrainingSession:
    """A small published model of the small snapshot."""
    session = services.start_training(
        model_type="xgboost",
        hyperparameters={"n_estimators": 20},
        data=ArchiveData(mission="kepler"),
    )
    worker.execute(session.pk)
    session.refresh_from_db()
    services.publish(session)
    return session


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """Return a function that trains once for each kind of result and returns what the job did."""
    kept: dict[str, dict[str, Any]] = {}
    folder = tmp_path_factory.mktemp("pages")
    for name, rows in (("training", 400), ("testing", 200)):
        frame = with_score(name, rows)
        (folder / name).write_text(HEADER + frame.to_csv(index=False), encoding="utf-8")

    def run(kind: str) -> dict[str, Any]:
        if kind not in kept:
            to = folder / kind
            to.mkdir()
            argument = {
                "dataset": "kepler",
                "model_type": "decision_tree",
                "hyperparameters": {"max_depth": 4},
                "seed": 1,
                "folder": str(to),
                "task": "disposition" if kind == "three classes" else "vetting",
                "feature_set": "measured",
                "label_derived": ["koi_score"] if kind == "marked" else [],
                "protocols": ["cross_validated"],
                "training_file": str(folder / "training"),
                "testing_file": str(folder / "testing"),
            }
            result = train_job(argument, lambda _: None)
            kept[kind] = {"result": result, "objects": to / RESULTS, "artifact": to / ARTIFACT}
        return deepcopy(kept[kind])

    return run


@pytest.fixture
def completed(media: Path, done: Callable[[str], dict[str, Any]]) -> Callable[..., TrainingSession]:
    """Return a function that writes a completed session with a real result."""

    def make(kind: str = "vetting", owner_key: str = "", **changes: Any) -> TrainingSession:
        output = done(kind)
        result = output["result"]
        result["report"] |= changes
        session = TrainingSession.objects.create(
            kind="training",
            status=Status.COMPLETED,
            mission="kepler",
            data_source="user",
            model_type="decision_tree",
            hyperparameters={"max_depth": 4},
            feature_set="measured",
            owner_key=owner_key,
            **{name: result[name] for name in ("metrics", "report", "model", "warnings")},
            task=result["model"]["task"],
        )
        shutil.copytree(output["objects"], storage.results_folder(session.pk))
        return session

    return make


@pytest.fixture(scope="session")
def vetted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a job did that was trained on signals of light curves and tested on others."""
    folder = tmp_path_factory.mktemp("signals")
    (folder / "results").mkdir()
    rows = pd.read_parquet(MEASURED_SIGNALS.path)
    rows.iloc[:300].to_csv(folder / "training", index=False)
    rows.iloc[300:340].to_csv(folder / "testing", index=False)
    argument = {
        "dataset": LIGHT_CURVES.name,
        "model_type": "decision_tree",
        "hyperparameters": {"max_depth": 3},
        "seed": 1,
        "folder": str(folder / "results"),
        "task": "triage",
        "feature_set": "measured",
        "training_file": str(folder / "training"),
        "testing_file": str(folder / "testing"),
    }
    result = train_job(argument, lambda _: None)
    return {"result": result, "objects": folder / "results" / RESULTS}


@pytest.fixture
def signals(media: Path, vetted: dict[str, Any]) -> TrainingSession:
    """Return a completed session of 40 signals, whose light curves are still to be kept."""
    result = deepcopy(vetted["result"])
    session = TrainingSession.objects.create(
        kind="training",
        status=Status.COMPLETED,
        mission=LIGHT_CURVES.name,
        data_source="user",
        model_type="decision_tree",
        feature_set="measured",
        task="triage",
        **{name: result[name] for name in ("metrics", "report", "model", "warnings")},
    )
    shutil.copytree(vetted["objects"], storage.results_folder(session.pk))
    return session


@pytest.fixture(scope="session")
def learnt_from_curves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the result of a job that was trained on a few light curves."""
    folder = tmp_path_factory.mktemp("curves")
    (folder / "job").mkdir()
    argument = {
        "dataset": LIGHT_CURVES.name,
        "model_type": "random_forest",
        "hyperparameters": {"n_estimators": 50},
        "seed": 1,
        "folder": str(folder / "job"),
        "task": "triage",
        "feature_set": "measured",
        "training_file": str(labelled(folder / "training", range(12))),
        "testing_file": str(labelled(folder / "testing", range(20, 23))),
        "names": {"training": "training.zip", "testing": "testing.zip"},
        "evidence": False,
    }
    return folder / "job", train_job(argument, lambda _: None)


@pytest.fixture
def judge(media: Path, learnt_from_curves: tuple[Path, dict[str, Any]]) -> TrainingSession:
    """Return a small published model of signals of light curves."""
    folder, result = learnt_from_curves
    session = TrainingSession.objects.create(
        kind="training",
        status=Status.COMPLETED,
        mission=LIGHT_CURVES.name,
        data_source="user",
        model_type="random_forest",
        feature_set="measured",
        task="triage",
        **deepcopy({name: result[name] for name in ("metrics", "report", "model", "warnings")}),
    )
    shutil.copytree(folder / RESULTS, storage.results_folder(session.pk))
    shutil.copytree(folder / ARTIFACT, storage.artifact_folder(session.pk))
    services.publish(session)
    return session
