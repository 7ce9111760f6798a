from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import mlcore
from mlcore.datasets import DATASETS, Disposition, Table, read_table
from mlcore.datasets.spec import CLASSES
from mlcore.evaluation.subsets import measure_subsets
from mlcore.metrics.measure import measure
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# Of all of these the first answer is enough.
train = partial(mlcore.train, evidence=False)

WORDS = "some rows"


def answers(table: Table, right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return answers that are right on some rows."""
    assert table.labels is not None
    places = np.array([CLASSES.index(Disposition(label)) for label in table.labels])
    return np.eye(3)[np.where(right, places, (places + 1) % 3)] * 0.8 + 0.2 / 3


def test_rows_that_are_a_fair_test_have_no_subset(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = kepler_tables
    rows = LabelledRows.of([testing], testing.features)
    assert not measure_subsets(
        rows,
        answers(testing, np.ones(len(testing), dtype=bool)),
        [training],
        learned_classes=CLASSES,
        task=DISPOSITION,
        split=WORDS,
    )


def test_rows_that_were_learnt_from_are_told_and_left_out_of_figures_beside(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    both = testing.take(range(40)).with_rows_of(training.take(range(60)))
    known = np.arange(100) >= 40
    probabilities = answers(both, known | (np.arange(100) % 2 == 0))
    (subset,) = measure_subsets(
        LabelledRows.of([both], both.features),
        probabilities,
        [training],
        learned_classes=CLASSES,
        task=DISPOSITION,
        split=WORDS,
        seed=4,
    )
    assert subset.measurement is not None
    assert (subset.measurement.rows, subset.measurement.figure("accuracy").value) == (40, 0.5)
    assert (
        subset.measurement.split == "some rows, without the 60 whose values the model learnt from"
    )
    assert subset.warning.startswith(
        "60 of the 100 tested rows have the same measured values as a row that the model learnt"
        " from: they are no test of it, and the figures flatter it. Without these rows the accuracy"
        " is 0.500 ("
    )
    new = both.take(~known)
    assert new.labels is not None
    alone = measure(
        new.labels, probabilities[~known], new.hosts, task=DISPOSITION, split="", seed=4
    )
    assert alone.figure("roc_auc").value == subset.measurement.figure("roc_auc").value


def test_rows_without_labels_are_told_of_without_figures(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, _ = kepler_tables
    some = training.take(range(5))
    rows = LabelledRows.of([some], some.features)
    unlabelled = LabelledRows(
        features=rows.features,
        labels=rows.labels.where(rows.labels.isna()),
        hosts=rows.hosts,
        tables=rows.tables,
    )
    (subset,) = measure_subsets(
        unlabelled,
        np.full((5, 3), 1 / 3),
        [training],
        learned_classes=CLASSES,
        task=DISPOSITION,
        split=WORDS,
    )
    assert subset.measurement is None
    assert subset.as_json()["measurement"] is None
    assert subset.warning.endswith("Without these rows there are no figures.")


def test_dispositions_that_were_not_learnt_are_told_with_their_counts(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    assert testing.labels is not None
    counts = testing.label_counts
    candidate = (testing.labels == "candidate").to_numpy(dtype=bool)
    learned = (Disposition.FALSE_POSITIVE, Disposition.CONFIRMED)
    (subset,) = measure_subsets(
        LabelledRows.of([testing], testing.features),
        answers(testing, ~candidate),
        [training],
        learned_classes=learned,
        task=DISPOSITION,
        split=WORDS,
    )
    assert subset.measurement is not None
    assert subset.measurement.rows == len(testing) - counts[Disposition.CANDIDATE]
    assert subset.measurement.figure("accuracy").value == 1.0
    assert subset.warning.startswith(
        f"{counts[Disposition.CANDIDATE]} of the {len(testing)} tested rows have a disposition that"
        f" no training row has, candidate ({counts[Disposition.CANDIDATE]}): no answer can be right"
        " there, and they count as errors. Without these rows the accuracy is 1.000"
    )
    # Vetting does not ask for candidates at all.
    assert not measure_subsets(
        LabelledRows.of([testing], testing.features),
        answers(testing, ~candidate),
        [training],
        learned_classes=learned,
        task=VETTING,
        split=WORDS,
    )


def test_an_oversampled_file_is_seen_through(cases_dir: Path) -> None:
    training, testing = (
        read_table(cases_dir / f"d_oversampled_{part}.csv", DATASETS["kepler"], require_labels=True)
        for part in ("train", "test")
    )
    few = {"n_estimators": 20}
    result = train("extra_trees", training, testing, hyperparameters=few, inputs=MEASURED)
    assert result.warnings[0].startswith("47 of the 72 tested rows have the same measured values")
    assert str(result).startswith(result.warnings[0])
    (subset,) = result.report.subsets
    assert subset.measurement is not None
    assert result.report.measurement is not None
    assert subset.measurement.rows == 25
    assert result.report.measurement.rows == len(result.predictions) == 72
    new, every = (
        measurement.figure("accuracy").value or 0.0
        for measurement in (subset.measurement, result.report.measurement)
    )
    assert new < every - 0.1


def test_a_star_in_both_files_is_seen_however_it_is_spelled(cases_dir: Path) -> None:
    from mlcore.model_selection.train_test import shared_stars

    training, testing = (
        read_table(cases_dir / name, DATASETS["kepler"], require_labels=True)
        for name in ("koi_train_clean.csv", "d_same_rows_kic_prefix_test.csv")
    )
    (warning,) = shared_stars(training, testing)
    assert warning.startswith("100 host stars are in both the training and the testing table")


def test_a_training_file_of_two_dispositions_is_told_of_on_three(cases_dir: Path) -> None:
    training, testing = (
        read_table(cases_dir / name, DATASETS["kepler"], require_labels=True)
        for name in ("d_two_classes_train.csv", "koi_test_clean.csv")
    )
    result = train("decision_tree", training, testing, inputs=MEASURED)
    assert result.warnings[0].startswith(
        "13 of the 60 tested rows have a disposition that no training row has, candidate (13)"
    )
    assert [subset.name for subset in result.report.subsets] == ["learned_classes"]


def test_stars_are_shared_too_where_one_file_names_the_objects_alone(
    kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    from mlcore.model_selection.train_test import shared_stars

    training, _ = kepler_tables
    some = training.frame.iloc[:30]
    named = pd.DataFrame(
        {"kepoi_name": some["kepoi_name"].str.replace("K", "KOI-"), "koi_period": [1.0] * 30}
    )
    named.to_csv(tmp_path / "named.csv", index=False)
    testing = read_table(tmp_path / "named.csv", training.dataset, require_labels=False)
    (warning,) = shared_stars(training, testing)
    assert "on the 30 testing rows" in warning
