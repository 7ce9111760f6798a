"""The explanation of all test rows against the fit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from mlcore._one_thread import ONE_THREAD
from tests.benchmarks.measured import Measured

__all__ = ["measure_explanations"]

_TIMED = """
import json, sys, time
from pathlib import Path
import mlcore
from mlcore.datasets.snapshot import read_snapshot

training, testing = read_snapshot(Path(sys.argv[1]), mlcore.DATASETS["kepler"])
for name in sys.argv[3].split(","):
    # The first explanation of a process loads compiled code, which others then have.
    mlcore.train(name, training, testing.take(range(5)), evidence=False)
    for _ in range(int(sys.argv[2])):
        began = {}
        def note(done, step):
            began.setdefault(step.split(":")[0], time.process_time())
        mlcore.train(name, training, testing, evidence=False, progress=note)
        explaining = began["Judging each object"] - began["Explaining each object"]
        fitting = began["Calibrating on held-out stars"] - began["Fitting the model"]
        print(json.dumps([name, explaining, fitting]))
"""

_MODEL_TYPES = ("random_forest", "xgboost", "gradient_boosting")


def measure_explanations(media: Path, *, runs: int) -> list[Measured]:
    """Time explanation and fit in CPU seconds for the random forest and the boosters."""
    (snapshot,) = (media / "datasets").glob("kepler-*.parquet")
    printed = subprocess.run(
        [sys.executable, "-c", _TIMED, str(snapshot), str(runs), ",".join(_MODEL_TYPES)],
        env=os.environ | ONE_THREAD,
        cwd=Path(__file__).resolve().parents[2],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    timed = [json.loads(line) for line in printed.splitlines()]
    return [
        Measured(
            name=f"{name}: explaining all test rows, against the fit",
            ratios=tuple(explain / fit for model, explain, fit in timed if model == name),
            bar=1.0,
            at_most=True,
            detail=", ".join(
                f"{explain:.2f} s / {fit:.2f} s" for model, explain, fit in timed if model == name
            ),
        )
        for name in _MODEL_TYPES
    ]
