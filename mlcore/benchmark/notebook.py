"""The plainest honest notebook: read a table, impute, fit a bare estimator, predict, score.

It is what a session's speed is held against, so it does nothing that a careful person would not
write into one cell: medians stand in for missing values, columns are standardised where the
estimator minds their scale, and the estimator is scikit-learn's or XGBoost's own, without
calibration, intervals, explanations or progress. It runs in a fresh process, in one thread as a
job does, and its clock starts when everything is imported.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mlcore.benchmark.fresh_process import printed_by
from mlcore.datasets.snapshot import read_snapshot
from mlcore.features.feature_sets import Inputs
from mlcore.models import MODELS
from mlcore.models.margin_svc import MarginSVC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = ["Notebook", "NotebookRun", "run_here", "run_notebook", "write_table"]

_LABEL, _TESTED = "label", "in_test_split"
"""What a notebook's table has beside the columns of the model."""
_CHILD = "from mlcore.benchmark.notebook import main; main()"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notebook:
    """What a notebook does: the same as a session, as far as it goes."""

    table: str
    """A file that `write_table` wrote."""
    model_type: str
    hyperparameters: Mapping[str, Any]
    columns: tuple[str, ...]
    """Those of the session's model."""
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NotebookRun:
    """What a notebook found, and what it took."""

    wall_seconds: float
    """From before the table is read until the figures are there."""
    fit_cpu_seconds: float
    """Processor time of the estimator's fit alone."""
    train_rows: int
    test_rows: int
    accuracy: float
    roc_auc: float
    """Of each class against the others, their mean."""
    confusion: tuple[tuple[int, ...], ...]
    """True classes down, predicted ones across, in the order of their names."""


def write_table(snapshot: Path, dataset: Dataset, path: Path) -> None:
    """Write what a notebook reads: the model's columns, the label, and which rows are tested.

    Features that are derived from columns are in it as columns, because a notebook that computed
    them would be no bare one.

    Parameters
    ----------
    snapshot
        What the session read; see `mlcore.datasets.snapshot.write_snapshot`.
    dataset
        Its mission.
    path
        Where to write Parquet.
    """
    training, testing = read_snapshot(snapshot, dataset)
    table = training.with_rows_of(testing)
    frame = Inputs().matrix(table, reference=table)
    frame[_LABEL] = table.labels
    frame[_TESTED] = np.arange(len(table)) >= len(training)
    frame.to_parquet(path, index=False)


def run_notebook(notebook: Notebook) -> NotebookRun:
    """Run a notebook in a fresh process with one thread."""
    found = printed_by(_CHILD, json.dumps(asdict(notebook)))
    return NotebookRun(**found | {"confusion": tuple(map(tuple, found["confusion"]))})


def main() -> None:
    """Run the notebook that the first argument describes and print what it found as JSON."""
    asked = json.loads(sys.argv[1])
    found = run_here(Notebook(**asked | {"columns": tuple(asked["columns"])}))
    sys.stdout.write(json.dumps(asdict(found), allow_nan=False))


def run_here(notebook: Notebook) -> NotebookRun:
    """Run a notebook in this process, whose imports are done."""
    preparation, estimator = _unfitted(notebook)
    began = time.perf_counter()
    frame = pd.read_parquet(notebook.table)
    tested = frame[_TESTED].to_numpy(dtype=bool)
    classes, target = np.unique(frame[_LABEL].astype(str), return_inverse=True)
    X = frame[list(notebook.columns)].to_numpy(dtype=np.float64)
    training, testing = preparation.fit_transform(X[~tested]), preparation.transform(X[tested])
    fit_began = time.process_time()
    with warnings.catch_warnings():
        # A session ends at the same limit of iterations, and says so.
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(training, target[~tested])
    fit_cpu_seconds = time.process_time() - fit_began
    predicted, truth = estimator.predict(testing), target[tested]
    accuracy = accuracy_score(truth, predicted)
    each = truth[:, None] == np.arange(len(classes))
    roc_auc = roc_auc_score(each, _scores(estimator, testing), average="macro")
    confusion = confusion_matrix(truth, predicted, labels=range(len(classes)))
    wall_seconds = time.perf_counter() - began
    return NotebookRun(
        wall_seconds=wall_seconds,
        fit_cpu_seconds=fit_cpu_seconds,
        train_rows=int((~tested).sum()),
        test_rows=int(tested.sum()),
        accuracy=float(accuracy),
        roc_auc=float(roc_auc),
        confusion=tuple(tuple(map(int, row)) for row in confusion),
    )


def _unfitted(notebook: Notebook) -> tuple[Any, Any]:
    kind = MODELS[notebook.model_type]
    values, _ = kind.read_hyperparameters(notebook.hyperparameters)
    estimator = kind.recipe.build(values, notebook.seed)
    if isinstance(estimator, MarginSVC):
        # It fits twice, to learn probabilities, which a bare one does not have.
        own = estimator.get_params()
        estimator = SVC(**{name: own[name] for name in ("C", "kernel", "gamma", "max_iter")})
    steps: Sequence[Any] = [SimpleImputer(strategy="median", keep_empty_features=True)]
    if kind.minds_scale:
        steps = [*steps, StandardScaler()]
    return make_pipeline(*steps), estimator


def _scores(estimator: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what grows with each class's probability, shape ``(n, k)``."""
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(X))
    scores = np.asarray(estimator.decision_function(X))
    return scores if scores.ndim == 2 else np.column_stack([-scores, scores])
