"""Training: from a checked table to a fitted, evaluated and explained classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets.table import check_trainable
from mlcore.errors import DataError
from mlcore.evaluation import evaluate
from mlcore.models.catalogue import model_type as find_model_type
from mlcore.models.classifier import fit_classifier
from mlcore.prediction import predict_rows
from mlcore.progress import Progress, silent
from mlcore.splitting import split_by_star

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets.spec import Column
    from mlcore.datasets.table import Table
    from mlcore.evaluation import Evaluation
    from mlcore.models.classifier import Classifier
    from mlcore.prediction import Predictions
    from mlcore.progress import ProgressCallback

__all__ = [
    "FIXED_SPLIT",
    "HELD_OUT_SPLIT",
    "UPLOADED_TEST",
    "TrainingResult",
    "labelled_rows",
    "shared_stars",
    "split",
    "train",
    "training_rows",
    "usable_columns",
]

FIXED_SPLIT = "the fixed test split: a fifth of the host stars, none of them trained on"
HELD_OUT_SPLIT = "rows of the training file that were held out: a fifth of its host stars"
UPLOADED_TEST = "the rows of the testing file"

_STAGES = {"Preparing the table": 1, "Fitting the model": 60, "Explaining each object": 39}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingResult:
    """What a training run found."""

    classifier: Classifier
    predictions: Predictions
    evaluation: Evaluation | None
    """None when no test row has a true label."""
    train_rows: int
    warnings: tuple[str, ...]
    """What the user should know of, as sentences."""


def split(table: Table, *, salt: str = "") -> tuple[Table, Table]:
    """Divide a table into training and testing rows by host star, stratified by label.

    Parameters
    ----------
    table
        A table with labels.
    salt
        See `mlcore.splitting.split_by_star`.

    Returns
    -------
    training, testing : Table

    Raises
    ------
    DataError
        When the table has no labels.
    """
    if table.labels is None:
        raise DataError(f"The table has no column {table.dataset.label}, which splitting needs.")
    tested = split_by_star(table.hosts, table.labels, salt=salt)
    return table.take(~tested), table.take(tested)


def labelled_rows(table: Table) -> Table:
    """Return the rows that have a label: the others say nothing to learn from.

    Raises
    ------
    DataError
        When the table has no labels.
    """
    if table.labels is None:
        raise DataError(f"The table has no column {table.dataset.label}, which training needs.")
    return table.take(table.labels.notna().to_numpy())


def training_rows(table: Table) -> Table:
    """Return the labelled rows of a table that is large enough to train on.

    Raises
    ------
    DataError
        When there are too few rows, classes or stars to train on.
    """
    check_trainable(table)
    return labelled_rows(table)


def usable_columns(table: Table) -> tuple[Column, ...]:
    """Return the declared feature columns of which the table has at least one value.

    Raises
    ------
    DataError
        When there is none.
    """
    known = table.features.notna().any()
    columns = tuple(c for c in table.dataset.feature_columns() if known[c.name])
    if not columns:
        raise DataError(
            "The training table has no value in any feature column; expected are"
            f" {', '.join(c.name for c in table.dataset.feature_columns())}."
        )
    return columns


def shared_stars(training: Table, testing: Table) -> tuple[str, ...]:
    """Return a warning when host stars stand on both sides of a split, else nothing."""
    if training.dataset.host not in training.frame or testing.dataset.host not in testing.frame:
        return ()
    # A row without a star is a star of its own, in one table only.
    named = testing.frame[testing.dataset.host].notna()
    shared = set(training.hosts) & set(testing.hosts[named])
    if not shared:
        return ()
    rows = int(testing.hosts[named].isin(shared).sum())
    warning = (
        f"{len(shared)} host stars are in both the training and the testing table; the figures"
        f" may flatter the model on the {rows} testing rows of these stars."
    )
    return (warning,)


def train(
    model_type: str,
    training: Table,
    testing: Table,
    *,
    hyperparameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    tested_on: str = UPLOADED_TEST,
    progress: ProgressCallback = silent,
) -> TrainingResult:
    """Fit a classifier, evaluate it on the testing table and explain each of its rows.

    Parameters
    ----------
    model_type
        Name or alias of a model type in `mlcore.MODELS`.
    training
        Labelled rows to learn from; rows without a label are left out.
    testing
        Rows to predict, of the same mission.
    hyperparameters
        Values by name; absent ones take their defaults.
    seed
        Seed of every random step: the same seed, tables and versions give the same result.
    tested_on
        What the testing rows are, in words, for the evaluation.
    progress
        Called with the fraction of the work that is done and the current step.

    Returns
    -------
    TrainingResult

    Raises
    ------
    HyperparameterError
        When the model type or a hyperparameter is not allowed.
    DataError
        When the training table cannot be trained on.
    """
    steps = Progress(_STAGES, progress)
    kind = find_model_type(model_type)
    values, ignored = kind.read_hyperparameters(hyperparameters or {})
    with steps.stage("Preparing the table"):
        learned_from = training_rows(training)
        columns = usable_columns(learned_from)
        kind.check_cost(values, rows=len(learned_from), columns=len(columns))
    labels = learned_from.labels
    assert labels is not None  # noqa: S101 - training_rows refuses a table without labels
    with steps.stage("Fitting the model") as report:
        classifier = fit_classifier(
            kind,
            values,
            features=learned_from.features.loc[:, [column.name for column in columns]],
            labels=list(labels),
            hosts=list(learned_from.hosts),
            columns=columns,
            seed=seed,
            progress=report,
        )
    with steps.stage("Explaining each object") as report:
        predictions = predict_rows(classifier, testing, columns, progress=report)
    return TrainingResult(
        classifier=classifier,
        predictions=predictions,
        evaluation=evaluate(predictions.actual, predictions.labels, split=tested_on),
        train_rows=len(learned_from),
        warnings=(*ignored, *classifier.warnings, *shared_stars(learned_from, testing)),
    )
