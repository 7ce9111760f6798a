from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import KEPLER, Disposition, table_from
from mlcore.datasets.readers.read import RawTable
from mlcore.errors import DataError
from mlcore.model_selection.training_rows import (
    MIN_ROWS,
    MIN_STARS_PER_CLASS,
    check_trainable,
    labelled_rows,
    training_rows,
)
from mlcore.tasks import DISPOSITION, TASKS, VETTING

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.tasks import Task

EVERY_TASK = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))


@EVERY_TASK
def test_rows_to_learn_from_have_a_label_that_the_task_tells_apart(
    task: Task, kepler_table: Table
) -> None:
    rows = labelled_rows(kepler_table, task)
    assert rows.labels is not None
    assert set(rows.labels) == {str(kind) for kind in task.classes}
    assert len(rows) == sum(kepler_table.label_counts[kind] for kind in task.classes)


def test_rows_without_a_label_are_left_out(kepler_table: Table) -> None:
    few = kepler_table.take(range(100))
    frame = few.frame.copy()
    frame.loc[:29, "koi_disposition"] = None
    rows = labelled_rows(replace(few, frame=frame))
    assert list(rows.names) == list(few.names[30:])


@EVERY_TASK
def test_a_table_without_labels_is_refused(task: Task, kepler_table: Table) -> None:
    unlabelled = replace(kepler_table, frame=kepler_table.frame.drop(columns="koi_disposition"))
    with pytest.raises(
        DataError, match=r"^The table has no column koi_disposition, which training"
    ):
        labelled_rows(unlabelled, task)
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        training_rows(unlabelled, task)


def test_candidates_do_not_make_a_table_large_enough_for_vetting(kepler_table: Table) -> None:
    assert kepler_table.labels is not None
    chosen = np.concatenate(
        [
            np.flatnonzero(kepler_table.labels == kind)[:count]
            for kind, count in (
                (Disposition.CANDIDATE, 100),
                (Disposition.FALSE_POSITIVE, 9),
                (Disposition.CONFIRMED, 10),
            )
        ]
    )
    table = kepler_table.take(chosen)
    assert len(training_rows(table, DISPOSITION)) == 119
    with pytest.raises(DataError) as refusal:
        training_rows(table, VETTING)
    assert str(refusal.value) == (
        "The table has 19 rows whose disposition is false positive or confirmed in column"
        " koi_disposition; training needs at least 20."
    )


def test_a_disposition_on_few_stars_is_refused_only_where_it_is_told_apart(
    kepler_table: Table,
) -> None:
    assert kepler_table.labels is not None
    single = kepler_table.take((~kepler_table.hosts.duplicated(keep=False)).to_numpy())
    assert single.labels is not None
    chosen = np.concatenate(
        [
            np.flatnonzero(single.labels == kind)[:count]
            for kind, count in (
                (Disposition.CANDIDATE, 2),
                (Disposition.FALSE_POSITIVE, 15),
                (Disposition.CONFIRMED, 15),
            )
        ]
    )
    table = single.take(chosen)
    assert len(training_rows(table, VETTING)) == 30
    with pytest.raises(DataError, match=r"^The rows that are candidate belong to 2 host stars;"):
        training_rows(table, DISPOSITION)


def of_stars(labels: list[str], stars: list[int]) -> Table:
    frame = pd.DataFrame(
        {"kepid": stars, "koi_disposition": labels, "koi_period": np.arange(len(stars)) + 1.0}
    )
    raw = RawTable(frame=frame, columns=tuple(frame.columns), dated=None)
    return table_from(raw, KEPLER, require_labels=True)


def test_a_table_can_be_trained_on_from_the_least_of_everything() -> None:
    half = MIN_ROWS // 2
    labels = ["CONFIRMED"] * half + ["CANDIDATE"] * half
    stars = [number % MIN_STARS_PER_CLASS for number in range(half)]
    check_trainable(of_stars(labels, [*stars, *(100 + star for star in stars)]))


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        check_trainable(of_stars(["CONFIRMED", "CANDIDATE"] * 9 + ["", ""], list(range(20))))
    assert str(caught.value) == (
        "The table has 18 rows with a disposition in column koi_disposition; "
        "training needs at least 20."
    )


def test_a_single_class_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        check_trainable(of_stars(["FALSE POSITIVE"] * 30, list(range(30))))
    assert str(caught.value) == (
        "Every row with a disposition in column koi_disposition is false positive; "
        "training needs at least two different dispositions."
    )


def test_a_class_on_too_few_stars_is_refused() -> None:
    stars = [*range(20), *[100 + number % 4 for number in range(20)]]
    with pytest.raises(DataError) as caught:
        check_trainable(of_stars(["CONFIRMED"] * 20 + ["CANDIDATE"] * 20, stars))
    assert str(caught.value) == (
        "The rows that are candidate belong to 4 host stars; "
        "training needs at least 5 for each disposition."
    )


def test_a_table_without_labels_cannot_be_trained_on(kepler_table: Table) -> None:
    bare = replace(kepler_table, frame=kepler_table.frame.drop(columns="koi_disposition"))
    with pytest.raises(DataError, match=r"^The table has no column koi_disposition, which holds"):
        check_trainable(bare)
