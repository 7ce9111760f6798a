"""`manage.py benchmark speed` on a server of its own; of its figures none is held to a time."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from exoplanet.environment import BASE_DIR
from mlcore import MODELS
from sessions_app.benchmark import private_server
from sessions_app.benchmark.private_server import ServerError
from sessions_app.benchmark.speed import MEASURED
from tests.waiting import wait_until

FIGURES = ["first answer", "with evidence"]
"""What is measured of each model type."""


def servers(of: psutil.Process) -> list[psutil.Process]:
    """Return the supervisors among the processes below one."""
    found = []
    for child in of.children(recursive=True):
        # One may end while it is looked at.
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.cmdline()[-1:] == ["up"]:
                found.append(child)
    return found


def folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("exoplanet-benchmark-*"))


@pytest.mark.long
@pytest.mark.slow
def test_a_quick_run_measures_one_tree_and_leaves_nothing_behind(served_archive: Path) -> None:
    before, out, others = folders(), io.StringIO(), servers(psutil.Process())
    call_command(
        "benchmark",
        "speed",
        folder=served_archive,
        quick=True,
        json=True,
        stdout=out,
        stderr=io.StringIO(),
    )
    rows = json.loads(out.getvalue())
    assert [row["what"] for row in rows] == [f"{figure}: decision_tree" for figure in FIGURES]
    for row in rows:
        assert list(row) == ["what", "value", "bar", "holds", "unit", "note"]
        assert row["value"] > 0
        assert row["holds"] is (row["value"] <= row["bar"])
        assert row["unit"] == "s"
    # Each is a multiple of what the notebook took, and seconds beside it.
    assert rows[0]["bar"] > 1
    assert rows[1]["bar"] > 2
    assert servers(psutil.Process()) == others
    assert folders() == before


@pytest.mark.long
@pytest.mark.slow
def test_a_benchmark_that_is_told_to_stop_takes_its_server_with_it(tmp_path: Path) -> None:
    own = {
        "EXOPLANET_STATE_DIR": str(tmp_path / "state"),
        "EXOPLANET_MEDIA_ROOT": str(tmp_path / "media"),
    }
    before = folders()
    process = psutil.Popen(
        [sys.executable, "manage.py", "benchmark", "speed", "--quick"],
        cwd=BASE_DIR,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: servers(process))
        family = process.children(recursive=True)
        process.terminate()
        assert process.wait(60) != 0
        wait_until(lambda: not any(member.is_running() for member in family))
        wait_until(lambda: folders() == before)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_everything_that_can_be_trained_is_measured() -> None:
    types = [name for name, entry in MODELS.items() if not entry.searches]
    assert list(MEASURED) == [*types, "random forest of the README", "eight at once"]


def test_a_name_that_is_not_measured_is_refused_with_those_that_are() -> None:
    with pytest.raises(CommandError, match=r"^--only was 'tree', but it must be one of .*, svm, "):
        call_command("benchmark", "speed", only=["tree"])
    with pytest.raises(CommandError, match=r"one of Kepler, default columns, "):
        call_command("benchmark", "science", only=["svm"])


def test_a_server_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        private_server,
        "_manage",
        lambda _command: [sys.executable, "-c", "print('No room.'); raise SystemExit(1)"],
    )
    with (
        pytest.raises(ServerError, match=r"does not start\. It says:\nNo room\."),
        private_server.private_server(tmp_path),
    ):
        pytest.fail("it is not there")
