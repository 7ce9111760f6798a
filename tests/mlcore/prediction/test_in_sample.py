"""What is said of rows whose stars a model was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets.table import Table
from mlcore.prediction.in_sample import LEARNT, seen_in_training

if TYPE_CHECKING:
    from mlcore.models.trained_model import TrainedModel


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return mlcore.load_published("lightcurves-triage")


@pytest.fixture(scope="module")
def labelled() -> Table:
    """Return signals of light curves, of a star that the model knows first."""
    training, testing = mlcore.TrainingAPI().data("lightcurves")
    return training.take(np.arange(3)).with_rows_of(testing.take(np.arange(2)))


def unlabelled(table: Table) -> Table:
    return Table(
        dataset=table.dataset,
        frame=table.frame.drop(columns=table.dataset.label),
        row_numbers=table.row_numbers,
    )


def test_one_star_without_labels_is_told_that_the_answer_flatters_the_model(
    model: TrainedModel, labelled: Table
) -> None:
    assert model.knows(labelled).tolist() == [True, True, True, False, False]
    of_one = labelled.take(labelled.hosts == labelled.hosts.iloc[0])
    assert seen_in_training(unlabelled(of_one), model) == [LEARNT]


def test_of_many_stars_it_is_told_how_many_rows_are_of_those_that_it_knows(
    model: TrainedModel, labelled: Table
) -> None:
    (sentence,) = seen_in_training(labelled, model)
    assert sentence.startswith("3 of the 5 predicted rows belong to host stars that the published")
    assert seen_in_training(labelled.take(np.arange(3, 5)), model) == []
