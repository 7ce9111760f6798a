"""Small snapshots, and sessions that run at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.middleware.slow_clients import middleware
from mlcore.pretrained import registry
from mlcore.pretrained.verdict_rows import verdict_rows
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.services import ArchiveData
from tests.sessions_app.loaded_once import loaded_once
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlcore.datasets.publication import Publication
    from mlcore.datasets.spec import Dataset
    from mlcore.pretrained.registry import PublishedModel
    from sessions_app.models import DatasetSnapshot, TrainingSession


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
