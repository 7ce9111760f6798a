"""Small tables and models whose right answers can be said in advance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets import DATASETS
from mlcore.datasets.checking import table_from
from mlcore.datasets.readers.read import RawTable
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models import MODELS, Classifier, fit_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.spec import Column
    from mlcore.datasets.table import Table

KEPLER = DATASETS["kepler"]
NAMES = ("koi_period", "koi_depth", "koi_depth_err1", "koi_depth_err2", "koi_steff")
FITTED_MODELS = tuple(name for name, kind in MODELS.items() if not kind.searches)
"""Model types that are fitted once, unlike a search over all of them."""
SMALL: dict[str, dict[str, Any]] = {
    "random_forest": {"n_estimators": 5},
    "extra_trees": {"n_estimators": 5},
    "xgboost": {"n_estimators": 5},
    "gradient_boosting": {"max_iter": 5},
    "neural_network": {"max_iter": 30},
}
MEASURED = Inputs(feature_set=FeatureSet.MEASURED)
"""The mission's own columns alone: judging derived ones takes seconds a training run."""
COLUMNS: tuple[Column, ...] = tuple(KEPLER.column(name) for name in NAMES)


def usable_columns(table: Table) -> tuple[Column, ...]:
    """Return the declarations of the default columns of which at least one row has a value."""
    known = table.features.notna().any()
    return tuple(column for column in table.dataset.feature_columns() if known[column.name])


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


def labelled(
    features: pd.DataFrame,
    labels: Sequence[str] | pd.Series[str],
    hosts: Sequence[str] | pd.Series[str] | None = None,
    columns: Sequence[Column] = COLUMNS,
) -> LabelledRows:
    """Return rows of no table, by default each of a star of its own."""
    return LabelledRows(
        features=features,
        labels=pd.Series(labels, dtype="str"),
        hosts=pd.Series(
            [f"star {i}" for i in range(len(features))] if hosts is None else hosts, dtype="str"
        ),
        columns=tuple(columns),
    )


def default_rows(table: Table) -> LabelledRows:
    """Return the rows of a table with those of its default columns that have a value."""
    columns = usable_columns(table)
    names = [column.name for column in columns]
    return LabelledRows.of([table], table.features.loc[:, names], columns)


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
        labelled(features, labels, columns=columns),
        seed=1,
    )


def fitted_on(model_type: str, table: Table, *, seed: int = 0, **sent: Any) -> Classifier:
    """Fit a small model on a labelled table's default columns, and nothing beside."""
    kind = MODELS[model_type]
    assert table.labels is not None
    return fit_classifier(
        kind,
        kind.read_hyperparameters(SMALL.get(model_type, {}) | sent)[0],
        default_rows(table),
        seed=seed,
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
