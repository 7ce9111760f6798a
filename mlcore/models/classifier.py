"""A fitted classifier: what its columns are, how they are prepared, what it predicts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mlcore.datasets.spec import CLASSES, Disposition, Scale
from mlcore.models.preprocessing import LogScale
from mlcore.progress import silent
from mlcore.tasks import DISPOSITION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.calibration.calibrator import Calibration
    from mlcore.datasets.spec import Column
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.spec import ModelType
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["CLASSES", "Classifier", "fit_classifier", "known_medians"]

_UNSETTLED = "The fit stopped at its limit of iterations before it had settled."


class Ask(Protocol):
    """Asks a function of prepared rows, at once or in parts, for a value of each."""

    def __call__(
        self, function: Callable[[NDArray[np.float64]], NDArray[Any]], X: NDArray[np.float64]
    ) -> NDArray[Any]:
        """Return what the function says of the rows, shape ``(n, ...)``."""


def _ask(
    function: Callable[[NDArray[np.float64]], NDArray[Any]], X: NDArray[np.float64]
) -> NDArray[Any]:
    return function(X)


@dataclass(frozen=True, kw_only=True, slots=True)
class Classifier:
    """A fitted model with everything that a prediction needs."""

    model_type: ModelType
    hyperparameters: Mapping[str, Any]
    columns: tuple[str, ...]
    """Names of the feature columns, in the order of the matrix."""
    classes: tuple[Disposition, ...]
    """Classes that the training rows held, in canonical order; target `i` means `classes[i]`."""
    preparation: Pipeline | None
    """Logarithms, imputation and standardisation, column by column; None: used as they are."""
    estimator: Any
    baseline: NDArray[np.float64]
    """The training median of each prepared column, shape ``(p,)``: what explanations start from."""
    seed: int
    task: Task = DISPOSITION
    """What is told apart."""
    calibration: Calibration | None = None
    """What was learnt about the probabilities on stars that the model had not seen."""
    warnings: tuple[str, ...] = ()
    """What the fit was not happy with, as sentences."""

    def prepare(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Return the matrix that the estimator sees, shape ``(n, p)``.

        Parameters
        ----------
        features
            Table with at least the classifier's columns, in the columns' declared units.
        """
        X = features.loc[:, list(self.columns)].to_numpy(dtype=np.float64)
        return X if self.preparation is None else self.preparation.transform(X)

    def predict_proba(self, features: pd.DataFrame, *, ask: Ask = _ask) -> NDArray[np.float64]:
        """Return the probability of each of `CLASSES`, shape ``(n, 3)``, rows summing to 1.

        They are calibrated where a calibration was learnt.

        Parameters
        ----------
        features
            As in `prepare`.
        ask
            How the estimator is asked.
        """
        stated = self.uncalibrated(features, ask=ask)
        if self.calibration is None:
            return stated
        return self.task.of_all(self.calibration.apply(self.task.probabilities(stated)))

    def uncalibrated(self, features: pd.DataFrame, *, ask: Ask = _ask) -> NDArray[np.float64]:
        """Return the probabilities as the estimator states them, shape ``(n, 3)``."""
        stated = ask(self.estimator.predict_proba, self.prepare(features)).astype(np.float64)
        probabilities = np.zeros((len(stated), len(CLASSES)))
        probabilities[:, [CLASSES.index(kind) for kind in self.classes]] = stated
        # Boosters compute in single precision.
        return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


def fit_classifier(
    model_type: ModelType,
    values: Mapping[str, Any],
    rows: LabelledRows,
    *,
    seed: int,
    task: Task = DISPOSITION,
    progress: ProgressCallback = silent,
) -> Classifier:
    """Fit a model on labelled rows.

    Parameters
    ----------
    model_type, values
        What to fit, and what `ModelType.read_hyperparameters` returned for it.
    rows
        The training rows, each with a label that is one of the task's classes; the model sees the
        columns that are declared.
    seed
        Seed of every random step.
    task
        What is told apart.
    progress
        Called with the fraction of the fit that is done and a detail in words.

    Returns
    -------
    Classifier
    """
    codes, words = pd.factorize(rows.labels, use_na_sentinel=False)
    labels = [Disposition(word) for word in words]
    classes = tuple(kind for kind in CLASSES if kind in labels)
    target = np.array([classes.index(kind) for kind in labels])[codes]
    names = [column.name for column in rows.columns]
    # Not copied where it need not be: another order in memory rounds otherwise.
    seen = rows.features if list(rows.features) == names else rows.features.loc[:, names]
    X = seen.to_numpy(dtype=np.float64)
    preparation, prepared = _prepared(model_type, values, rows.columns, X)
    recipe, hosts = model_type.recipe, rows.hosts.to_numpy()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        estimator = recipe.fit(recipe.build(values, seed), prepared, target, hosts, progress)
    unsettled = any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
    return Classifier(
        model_type=model_type,
        hyperparameters=dict(values),
        columns=tuple(names),
        classes=classes,
        preparation=preparation,
        estimator=estimator,
        baseline=_baseline(prepared, preparation),
        seed=seed,
        task=task,
        warnings=(_UNSETTLED,) if unsettled else (),
    )


def _prepared(
    model_type: ModelType, values: Mapping[str, Any], columns: Sequence[Column], X: NDArray[Any]
) -> tuple[Pipeline | None, NDArray[np.float64]]:
    """Return the fitted steps between the table and the estimator, and what they make of `X`."""
    steps: list[tuple[str, Any]] = []
    if model_type.minds_scale:
        spread = [i for i, column in enumerate(columns) if column.scale is Scale.LOG]
        scale = LogScale(spread)
        X = scale.fit_transform(X)
        steps.append(("logarithms", scale))
    if not model_type.sees_missing:
        # Medians are all that it learns; from every row it sorts with masks, four times as long.
        imputer = SimpleImputer(strategy="median", keep_empty_features=True)
        X = imputer.fit(known_medians(X)[None, :]).transform(X)
        steps.append(("imputation", imputer))
    if model_type.standardised(values):
        standard = StandardScaler()
        X = standard.fit_transform(X)
        steps.append(("standardisation", standard))
    return (Pipeline(steps) if steps else None), X


def _baseline(prepared: NDArray[np.float64], preparation: Pipeline | None) -> NDArray[np.float64]:
    if preparation is not None:
        # A row of which nothing is known is imputed to the medians, so that a missing value
        # contributes exactly nothing.
        unknown = np.full((1, prepared.shape[1]), np.nan)
        return np.asarray(preparation.transform(unknown)[0])
    return known_medians(prepared)


def known_medians(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each column's known values, 0 where it has none; shape ``(p,)``."""
    empty = np.isnan(X).all(axis=0)
    return np.where(empty, 0.0, np.nanmedian(np.where(empty, 0.0, X), axis=0))
