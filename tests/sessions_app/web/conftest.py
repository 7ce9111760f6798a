"""A real browser and what it must never meet, and results that pages show."""

from __future__ import annotations

import shutil
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.jobs.messages import ARTIFACT, RESULTS
from mlcore.jobs.run import train_job
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession
from tests.sessions_app.real_rows import HEADER
from tests.sessions_app.web.pages import with_score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.served import Served

OWN_ADDRESSES = ("http://localhost:", "http://127.0.0.1:", "data:", "blob:")


@pytest.fixture(scope="session")
def base_url(served: Served) -> str:
    """Return what an address without a host means; in place of a fixture that pytest deprecates."""
    return served.url


@pytest.fixture
def quiet(page: Page) -> Iterator[list[str]]:
    """Fail on an error that the page reports and on a request that leaves this machine."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(OWN_ADDRESSES)
            else complaints.append(f"asked for {request.url}")
        ),
    )
    yield complaints
    assert complaints == []


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
