from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from mlcore.calibration.calibrate import calibrated
from mlcore.errors import DataError
from mlcore.evaluation.probes import fit_small_booster
from mlcore.model_selection import folds
from mlcore.model_selection.folds import StarFolds, out_of_fold, star_folds
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.hand_made import usable_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.model_selection.folds import FittedModel


def labels_of(table: Table) -> pd.Series[str]:
    assert table.labels is not None
    return table.labels


def words(*values: str | None) -> pd.Series[str]:
    return pd.Series(values, dtype="str")


class Recorded:
    """A fit that remembers what it was given and answers with the share of planets."""

    def __init__(self) -> None:
        self.trained: list[tuple[set[str], set[str], int]] = []

    def __call__(self, rows: LabelledRows, seed: int) -> FittedModel:
        assert len(rows.features) == len(rows.labels) == len(rows.hosts)
        self.trained.append((set(rows.labels), set(rows.hosts), seed))
        return Constant(len(self.trained))


class Constant:
    def __init__(self, number: int) -> None:
        self.number = number

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        return np.tile([0.0, 1 - self.number / 10, self.number / 10], (len(features), 1))


@pytest.fixture(params=["weighed", "dealt"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide as few rows are divided, and as many are."""
    if request.param == "dealt":
        monkeypatch.setattr(folds, "_MANY", 0)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("mission", ["kepler", "k2", "tess"])
def test_a_star_is_in_one_fold_and_the_folds_are_alike(
    mission: str, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(mission)
    fold = star_folds(labels_of(table), table.hosts, task=DISPOSITION)
    assert (pd.Series(fold).groupby(table.hosts.to_numpy()).nunique() == 1).all()
    shares = pd.crosstab(fold, labels_of(table).to_numpy(), normalize="index")
    assert (shares.max() - shares.min()).max() < 0.03
    assert set(fold) == set(range(5))


@pytest.mark.usefixtures("either_way")
def test_a_class_with_as_many_stars_as_folds_is_in_each_and_folds_are_of_one_size() -> None:
    labels = words(*["confirmed"] * 600, *["false_positive"] * 395, *["candidate"] * 5)
    # Of seven rows a star, of one, and one of the rare class's stars with a row of another.
    hosts = words(*[f"a{n // 7}" for n in range(600)], *[f"b{n}" for n in range(399)], "a3")
    fold = pd.Series(star_folds(labels, hosts, task=DISPOSITION))
    assert fold[labels == "candidate"].nunique() == 5
    assert (fold.groupby(hosts).nunique() == 1).all()
    sizes = fold.value_counts()
    assert sizes.max() - sizes.min() <= 14


@pytest.mark.usefixtures("either_way")
def test_the_seed_decides_the_folds(kepler_table: Table) -> None:
    first, again, other = (
        star_folds(labels_of(kepler_table), kepler_table.hosts, task=VETTING, seed=seed)
        for seed in (0, 0, 1)
    )
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("folds", [2, 5])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_folds_are_those_of_scikit_learn(
    folds: int, classes: int, kepler_tables: tuple[Table, Table]
) -> None:
    table = kepler_tables[0]
    target = labels_of(table).to_numpy()
    target = target if classes == 3 else target == "confirmed"
    settings = {"shuffle": True, "random_state": 7}
    theirs, ours = (
        [held_out.tolist() for _, held_out in kind(folds, **settings).split(target, target, hosts)]
        for kind in (StratifiedGroupKFold, StarFolds)
        for hosts in [table.hosts.to_numpy()]
    )
    assert ours == theirs


@pytest.mark.usefixtures("either_way")
def test_rows_without_a_label_are_in_folds_too() -> None:
    labels = words(*["confirmed", "false_positive"] * 10, None, "candidate")
    hosts = words(*(f"star {i}" for i in range(22)))
    assert len(star_folds(labels, hosts, task=VETTING)) == 22


@pytest.mark.usefixtures("either_way")
def test_fewer_stars_of_a_class_than_folds_are_refused() -> None:
    labels = words(*["confirmed"] * 30, *["false_positive"] * 30)
    hosts = words(*(f"star {i}" for i in range(30)), *["the same"] * 30)
    with pytest.raises(
        DataError,
        match=r"^The rows that are false positive belong to 1 host star; a division into 5 folds"
        r" needs at least 5\.$",
    ):
        star_folds(labels, hosts, task=VETTING)


def test_each_row_is_scored_by_a_model_that_saw_neither_its_star_nor_a_candidate(
    kepler_tables: tuple[Table, Table],
) -> None:
    table = kepler_tables[0]
    fit = Recorded()
    scores = out_of_fold(fit, LabelledRows.of([table], table.features), task=VETTING, seed=7)
    assert len(fit.trained) == 5
    for number, (labels, hosts, seed) in enumerate(fit.trained, start=1):
        assert labels == {"confirmed", "false_positive"}
        assert seed == 7
        scored = np.isclose(scores[:, 1], number / 10)
        assert scored.any()
        assert hosts.isdisjoint(table.hosts[scored])
    assert (labels_of(table) == "candidate").any()
    np.testing.assert_allclose(scores.sum(axis=1), 1.0)


def test_undecided_rows_of_other_stars_are_learnt_from_where_that_is_asked_for(
    kepler_tables: tuple[Table, Table],
) -> None:
    table = kepler_tables[0]
    fit = Recorded()
    rows = LabelledRows.of([table], table.features)
    scores = out_of_fold(fit, rows, task=VETTING, seed=7, undecided=True)
    for number, (labels, hosts, _) in enumerate(fit.trained, start=1):
        assert labels == {"candidate", "confirmed", "false_positive"}
        assert hosts.isdisjoint(table.hosts[np.isclose(scores[:, 1], number / 10)])
    fit = Recorded()
    calibrated(fit, task=VETTING, folds=3, undecided=True)(rows, 7)
    assert [labels for labels, _, _ in fit.trained] == [set(rows.labels)] * 4


def test_progress_counts_the_folds(kepler_tables: tuple[Table, Table]) -> None:
    table = kepler_tables[0]
    seen: list[tuple[float, str]] = []
    out_of_fold(
        Recorded(),
        LabelledRows.of([table], table.features),
        task=DISPOSITION,
        folds=2,
        progress=lambda fraction, step: seen.append((fraction, step)),
    )
    assert seen == [(0.0, "fold 1 of 2"), (0.5, "fold 2 of 2"), (1.0, "fold 2 of 2")]


def test_a_model_of_the_catalogue_is_fitted_on_its_columns(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    columns = usable_columns(training)[:6]
    values, _ = MODELS["random_forest"].read_hyperparameters({"n_estimators": 5})
    fit = Recipe(MODELS["random_forest"], values, VETTING).fit
    rows = LabelledRows.of([training], training.features, columns)
    model = fit(rows.take(VETTING.decided(rows.labels)), 3)
    probabilities = model.predict_proba(testing.features)
    assert probabilities.shape == (len(testing), 3)
    assert (probabilities[:, 0] == 0).all()


def test_the_small_booster_learns_and_gives_absent_classes_nothing(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    decided = VETTING.decided(labels_of(training))
    rows = LabelledRows.of([training], training.features).take(decided)
    first, again = (fit_small_booster(rows, 1).predict_proba(testing.features) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first.sum(axis=1), 1.0)
    assert (first[:, 0] == 0).all()
    targets = VETTING.targets(labels_of(testing))
    assert (VETTING.probabilities(first).argmax(axis=1) == targets)[targets >= 0].mean() > 0.85
