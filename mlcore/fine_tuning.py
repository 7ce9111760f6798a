"""Fine-tuning: a published booster goes on learning from a user's rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xgboost
from xgboost import XGBClassifier

from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.models.fitting import RoundReport
from mlcore.progress import silent
from mlcore.training import labelled_rows

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = ["ROUNDS", "fine_tune"]

ROUNDS = 100
"""Boosting rounds that fine-tuning adds."""


def fine_tune(
    classifier: Classifier, table: Table, *, progress: ProgressCallback = silent
) -> Classifier:
    """Continue a published booster on the rows of a user's table.

    The trees that are there stay as they are and new ones are added that correct them on the
    user's rows, with the learning rate of the published model.

    Parameters
    ----------
    classifier
        An xgboost classifier.
    table
        Labelled rows of the same mission; rows without a label are left out, absent feature
        columns count as missing values.
    progress
        Called with the fraction of the rounds that are done.

    Returns
    -------
    Classifier
        A new classifier; the given one is unchanged.

    Raises
    ------
    DataError
        When the table has no labelled row, or has a class that the published model lacks.
    """
    if not isinstance(classifier.estimator, XGBClassifier):
        raise DataError(
            f"A {classifier.model_type.label} cannot be fine-tuned; only boosted trees can."
        )
    # How few rows are too few is the caller's to say: of an upload a part is held out first.
    learned_from = labelled_rows(table)
    labels = learned_from.labels
    assert labels is not None  # noqa: S101 - labelled_rows refuses a table without labels
    if labels.empty:
        raise DataError("The training file has no row with a disposition.")
    strange = sorted(set(labels) - set(classifier.classes))
    if strange:
        raise DataError(
            f"The training file has objects labelled {', '.join(strange)}, but the published"
            f" model knows only {', '.join(classifier.classes)}."
        )
    target = np.array([classifier.classes.index(Disposition(label)) for label in labels])
    # The estimator's own fit refuses a subset of its classes, which the booster itself can take.
    booster = xgboost.train(
        {
            key: value
            for key, value in classifier.estimator.get_xgb_params().items()
            if value is not None and key != "num_class"
        }
        | ({"num_class": len(classifier.classes)} if len(classifier.classes) > 2 else {}),
        xgboost.DMatrix(classifier.prepare(learned_from.features), label=target),
        num_boost_round=ROUNDS,
        # As it would be saved: one in memory also carries on where its random numbers stopped.
        xgb_model=classifier.estimator.get_booster().save_raw("ubj"),
        callbacks=[RoundReport(ROUNDS, progress)],
    )
    estimator = classifier.model_type.build(classifier.hyperparameters, classifier.seed)
    estimator.load_model(booster.save_raw("ubj"))
    return replace(classifier, estimator=estimator)
