from __future__ import annotations

import os
import subprocess
import sys
import time
from multiprocessing import Pipe
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from exoplanet.environment import BASE_DIR
from mlcore.automl.exchange import Order, read_model, read_outputs
from mlcore.automl.process import Answer, FittingProcess
from mlcore.tasks import VETTING
from tests.mlcore.hand_made import COLUMNS, deep_is_false, rows

if TYPE_CHECKING:
    from pathlib import Path

SOON = 120.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    features = rows(60)
    Order(
        columns=COLUMNS,
        labels=tuple(deep_is_false(features)),
        hosts=tuple(f"star {place}" for place in range(60)),
        fold=np.arange(60) % 3,
        task=VETTING,
        seed=1,
    ).write(tmp_path, features.to_numpy())
    return tmp_path


def fitting_processes() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "mlcore.automl.worker" in child.cmdline()
    ]


@pytest.mark.long
def test_what_was_fitted_is_handed_over(folder: Path) -> None:
    with FittingProcess(folder, lambda: None) as process:
        until = time.monotonic() + SOON
        assert process.fit(4, "decision_tree", {"max_depth": 3}, 1, until) == Answer()
        assert process.fit(4, "decision_tree", {"max_depth": 3}, None, until) == Answer()
        assert len(fitting_processes()) == 1
    assert fitting_processes() == []
    outputs = read_outputs(folder, 4, 1)
    assert outputs.shape == (20, 2)
    model = read_model(folder, 4)
    assert model.model_type.name == "decision_tree"
    assert model.hyperparameters["max_depth"] == 3
    assert model.task == VETTING
    held_out = rows(60).iloc[1::3]
    assert (
        model.predict_proba(held_out).argmax(axis=1) == [1, 2][0] + outputs.argmax(axis=1)
    ).mean() > 0.9


@pytest.mark.long
def test_hyperparameters_that_are_not_allowed_are_a_failure_in_words(folder: Path) -> None:
    with FittingProcess(folder, lambda: None) as process:
        answer = process.fit(1, "decision_tree", {"max_depth": 0}, 0, time.monotonic() + SOON)
        assert answer == Answer(
            failed="max_depth was 0, but it must be a whole number from 1 to 100."
        )
        # The process is not worse for it.
        assert process.fit(2, "decision_tree", {}, 0, time.monotonic() + SOON) == Answer()


def test_a_process_that_dies_is_a_failure_and_the_next_fit_gets_a_new_one(folder: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        for child in fitting_processes() if not killed else []:
            child.kill()
            killed.append(child.pid)

    with FittingProcess(folder, kill) as process:
        answer = process.fit(1, "decision_tree", {}, 0, time.monotonic() + SOON)
        assert len(killed) == 1
        assert answer == Answer(
            failed="The process that fitted it ended before it was done; most often memory has"
            " run out.",
            crashed=True,
        )
        assert process.fit(2, "decision_tree", {}, 0, time.monotonic() + SOON) == Answer()


def test_a_fit_is_ended_when_its_time_is_over(folder: Path) -> None:
    with FittingProcess(folder, lambda: None) as process:
        began = time.monotonic()
        # It is not even up by then.
        assert process.fit(1, "decision_tree", {}, 0, began + 0.3) == Answer(late=True)
        assert time.monotonic() - began < 1.0
        assert fitting_processes() == []


@pytest.mark.long
def test_a_process_whose_search_is_gone_ends_by_itself(folder: Path) -> None:
    ours, theirs = Pipe()
    channel = theirs.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlcore.automl.worker", str(folder), str(channel)],
        pass_fds=[channel],
    )
    theirs.close()
    ours.close()
    assert process.wait(timeout=60) == 0


UNGUARDED = """
import sys
from pathlib import Path
import time
from mlcore.automl.process import FittingProcess

with FittingProcess(Path(sys.argv[1]), lambda: None) as process:
    print(process.fit(1, "decision_tree", {}, 0, time.monotonic() + 120))
"""


@pytest.mark.long
def test_a_script_without_a_guard_is_not_run_a_second_time(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    ran = subprocess.run(
        [sys.executable, str(script), str(folder)],
        env=os.environ | {"PYTHONPATH": str(BASE_DIR)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == f"{Answer()}\n"
