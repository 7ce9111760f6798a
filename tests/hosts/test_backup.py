"""Backup and restore, by the commands that the documentation gives."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from exoplanet.environment import BASE_DIR
from tests.faults.playground import SHORT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.hosts.hosts import Host
    from tests.hosts.tcp_postgres import TcpPostgres

PAGE = BASE_DIR / "docs" / "deployment" / "backup.md"


def commands(name: str) -> str:
    """Return the block of the page that begins with a comment."""
    blocks = re.findall(r"```sh\n# (.+?)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return dict(blocks)[name]


def run(script: str, host: Host, postgres: TcpPostgres, backup: Path) -> str:
    programs = postgres.programs().folder
    ran = subprocess.run(
        ["bash", "-c", script],
        env=host.environment | {"BACKUP": str(backup), "PATH": f"{programs}:{os.environ['PATH']}"},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_page_has_the_database_before_the_files() -> None:
    order = [line.split()[0] for line in commands("backup").splitlines() if "$BACKUP/" in line]
    assert order == ["pg_dump", "tar", "pg_restore"]


@pytest.mark.long
@pytest.mark.cluster
def test_what_was_saved_is_read_again_from_another_database_and_another_folder(
    make_host: Callable[..., Host], postgres: TcpPostgres, tmp_path: Path
) -> None:
    first = make_host("first", database=postgres.make("saved"), media=tmp_path / "media")
    first.load_small_table()
    first.start()
    session_id = first.train(SHORT)
    result = first.result(session_id)
    predictions = first.predictions(session_id)
    # While it runs.
    run(commands("backup"), first, postgres, tmp_path / "backup")
    first.stop()

    second = make_host("second", database=postgres.make("restored"), media=tmp_path / "new media")
    said = run(commands("restore"), second, postgres, tmp_path / "backup")
    assert "missing" not in said, said
    second.start()
    # The cookie that says whose session it is counts here too: the key is the same.
    second._wire.cookies.update(first._wire.cookies)
    assert second.result(session_id) == result
    assert second.predictions(session_id) == predictions
    # The model is there, and predicts.
    form = {"data_source": "nasa", "mission": "kepler", "model": session_id}
    answer = second.post("/api/v1/prediction-sessions", json=form)
    assert answer.status == 202, answer.body
    assert second.await_end(answer.body["id"]) == "completed"
