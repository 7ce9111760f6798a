"""What the growth benchmark does: it runs a session of each kind, copies them, and measures.

Nothing else runs meanwhile: the server is stopped before, so that no worker takes up what is marked
as waiting, and what a request takes of Postgres is what its one connection takes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlcore.progress import silent
from sessions_app.benchmark.client import Client, Training
from sessions_app.benchmark.deleted import Deleted
from sessions_app.benchmark.growth_rows import GrowthRow, deleted
from sessions_app.benchmark.private_server import private_folder

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.progress import ProgressCallback

__all__ = ["SESSIONS", "run_growth"]

SESSIONS = 100_000
"""What a year of use leaves, with its two million progress rows."""
_TIMES = 3
"""How often each is asked; the least counts."""
_MEASURE = """
from sessions_app.benchmark.grown import print_measured
print_measured({sessions}, {times})
"""
_DELETE = """
from sessions_app.benchmark.deleted import print_deleted
print_deleted()
"""


def run_growth(
    archive: Path | None,
    *,
    sessions: int = SESSIONS,
    quick: bool = False,
    progress: ProgressCallback = silent,
) -> list[GrowthRow]:
    """Fill a database of its own, measure what everything takes, and remove it.

    Parameters
    ----------
    archive
        A folder with the archive's tables; see `private_folder`.
    sessions
        How many there are in the end.
    quick
        Everything is asked once, after a first time that does not count.
    progress
        Called with what is done before the measuring, which tells of itself as errors.

    Raises
    ------
    ServerError
        When the server does not start, a session ends without a result, or a page is not answered.
    """
    with private_folder(archive) as server:
        progress(0.0, "starting a server")
        with server.running():
            client = Client(server.url)
            progress(0.0, "running a session of each kind")
            trained = client.first_answer(Training(model_type="decision_tree"))
            # What is written on demand is a file of each copy, too.
            client.download(trained.session_id)
            client.prediction()
            client.analysis(trained.session_id)
            client.wait_until_idle()
        measured = server.ran(
            _MEASURE.format(sessions=sessions, times=1 if quick else _TIMES), watched=True
        )
        progress(1.0, "deleting what expires, in a process of its own")
        gone = Deleted(**json.loads(server.ran(_DELETE)))
    return [*map(GrowthRow.from_json, json.loads(measured)), *deleted(gone)]
