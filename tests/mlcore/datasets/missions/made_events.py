"""Threshold-crossing events that are made up, with the real table's columns and its gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets import KEPLER_TCE, Role

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["events", "events_file", "robovetter_file"]

_KINDS = ("PC", "AFP", "NTP")


def events(rows: int = 300, *, seed: int = 0) -> pd.DataFrame:
    """Return events on two thirds as many stars: planets are strong, far from offset and alike."""
    generator = np.random.default_rng(seed)
    kind = generator.choice(3, size=rows, p=[0.3, 0.3, 0.4])
    star = 1_000_000 + generator.integers(2 * rows // 3, size=rows)
    frame = pd.DataFrame({"target_id": star})
    frame["tce_plnt_num"] = frame.groupby("target_id").cumcount() + 1
    frame["tceid"] = frame["target_id"].astype(str) + "-" + frame["tce_plnt_num"].astype(str)
    frame["label"] = np.array(_KINDS)[kind]
    drawn = {}
    for column in KEPLER_TCE.columns:
        if column.name in frame or column.role is Role.OPINION:
            continue
        values = np.exp(generator.normal(size=rows))
        # What follows the label does so here too.
        drawn[column.name] = values if column.leak is None else values + 10 * (kind == 0)
        if column.text:
            drawn[column.name] = np.full(rows, "")
    frame = pd.concat([frame, pd.DataFrame(drawn)], axis=1)
    frame["tce_period"] = np.exp(generator.normal(2, 1, rows))
    frame["tce_duration"] = generator.uniform(1, 8, rows)
    frame["transit_depth"] = np.exp(generator.normal(6 + 2 * (kind == 1), 1))
    frame["tce_model_snr"] = np.exp(generator.normal(3 - (kind == 2), 0.7))
    frame["tce_dikco_msky"] = np.exp(generator.normal(2.0 * (kind == 1) - 1, 0.7))
    frame["ra"], frame["dec"] = generator.uniform(280, 300, rows), generator.uniform(37, 52, rows)
    frame["mag"] = generator.uniform(11, 16, rows)
    failed = (kind == 2) & (generator.random(rows) < 0.2)
    frame.loc[failed, [name for name in frame if name.startswith("tce_") and "_err" in name]] = -1.0
    frame.loc[failed, "tce_model_snr"] = -1.0
    return frame


def events_file(path: Path, frame: pd.DataFrame) -> Path:
    """Write events as ExoMiner's makers do."""
    frame.to_csv(path, index=False)
    return path


def robovetter_file(path: Path, frame: pd.DataFrame, *, seed: int = 1) -> Path:
    """Write what a Robovetter that is right more often than not says of events."""
    generator = np.random.default_rng(seed)
    planet = (frame["label"] == "PC").to_numpy()
    score = np.round(np.clip(generator.normal(np.where(planet, 0.7, 0.25), 0.2), 0, 1), 3)
    pd.DataFrame(
        {
            "kepid": frame["target_id"],
            "tce_plnt_num": frame["tce_plnt_num"],
            "robovetter_score": score,
            "robovetter_disposition": np.where(score > 0.5, "PC", "FP"),
        }
    ).to_csv(path, index=False)
    return path
