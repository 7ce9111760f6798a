"""Tables predicted in partitions: the numbers of the whole table, and its order by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets import CLASSES
from mlcore.parallel import Cores
from mlcore.partitioned import (
    Partition,
    files_by_star,
    partitions_by_star,
    predict_partitions,
    score_partition,
)
from mlcore.partitioned.partitions import compared_with_other_stars
from tests.mlcore.dask_workers.conftest import cluster

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.models.trained_model import TrainedModel


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return mlcore.load_published("kepler-vetting")


@pytest.fixture(scope="module")
def table(kepler_table: Table) -> Table:
    return kepler_table.take(np.random.default_rng(4).permutation(len(kepler_table))[:1500])


@pytest.fixture(scope="module")
def whole(model: TrainedModel, table: Table) -> pd.DataFrame:
    partition = Partition(dataset=table.dataset, source=table)
    return score_partition(model, partition, assessed=True)


def test_the_numbers_of_a_partition_are_those_of_a_prediction(
    model: TrainedModel, table: Table
) -> None:
    some = table.take(range(40))
    predicted = mlcore.predict(model, some, reference=table)
    scored = score_partition(
        model, Partition(dataset=some.dataset, source=some), reference=table, assessed=True
    )
    stated = scored[[f"p_{kind}" for kind in CLASSES]].to_numpy()
    assert np.array_equal(stated, predicted.probabilities)
    assert scored["prediction"].tolist() == predicted.labels
    assert scored["name"].tolist() == predicted.names
    for place, one in enumerate(predicted.assessments):
        assert scored["outside_domain"][place] == one.novelty.outside
        failed = [check.check for check in one.checks if check.outcome == "failed"]
        assert scored["failed_checks"][place] == "; ".join(failed)
        assert one.conformal is not None
        assert one.conformal.p_values == tuple(
            scored[f"as_strange_{kind}"][place] for kind in one.conformal.classes
        )


def test_partitions_hold_whole_stars_and_give_the_numbers_of_the_whole(
    model: TrainedModel, table: Table, whole: pd.DataFrame, tmp_path: Path
) -> None:
    assert "matches" in compared_with_other_stars(model)
    partitions = partitions_by_star(model, table, rows=400)
    assert len(partitions) == 4
    stars = [set(one.read()[0].hosts) for one in partitions]
    assert sum(map(len, stars)) == table.hosts.nunique() == len(set.union(*stars))
    # In them a star is compared with stars of other partitions.
    alone = score_partition(model, Partition(dataset=table.dataset, source=partitions[0].read()[0]))
    together = score_partition(model, partitions[0])
    assert not alone["p_confirmed"].equals(together["p_confirmed"])

    path = tmp_path / "said.parquet"
    count = predict_partitions(model, partitions, path, assessed=True, at_once=3)
    assert count == len(table)
    by_row = pd.read_parquet(path).set_index("row").sort_index()
    pd.testing.assert_frame_equal(
        by_row, whole.set_index("row").sort_index(), check_exact=True, check_dtype=False
    )


def test_a_file_is_divided_by_star_and_its_rows_keep_their_numbers(
    model: TrainedModel, table: Table, tmp_path: Path
) -> None:
    path = tmp_path / "large.parquet"
    frame = table.frame.copy()
    frame.loc[3, "kepid"] = np.nan
    frame.to_parquet(path)
    folder = tmp_path / "partitions"
    folder.mkdir()
    partitions = files_by_star(path, table.dataset, folder, star="kepid", partitions=3)
    tables = [one.read() for one in partitions]
    assert len(tables) == 3
    numbers = np.concatenate([numbers for _, numbers in tables])
    assert sorted(numbers.tolist()) == list(range(1, len(table) + 1))
    stars = [set(one.frame["kepid"].dropna()) for one, _ in tables]
    assert sum(map(len, stars)) == len(set.union(*stars))
    said = tmp_path / "said.parquet"
    predict_partitions(model, partitions, said)
    by_row = pd.read_parquet(said).set_index("row").sort_index()
    names = frame["kepoi_name"]
    assert by_row["name"].tolist() == [
        mine if pd.notna(mine) else theirs for mine, theirs in zip(table.names, names, strict=True)
    ]


@pytest.mark.long
def test_workers_give_the_numbers_of_this_machine(
    model: TrainedModel, table: Table, whole: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "said.parquet"
    partitions = partitions_by_star(model, table, rows=300)
    with cluster(2, processes=True) as started:
        predict_partitions(
            model, partitions, path, assessed=True, cores=Cores(dask=started.scheduler_address)
        )
    by_row = pd.read_parquet(path).set_index("row").sort_index()
    pd.testing.assert_frame_equal(
        by_row, whole.set_index("row").sort_index(), check_exact=True, check_dtype=False
    )
