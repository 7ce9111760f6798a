"""Events of TESS's first sectors as others folded them: triage and vetting, on their division."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from xgboost import XGBClassifier

from mlcore.benchmark.light_curves.view_columns import shapes_of, views_of, with_components
from mlcore.benchmark.protocol import measured_by_seed, unmeasured
from mlcore.benchmark.recipe import geometric_mean
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.protocol import Effort
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["views_judged"]

_FILE = "tess_views.parquet"
_LEARNT, _SCORED = "train", "val"
_KINDS = ("PC", "EB", "J")
"""Planet candidate, eclipsing binary, junk."""
_SPLIT = "the collection's validation part"
_MISSING = -9.0
"""Stands for a shape that is not defined: trees tell it from all others."""
_FEATURES = "shapes and principal components of the views, period, duration, depth, signal to noise"
_TRIED = (
    " Tried by folds of the training part's stars: views' points themselves, deeper and shallower"
    " boosters, small networks, a booster for each question; none came out clearly better."
)
_TRIAGE = Aim(
    name="tess-views-triage",
    task="TESS threshold-crossing event, planet candidate or eclipsing binary against junk",
    features=_FEATURES,
    bars=(Bar(metric="average_precision", value=0.98),),
    needs=_FILE,
    note="Learnt on the collection's training part without stars of the validation part, which is"
    " scored; Yu et al. 2019 (AJ 158, 25) state 0.970 on their test part." + _TRIED,
)
_VETTING = replace(
    _TRIAGE,
    name="tess-views-vetting",
    task="TESS threshold-crossing event, planet candidate against all others",
    bars=(Bar(metric="average_precision", value=0.70),),
    note="Learnt as the triage is; Yu et al. 2019 (AJ 158, 25) state 0.693 on their test part. The"
    " validation part has 50 candidates.",
)


def views_judged(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure triage and vetting of folded events on the validation part."""
    del cores
    events = None if collections.curves is None else _events(collections.curves)
    if events is None:
        return unmeasured(_TRIAGE) + unmeasured(_VETTING)
    progress(0.1, "measuring the views")
    scored = (events["split"] == _SCORED).to_numpy()
    elsewhere = ~events["tic_id"].isin(events.loc[scored, "tic_id"]).to_numpy()
    learnt = (events["split"] == _LEARNT).to_numpy() & elsewhere
    views = views_of(events)
    shapes = shapes_of(events, views).fillna(_MISSING)
    both = with_components(shapes, views, learnt)
    kind = np.array([_KINDS.index(word) for word in events["disposition"]], dtype=np.int64)
    stated: dict[int, NDArray[np.float64]] = {}
    for place, seed in enumerate(effort.seeds):
        progress(0.2 + 0.8 * place / len(effort.seeds), "fitting")
        members = [
            model.fit(seen.to_numpy()[learnt], kind[learnt]).predict_proba(seen.to_numpy()[scored])
            for model, seen in zip(_members(effort, seed), (both, shapes), strict=True)
        ]
        stated[seed] = geometric_mean(members)
    hosts = events.loc[scored, "tic_id"].astype(str).reset_index(drop=True)
    lines: tuple[BenchmarkRow, ...] = ()
    for aim, wanted in ((_TRIAGE, [0, 1]), (_VETTING, [0])):
        true = np.isin(kind[scored], wanted)
        score = {seed: _of_two(told[:, wanted].sum(axis=1)) for seed, told in stated.items()}
        lines += measured_by_seed(
            aim,
            effort,
            score.__getitem__,
            # "Planet" stands for what is looked for, as in any task of two classes.
            pd.Series(np.where(true, PLANET, Disposition.FALSE_POSITIVE), dtype="str"),
            hosts,
            task=VETTING,
            split=_SPLIT,
        )
    return lines


def _events(curves: Path) -> pd.DataFrame | None:
    path = curves / _FILE
    if not path.is_file():
        return None
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{_FILE} cannot be read: {error}") from None


def _members(effort: Effort, seed: int) -> tuple[XGBClassifier, ExtraTreesClassifier]:
    booster = XGBClassifier(
        n_estimators=effort.recipe.rounds,
        learning_rate=0.04,
        max_depth=5,
        subsample=0.7,
        colsample_bytree=0.2,
        min_child_weight=3,
        reg_lambda=3,
        max_bin=64,
        tree_method="hist",
        n_jobs=1,
        random_state=seed,
    )
    forest = ExtraTreesClassifier(
        2 * effort.recipe.trees, min_samples_leaf=2, max_features=0.2, n_jobs=1, random_state=seed
    )
    return booster, forest


def _of_two(wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of the task's classes, shape ``(n, 2)``."""
    wanted = np.clip(wanted, 0.0, 1.0)
    by_kind = {PLANET: wanted, Disposition.FALSE_POSITIVE: 1 - wanted}
    return np.column_stack([by_kind[kind] for kind in VETTING.classes])
