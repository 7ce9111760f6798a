from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import DataError
from mlcore.features.robust_scaler import RobustScaler
from mlcore.inspection.nearest_neighbours import (
    NEIGHBOURS,
    LearntPlaces,
    NearestNeighbours,
    Neighbour,
)
from tests.mlcore.hand_made import KEPLER, columns_of, kepler_table

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

COLUMNS = (KEPLER.column("koi_steff"), KEPLER.column("koi_kepmag"))


def stars(
    temperatures: list[float], hosts: list[str] | None = None, **columns: list[object]
) -> Table:
    count = len(temperatures)
    frame = pd.DataFrame(
        {
            "kepid": hosts or [str(i) for i in range(count)],
            "kepoi_name": [f"K{i:05d}.01" for i in range(count)],
            "koi_disposition": ["CONFIRMED", "FALSE POSITIVE"] * (count // 2)
            + ["CANDIDATE"] * (count % 2),
            "koi_steff": temperatures,
            "koi_kepmag": [12.0 + i for i in range(count)],
        }
        | columns
    )
    return kepler_table(frame)


def nearest_neighbours(
    training: Table, importance: tuple[float, float] = (1.0, 0.0)
) -> NearestNeighbours:
    learnt = LearntPlaces.of(training, training.features, COLUMNS)
    return NearestNeighbours(learnt, np.array(importance))


def of(
    finder: NearestNeighbours, table: Table, count: int = NEIGHBOURS
) -> list[tuple[Neighbour, ...]]:
    return finder.of(table.names, table.hosts, table.features, count=count)


def names_of(analogues: list[tuple[object, ...]]) -> list[list[str]]:
    return [[analogue.name for analogue in row] for row in analogues]  # type: ignore[attr-defined]


def test_the_nearest_by_the_column_that_counts_come_first() -> None:
    training = stars([5000, 5100, 5200, 5300, 5400, 9000])
    query = stars([5190], hosts=["another"], kepoi_name=["K99999.01"])
    (nearest,) = of(nearest_neighbours(training), query, 3)
    assert [koi.name for koi in nearest] == ["K00002.01", "K00001.01", "K00003.01"]
    assert [koi.disposition for koi in nearest] == ["confirmed", "false_positive", "false_positive"]
    spread = RobustScaler.fit(training.features, COLUMNS).spread[0]
    assert nearest[0].distance == pytest.approx(10 / spread)


def test_another_column_counts_when_the_model_uses_it() -> None:
    training = stars([5000, 5100, 5200, 5300, 5400, 9000])
    query = stars([5000], hosts=["another"], kepoi_name=["K99999.01"], koi_kepmag=[17.0])
    by_temperature = of(nearest_neighbours(training), query, 1)
    by_magnitude = of(nearest_neighbours(training, (0.0, 2.0)), query, 1)
    assert names_of(by_temperature) == [["K00000.01"]]
    assert names_of(by_magnitude) == [["K00005.01"]]


def test_neither_an_object_nor_its_siblings_are_its_analogues() -> None:
    training = stars([5000, 5001, 5002, 6000, 6001], hosts=["1", "1", "1", "2", "3"])
    analogues = of(nearest_neighbours(training), training, 4)
    assert names_of(analogues)[0] == ["K00003.01", "K00004.01"]
    assert names_of(analogues)[3] == ["K00004.01", "K00002.01", "K00001.01", "K00000.01"]


def test_a_training_row_without_a_disposition_is_no_analogue() -> None:
    training = stars(
        [5000, 5100, 5200, 5300],
        koi_disposition=["CONFIRMED", "NOT DISPOSITIONED", "CONFIRMED", "CONFIRMED"],
    )
    query = stars([5100], hosts=["another"], kepoi_name=["K99999.01"])
    (analogues,) = of(nearest_neighbours(training), query)
    assert "K00001.01" not in {analogue.name for analogue in analogues}
    assert len(analogues) == 3


def test_training_rows_without_any_disposition_are_refused() -> None:
    training = stars([5000, 5100], koi_disposition=["NOT DISPOSITIONED"] * 2)
    with pytest.raises(DataError, match="no analogues"):
        nearest_neighbours(training)


def test_a_missing_value_counts_as_the_median() -> None:
    training = stars([5000, 5100, 5200, 5300, 5400])
    query = stars([float("nan")], hosts=["another"], kepoi_name=["K99999.01"])
    (analogues,) = of(nearest_neighbours(training), query, 1)
    assert (analogues[0].name, analogues[0].distance) == ("K00002.01", 0.0)


def test_a_row_has_the_same_neighbours_to_the_bit_alone_and_among_others() -> None:
    random = np.random.default_rng(3)
    training = stars(
        random.normal(5000, 500, 400).tolist(),
        [f"star {i}" for i in range(400)],
        koi_kepmag=random.normal(14, 1, 400).tolist(),
    )
    finder = nearest_neighbours(training, (2.0, 1.0))
    queries = stars(
        random.normal(5000, 500, 40).tolist(),
        [f"other {i}" for i in range(40)],
        koi_kepmag=random.normal(14, 1, 40).tolist(),
    )
    assert [of(finder, queries.take([place]))[0] for place in range(40)] == of(finder, queries)


def test_a_model_that_uses_nothing_treats_all_columns_alike() -> None:
    assert nearest_neighbours(stars([1, 2, 3, 4]), (0.0, 0.0)).weights.tolist() == [0.5, 0.5]


def test_the_search_finds_what_comparing_all_rows_finds(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    result = trained("xgboost")
    training, testing = kepler_tables
    columns = columns_of(result.model.classifier)
    importance = np.abs(result.predictions.explanation.contributions).mean(axis=0)
    learnt = LearntPlaces.of(training, training.features, columns)
    finder = NearestNeighbours(learnt, importance)
    both = [of(finder, table) for table in kepler_tables]
    assert all(len(row) == 5 for analogues in both for row in analogues)
    hosts = list(testing.hosts)
    scaled = np.clip(np.nan_to_num(learnt.space.transform(testing.features), nan=0.0), -5.0, 5.0)
    places = scaled * np.sqrt(finder.weights)
    for i in range(0, len(testing), 10):
        distance = np.linalg.norm(finder.places - places[i], axis=1)
        foreign = np.flatnonzero(learnt.hosts != hosts[i])
        nearest = np.sort(distance[foreign])[:5]
        np.testing.assert_allclose([koi.distance for koi in both[1][i]], nearest, atol=1e-9)
    for table, analogues in zip(kepler_tables, both, strict=True):
        for host, row in zip(table.hosts, analogues, strict=True):
            assert host not in {koi.host for koi in row}
    # Neighbours are mostly of the same kind, or they would explain nothing.
    labels = list(testing.labels)  # type: ignore[arg-type]
    agreeing = [
        koi.disposition == label for label, row in zip(labels, both[1], strict=True) for koi in row
    ]
    assert np.mean(agreeing) > 0.6
