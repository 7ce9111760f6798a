"""Small tables and models whose right answers can be said in advance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets import DATASETS
from mlcore.datasets.reading import RawTable
from mlcore.datasets.table import Table, table_from
from mlcore.models import MODELS, Classifier, fit_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.spec import Column

KEPLER = DATASETS["kepler"]
NAMES = ("koi_period", "koi_depth", "koi_depth_err1", "koi_depth_err2", "koi_steff")
COLUMNS: tuple[Column, ...] = tuple(KEPLER.column(name) for name in NAMES)


def columns_of(classifier: Classifier, mission: str = "kepler") -> tuple[Column, ...]:
    return tuple(DATASETS[mission].column(name) for name in classifier.columns)


def rows(count: int = 200, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    depth = 10 ** random.uniform(1, 4, count)
    return pd.DataFrame(
        {
            "koi_period": 10 ** random.uniform(0, 2, count),
            "koi_depth": depth,
            "koi_depth_err1": depth / 20,
            "koi_depth_err2": -depth / 25,
            "koi_steff": random.normal(5500, 500, count),
        }
    )


def fitted(
    model_type: str,
    features: pd.DataFrame,
    labels: Sequence[str],
    columns: Sequence[Column] = COLUMNS,
    **values: Any,
) -> Classifier:
    kind = MODELS[model_type]
    return fit_classifier(
        kind,
        kind.read_hyperparameters(values)[0],
        features=features,
        labels=labels,
        hosts=[f"star {i}" for i in range(len(features))],
        columns=columns,
        seed=1,
    )


def deep_is_false(features: pd.DataFrame) -> list[str]:
    """Label everything deeper than 1000 ppm a false positive, all else a planet."""
    return ["false_positive" if depth > 1000 else "confirmed" for depth in features["koi_depth"]]


def kepler_table(frame: pd.DataFrame, *, labelled: bool = True) -> Table:
    """Return a table from columns as the archive writes them."""
    text = {column.name for column in KEPLER.columns if column.text}
    typed = frame.astype({name: "str" for name in frame if name in text})
    raw = RawTable(frame=typed, columns=tuple(frame.columns), dated=None)
    return table_from(raw, KEPLER, require_labels=labelled)
