"""Searches on made-up rows that take a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psutil

from mlcore.automl.search import search
from mlcore.run import RunContext
from mlcore.tasks import VETTING
from tests.mlcore.hand_made import deep_is_false, labelled, rows

if TYPE_CHECKING:
    from mlcore.automl.leaderboard import SearchResult

QUICK = ("linear_regression", "pca", "decision_tree", "xgboost")
ENOUGH = 300.0
"""Far more seconds than any search here takes that ends by its number of trials."""


def noisy_labels(features: pd.DataFrame, seed: int = 0) -> pd.Series[str]:
    """Label by depth, but one row in six wrongly."""
    labels = np.array(deep_is_false(features), dtype=object)
    wrong = np.random.default_rng(100 + seed).uniform(size=len(labels)) < 1 / 6
    other = np.where(labels == "confirmed", "false_positive", "confirmed")
    return pd.Series(np.where(wrong, other, labels), dtype="str")


def stars(count: int, rows_of_a_star: int = 2) -> pd.Series[str]:
    return pd.Series([f"star {place // rows_of_a_star}" for place in range(count)], dtype="str")


def searched(
    count: int = 240, run: RunContext | None = None, **settings: object
) -> tuple[pd.DataFrame, SearchResult]:
    features = rows(count)
    features.loc[::9, "koi_steff"] = np.nan
    given = {
        "task": VETTING,
        "seconds": ENOUGH,
        "candidates": QUICK,
        **settings,
        "run": RunContext(seed=5) if run is None else run,
    }
    return features, search(labelled(features, noisy_labels(features), stars(count)), **given)


def fitting_processes() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "mlcore.automl.worker" in child.cmdline()
    ]
