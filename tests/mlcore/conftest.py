"""Real tables, small ones drawn from them by host star, and models that are trained once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

import mlcore
from mlcore.datasets.splits import split_by_star
from mlcore.features.feature_sets import FeatureSet, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.evaluation.model_result import ModelResult

_FILES = {"k2": "k2pandc_*.csv", "tess": "toi_*.csv", "tce": "*_tce_exominer_*.csv.gz"}
_ROWS = 800
# Small ensembles of the kinds whose size is theirs to choose.
_LIGHT = {
    "random_forest": {"n_estimators": 20},
    "extra_trees": {"n_estimators": 20},
    "xgboost": {"n_estimators": 20},
    "gradient_boosting": {"max_iter": 20},
    "neural_network": {"max_iter": 60},
}


class Trained(Protocol):
    """Returns a model type's result on a mission's small table; it is trained only once."""

    def __call__(
        self,
        model_type: str,
        mission: str = "kepler",
        feature_set: FeatureSet = FeatureSet.MEASURED,
    ) -> ModelResult: ...


@pytest.fixture(scope="session")
def kepler_table() -> Table:
    """Return the carried Kepler table."""
    return mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table


@pytest.fixture(scope="session")
def whole_table(kepler_table: Table, request: pytest.FixtureRequest) -> Callable[[str], Table]:
    """Return a mission's whole table by the mission's name."""
    tables = {"kepler": kepler_table}

    def find(mission: str) -> Table:
        if mission not in tables and mlcore.DATASETS[mission].carried is not None:
            tables[mission] = mlcore.obtain(mlcore.DATASETS[mission], use_archive=False).table
        if mission not in tables:
            folder: Path = request.getfixturevalue("archive_dir")
            (path,) = folder.glob(_FILES[mission])
            tables[mission] = mlcore.read_table(path, mlcore.DATASETS[mission], require_labels=True)
        return tables[mission]

    return find


@pytest.fixture(scope="session")
def small_tables(
    whole_table: Callable[[str], Table],
) -> Callable[[str], tuple[Table, Table]]:
    """Return some 800 rows of a mission, all rows of each star, as training and testing table."""
    tables: dict[str, tuple[Table, Table]] = {}

    def find(mission: str) -> tuple[Table, Table]:
        if mission not in tables:
            whole = whole_table(mission)
            assert whole.labels is not None
            drawn = split_by_star(
                whole.hosts, whole.labels, test_fraction=_ROWS / len(whole), salt="a small table"
            )
            tables[mission] = mlcore.split(whole.take(drawn))
        return tables[mission]

    return find


@pytest.fixture(scope="session")
def kepler_tables(
    small_tables: Callable[[str], tuple[Table, Table]],
) -> tuple[Table, Table]:
    """Return the small Kepler training and testing table."""
    return small_tables("kepler")


@pytest.fixture(scope="session")
def reported() -> dict[str, list[tuple[float, str]]]:
    """Return what `trained` was told of its progress, by the model type, on Kepler."""
    return {}


@pytest.fixture(scope="session")
def trained(
    small_tables: Callable[[str], tuple[Table, Table]],
    reported: dict[str, list[tuple[float, str]]],
) -> Trained:
    """Return what trains a model type on a mission's small table, once."""
    results: dict[tuple[str, str, FeatureSet], ModelResult] = {}

    def find(
        model_type: str, mission: str = "kepler", feature_set: FeatureSet = FeatureSet.MEASURED
    ) -> ModelResult:
        key = (model_type, mission, feature_set)
        if key not in results:
            seen: list[tuple[float, str]] = []
            if mission == "kepler":
                reported[model_type] = seen
            results[key] = mlcore.train(
                model_type,
                *small_tables(mission),
                hyperparameters=_LIGHT.get(model_type),
                inputs=Inputs(feature_set=feature_set),
                seed=3,
                progress=lambda fraction, step: seen.append((fraction, step)),
            )
        return results[key]

    return find
