"""The notebook that sessions are held against finds what anybody's would find."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from mlcore.benchmark.notebook import Notebook, NotebookRun, run_here, run_notebook, write_table
from mlcore.datasets import DATASETS
from mlcore.datasets.snapshot import read_snapshot, write_snapshot
from mlcore.models import MODELS

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table

COLUMNS = ("period", "depth", "radius")
LOGISTIC = LogisticRegression(solver="newton-cholesky", max_iter=1000, random_state=3)
PLAIN = {
    "linear_regression": LOGISTIC,
    "svm": SVC(),
    "decision_tree": DecisionTreeClassifier(random_state=3),
    "random_forest": RandomForestClassifier(random_state=3),
    "extra_trees": ExtraTreesClassifier(random_state=3),
    "xgboost": XGBClassifier(
        learning_rate=0.1, max_depth=6, n_estimators=100, subsample=1.0, n_jobs=1, random_state=3
    ),
    "gradient_boosting": HistGradientBoostingClassifier(early_stopping=False, random_state=3),
    "pca": make_pipeline(PCA(n_components=0.95, svd_solver="full", random_state=3), LOGISTIC),
    "neural_network": MLPClassifier(random_state=3),
}
"""Each model type as a person would write it down, with the defaults of the session."""
STANDARDISED = {"linear_regression", "svm", "pca", "neural_network"}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return three classes that three columns tell apart in part, with gaps."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 3, 240)
    X = rng.normal(label[:, None] * [0.8, -0.5, 30.0], [1.0, 1.0, 40.0])
    X[rng.random(X.shape) < 0.1] = np.nan
    names = np.array(["candidate", "confirmed", "false_positive"])
    return pd.DataFrame(X, columns=COLUMNS).assign(
        unseen=rng.normal(size=240), label=names[label], in_test_split=np.arange(240) >= 180
    )


@pytest.fixture(scope="module")
def notebook(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    path = tmp_path_factory.mktemp("notebook") / "table.parquet"
    frame.to_parquet(path, index=False)
    return Notebook(table=str(path), model_type="svm", hyperparameters={}, columns=COLUMNS, seed=3)


def by_hand(frame: pd.DataFrame, model_type: str) -> tuple[Any, Any]:
    """Return the test rows' predictions and scores, by numpy and the estimator alone."""
    X = frame[list(COLUMNS)].to_numpy()
    X = np.where(np.isnan(X), np.nanmedian(X[:180], axis=0), X)
    if model_type in STANDARDISED:
        X = (X - X[:180].mean(axis=0)) / X[:180].std(axis=0)
    target = pd.Categorical(frame["label"]).codes
    fitted = PLAIN[model_type].fit(X[:180], target[:180])
    scores = getattr(fitted, "predict_proba", None) or fitted.decision_function
    return fitted.predict(X[180:]), scores(X[180:])


@pytest.mark.sampled(every=3)
# A network of a few passes has not settled, in either hand.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model_type", list(PLAIN))
def test_the_notebooks_figures_are_those_of_the_plain_estimator(
    notebook: Notebook, frame: pd.DataFrame, model_type: str
) -> None:
    run = run_here(replace(notebook, model_type=model_type))
    predicted, scores = by_hand(frame, model_type)
    truth = pd.Categorical(frame["label"]).codes[180:]
    assert (run.train_rows, run.test_rows) == (180, 60)
    assert run.accuracy == accuracy_score(truth, predicted)
    assert run.confusion == tuple(map(tuple, confusion_matrix(truth, predicted)))
    areas = [roc_auc_score(truth == kind, scores[:, kind]) for kind in range(3)]
    assert run.roc_auc == pytest.approx(np.mean(areas), abs=1e-6)
    assert 0.4 < run.accuracy < 0.95


def test_every_model_type_has_a_notebook() -> None:
    assert set(PLAIN) == {name for name, entry in MODELS.items() if not entry.searches}


def test_the_notebook_has_the_sessions_hyperparameters(
    notebook: Notebook, frame: pd.DataFrame
) -> None:
    stump = replace(notebook, model_type="decision_tree", hyperparameters={"max_depth": 1})
    # A stump has two leaves, and so at most two answers.
    said = np.array(run_here(stump).confusion).sum(axis=0)
    assert (said > 0).sum() == 2
    assert said.sum() == len(frame) - 180


def test_the_time_of_a_fit_is_the_estimators(notebook: Notebook) -> None:
    def run(trees: int) -> NotebookRun:
        forest = {"n_estimators": trees}
        return run_here(replace(notebook, model_type="extra_trees", hyperparameters=forest))

    few, many = run(1), run(200)
    assert many.fit_cpu_seconds > few.fit_cpu_seconds > 0
    assert many.wall_seconds > few.wall_seconds > 0


@pytest.mark.slow
@pytest.mark.long
def test_a_fresh_process_finds_the_same(notebook: Notebook) -> None:
    tree = replace(notebook, model_type="decision_tree", hyperparameters={"max_depth": 3})
    here, there = run_here(tree), run_notebook(tree)
    times = {"wall_seconds": 0.0, "fit_cpu_seconds": 0.0}
    assert replace(there, **times) == replace(here, **times)
    assert there.wall_seconds > 0


def test_the_notebook_reads_the_rows_and_the_split_of_the_snapshot(
    kepler_table: Table, tmp_path: Path
) -> None:
    some = kepler_table.take(np.arange(len(kepler_table)) < 400)
    write_snapshot(some, tmp_path / "snapshot.parquet")
    write_table(tmp_path / "snapshot.parquet", DATASETS["kepler"], tmp_path / "table.parquet")
    written = pd.read_parquet(tmp_path / "table.parquet")
    training, testing = read_snapshot(tmp_path / "snapshot.parquet", DATASETS["kepler"])
    tested = written["in_test_split"]
    assert (len(training), len(testing)) == ((~tested).sum(), tested.sum())
    assert testing.labels is not None
    assert list(written.loc[tested, "label"]) == list(testing.labels)
    periods = testing.frame["koi_period"].to_numpy()
    np.testing.assert_array_equal(written.loc[tested, "koi_period"], periods)
    # What is derived from columns is there too, so that nothing has to be derived in it.
    assert "koi_score" not in written
    assert len(written.columns) > len(training.features.columns) + 2
