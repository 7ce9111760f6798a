"""What the speed benchmark measures, one thing after the other, on a server that does nothing else.

A line's figure and its bar are measured in turn, so that a machine that grows busier meanwhile
slows both.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore import DATASETS, MODELS
from mlcore.benchmark.notebook import Notebook, run_notebook, write_table
from mlcore.benchmark.speed import (
    AT_ONCE,
    README_FOREST,
    at_once,
    first_answer,
    readme_forest,
    with_evidence,
)
from mlcore.progress import silent
from sessions_app.benchmark.client import Client, Training
from sessions_app.benchmark.private_server import ServerError, private_server

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mlcore.benchmark.notebook import NotebookRun
    from mlcore.benchmark.speed import SpeedRow
    from mlcore.progress import ProgressCallback
    from sessions_app.benchmark.client import Answered, Facts
    from sessions_app.benchmark.private_server import PrivateServer

__all__ = ["MEASURED", "QUICK", "run_speed"]

_RUNS = 3
"""How often each time is taken; the median counts."""
_SESSIONS = 8
"""How many are started at once."""
_LIGHTEST = "decision_tree"
"""Of the lightest model the project's own share is the largest."""

QUICK = (_LIGHTEST,)
"""What is measured once to show that everything works."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bench:
    """Where is measured, and how often."""

    server: PrivateServer
    client: Client
    table: Path
    """What the notebooks read."""
    runs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compared:
    """Sessions and notebooks that did the same."""

    sessions: list[Answered]
    notebooks: list[NotebookRun]
    facts: Facts


def _model_type(bench: _Bench, *, name: str) -> list[SpeedRow]:
    found = _compare(bench, Training(model_type=name))
    taken = bench.server.processor_seconds([session.session_id for session in found.sessions])
    seconds = [session.seconds for session in found.sessions]
    return [
        first_answer(name, seconds, found.notebooks, accuracy=found.facts.accuracy),
        with_evidence(name, list(taken.values()), found.notebooks),
    ]


def _readme_forest(bench: _Bench) -> list[SpeedRow]:
    training = Training(model_type="random_forest", hyperparameters={"n_estimators": 80})
    found = _compare(bench, training)
    seconds = [session.seconds for session in found.sessions]
    return [readme_forest(seconds, found.notebooks, accuracy=found.facts.accuracy)]


def _at_once(bench: _Bench) -> list[SpeedRow]:
    training = Training(model_type=_LIGHTEST)
    _warm(bench, training)
    alone = []
    for _ in range(_SESSIONS):
        alone.append(bench.client.first_answer(training).seconds)
        bench.client.wait_until_idle()
    together = bench.client.first_answers(training, _SESSIONS)
    bench.client.wait_until_idle()
    return [at_once(together, alone, model_type=_LIGHTEST)]


MEASURED: Mapping[str, Callable[[_Bench], list[SpeedRow]]] = {
    **{
        name: partial(_model_type, name=name)
        for name, entry in MODELS.items()
        if not entry.searches
    },
    README_FOREST: _readme_forest,
    AT_ONCE: _at_once,
}
"""What is measured, by what it is called while it runs."""


def run_speed(
    archive: Path | None,
    *,
    only: Collection[str] | None = None,
    quick: bool = False,
    progress: ProgressCallback = silent,
) -> list[SpeedRow]:
    """Start a server, measure it and stop it.

    Parameters
    ----------
    archive
        A folder with the archive's tables; see `private_server`.
    only
        Names in `MEASURED`; everything by default, `QUICK` where it is to be quick.
    quick
        Each time is taken once, with no session before it that warms the server.
    progress
        Called with the fraction of what is measured and the name of the current one, or a line
        that is there.

    Raises
    ------
    ServerError
        When the server does not start, or a session ends without a result.
    """
    names = only or (QUICK if quick else MEASURED)
    wanted = [name for name in MEASURED if name in names]
    rows: list[SpeedRow] = []
    progress(0.0, "starting a server")
    with (
        tempfile.TemporaryDirectory(prefix="exoplanet-notebook-") as folder,
        private_server(archive) as server,
    ):
        snapshots = [*(server.media / "datasets").glob("kepler-*.parquet")]
        if len(snapshots) != 1:
            raise ServerError("The benchmark's own server has not loaded the Kepler table.")
        table = Path(folder) / "table.parquet"
        write_table(snapshots[0], DATASETS["kepler"], table)
        bench = _Bench(
            server=server,
            client=Client(server.url),
            table=table,
            runs=1 if quick else _RUNS,
        )
        for place, name in enumerate(wanted):
            progress(place / len(wanted), name)
            found = MEASURED[name](bench)
            for row in found:
                progress((place + 1) / len(wanted), row.as_text())
            rows += found
    progress(1.0, "measured everything")
    return rows


def _compare(bench: _Bench, training: Training) -> _Compared:
    """Run sessions and notebooks in turn, each while nothing else runs."""
    _warm(bench, training)
    sessions: list[Answered] = []
    notebooks: list[NotebookRun] = []
    for _ in range(bench.runs):
        sessions.append(bench.client.first_answer(training))
        bench.client.wait_until_idle()
        facts = bench.client.facts(sessions[-1].session_id)
        notebook = Notebook(
            table=str(bench.table),
            model_type=training.model_type,
            hyperparameters=facts.hyperparameters,
            columns=facts.columns,
        )
        notebooks.append(run_notebook(notebook))
        rows = (notebooks[-1].train_rows, notebooks[-1].test_rows)
        if rows != (facts.train_rows, facts.test_rows):
            raise ServerError(
                f"The session had {facts.train_rows} rows to learn from and {facts.test_rows} to"
                f" test on, but the notebook {rows[0]} and {rows[1]}: they cannot be compared."
            )
    return _Compared(sessions=sessions, notebooks=notebooks, facts=facts)


def _warm(bench: _Bench, training: Training) -> None:
    """Run a session whose time does not count: the first one loads what others then have."""
    if bench.runs > 1:
        bench.client.first_answer(training)
        bench.client.wait_until_idle()
