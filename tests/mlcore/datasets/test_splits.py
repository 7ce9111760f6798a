from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets.splits import split_by_star
from mlcore.levels import TEST_FRACTION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets import Table

EVERY_MISSION = pytest.mark.parametrize("mission", list(mlcore.DATASETS))


def words(*given: str | None) -> pd.Series[str]:
    return pd.Series(given, dtype="str")


def labels_of(table: Table) -> pd.Series[str]:
    assert table.labels is not None
    return table.labels


def sides(hosts: pd.Series[str], tested: NDArray[np.bool_]) -> pd.Series[bool]:
    return pd.Series(tested).groupby(hosts.to_numpy()).first()


@pytest.fixture(scope="module")
def kepler_split(kepler_table: Table) -> NDArray[np.bool_]:
    return split_by_star(kepler_table.hosts, labels_of(kepler_table))


@EVERY_MISSION
def test_a_star_is_never_on_both_sides_of_the_split(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    training, testing = mlcore.split(whole_table(mission))
    assert set(training.hosts).isdisjoint(testing.hosts)
    assert len(training) + len(testing) == len(whole_table(mission))
    assert set(training.hosts) | set(testing.hosts) == set(whole_table(mission).hosts)


@pytest.mark.sampled("k2")
@EVERY_MISSION
def test_a_fifth_of_the_stars_of_every_kind_is_tested(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(mission)
    tested = split_by_star(table.hosts, labels_of(table))
    rows = pd.DataFrame({"host": table.hosts, "label": labels_of(table), "tested": tested})
    stars = rows.groupby("host").agg(
        labels=("label", lambda labels: tuple(sorted(set(labels)))),
        several=("label", lambda labels: len(labels) > 1),
        tested=("tested", "first"),
    )
    kinds = stars.groupby(["labels", "several"])["tested"].agg(["sum", "size"])
    # Events have no candidates, and thus fewer kinds of stars.
    assert len(kinds) >= (5 if mission == "tce" else 6)
    assert (abs(kinds["sum"] - TEST_FRACTION * kinds["size"]) <= 0.5).all()


@EVERY_MISSION
def test_each_label_has_about_a_fifth_of_its_rows_in_the_test_part(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    whole, testing = whole_table(mission), mlcore.split(whole_table(mission))[1]
    for label, count in whole.label_counts.items():
        if count == 0:
            continue
        assert testing.label_counts[label] / count == pytest.approx(TEST_FRACTION, abs=0.02)


def test_the_order_of_the_rows_does_not_matter(
    kepler_table: Table, kepler_split: NDArray[np.bool_]
) -> None:
    order = np.random.default_rng(0).permutation(len(kepler_table))
    shuffled = kepler_table.take(order)
    again = split_by_star(shuffled.hosts, labels_of(shuffled))
    assert (again == kepler_split[order]).all()


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_nearly_every_star_keeps_its_side_when_other_stars_are_taken_away(
    kepler_table: Table, kepler_split: NDArray[np.bool_], share: float
) -> None:
    stars = kepler_table.hosts.unique()
    gone = np.random.default_rng(1).choice(stars, int(share * len(stars)), replace=False)
    left = ~kepler_table.hosts.isin(gone).to_numpy()
    fewer = kepler_table.take(left)
    again = split_by_star(fewer.hosts, labels_of(fewer))
    assert (again == kepler_split[left]).mean() > 0.97
    assert (again != kepler_split[left]).any()


def test_nearly_every_star_keeps_its_side_when_other_stars_are_added(
    kepler_table: Table, kepler_split: NDArray[np.bool_]
) -> None:
    new = words(*(f"new star {number}" for number in range(1000)))
    labels = words(*("candidate", "confirmed") * 500)
    again = split_by_star(
        pd.concat([new, kepler_table.hosts], ignore_index=True),
        pd.concat([labels, labels_of(kepler_table)], ignore_index=True),
    )
    assert (again[1000:] == kepler_split).mean() > 0.98
    assert again[:1000].mean() == pytest.approx(TEST_FRACTION, abs=0.04)


def test_nearly_every_star_keeps_its_side_when_candidates_are_resolved(
    kepler_table: Table, kepler_split: NDArray[np.bool_]
) -> None:
    labels = labels_of(kepler_table).copy()
    candidates = np.flatnonzero(labels == "candidate")
    labels.iloc[candidates[::4]] = "confirmed"
    assert (split_by_star(kepler_table.hosts, labels) == kepler_split).mean() > 0.97


def test_nearly_every_star_keeps_its_side_from_one_snapshot_to_the_next(
    kepler_table: Table, kepler_split: NDArray[np.bool_], archive_dir: Path
) -> None:
    (path,) = archive_dir.glob("koi_cumulative_2025*_default49.csv")
    newer = mlcore.read_table(path, kepler_table.dataset, require_labels=True)
    before = sides(kepler_table.hosts, kepler_split)
    after = sides(newer.hosts, split_by_star(newer.hosts, labels_of(newer)))
    common = before.index.intersection(after.index)
    assert len(common) > 6000
    assert (before[common] == after[common]).mean() > 0.97


def test_another_salt_gives_another_division(
    kepler_table: Table, kepler_split: NDArray[np.bool_]
) -> None:
    salted = split_by_star(kepler_table.hosts, labels_of(kepler_table), salt="another")
    # Two independent fifths agree on 0.2² + 0.8² of the rows.
    assert (salted == kepler_split).mean() == pytest.approx(0.68, abs=0.03)
    assert salted.mean() == pytest.approx(TEST_FRACTION, abs=0.01)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_the_share_of_test_stars_is_the_one_asked_for(fraction: float) -> None:
    hosts = words(*(f"star {number}" for number in range(200)))
    labels = words(*["candidate"] * 200)
    assert split_by_star(hosts, labels, test_fraction=fraction).sum() == 200 * fraction


def test_a_missing_label_counts_as_a_label_of_its_own() -> None:
    hosts = words(*(f"star {number}" for number in range(20)))
    labels = words(*[None] * 10, *["candidate"] * 10)
    tested = split_by_star(hosts, labels)
    assert [tested[:10].sum(), tested[10:].sum()] == [2, 2]


def test_the_division_of_stars_is_the_same_in_every_version() -> None:
    hosts = words(*(f"star {number}" for number in range(10)))
    tested = split_by_star(hosts, words(*["confirmed"] * 10))
    # A changed hash would move stars that published models were trained on into the test part.
    assert list(hosts[tested]) == ["star 1", "star 7"]


def test_a_table_without_labels_cannot_be_split(kepler_table: Table) -> None:
    from dataclasses import replace

    unlabelled = replace(kepler_table, frame=kepler_table.frame.drop(columns="koi_disposition"))
    with pytest.raises(mlcore.errors.DataError, match=r"no column koi_disposition"):
        mlcore.split(unlabelled)
