"""The benchmark of training on a long table, on a short one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.benchmark.long_training import measured, write_files
from mlcore.datasets import DATASETS, read_table

if TYPE_CHECKING:
    from pathlib import Path


def test_no_star_is_in_both_files_and_each_repetition_has_its_own(tmp_path: Path) -> None:
    write_files(12_000, tmp_path)
    training, testing = (
        read_table(tmp_path / f"{name}.parquet", DATASETS["kepler"], require_labels=True)
        for name in ("training", "testing")
    )
    assert len(training) + len(testing) == 12_000
    assert 0.19 < len(testing) / 12_000 < 0.21
    assert not set(training.hosts) & set(testing.hosts)
    assert training.names.is_unique
    assert training.object_stars.nunique() == training.hosts.nunique()


@pytest.mark.long
def test_a_first_answer_and_a_bare_fit_are_measured(tmp_path: Path) -> None:
    tree, memory = measured(6_000, tmp_path, kinds=["decision_tree"], runs=1)
    assert tree.what == "training on 6,000 rows: decision_tree"
    assert 0 < tree.bar / 5 < tree.value
    assert 100 < memory.value < memory.bar
