"""A published model, and a user's rows that are not like its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import mlcore

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.training.fine_tune import FineTuned
    from tests.mlcore.conftest import Trained
SHIFTED = ("koi_depth", "koi_prad", "koi_model_snr", "koi_duration", "koi_period")


@pytest.fixture(scope="session")
def model(trained: Trained) -> TrainedModel:
    return trained("xgboost").model


@pytest.fixture(scope="session")
def shifted(kepler_table: Table) -> tuple[Table, Table]:
    """Return a user's tables whose instrument measures some columns ten times too large."""
    own = mlcore.split(kepler_table, salt="a user's stars")[1].take(range(500))
    frame = own.frame.assign(**{name: own.frame[name] * 10 for name in SHIFTED})
    return mlcore.split(replace(own, frame=frame), salt="a user's test")


def flipped(table: Table) -> Table:
    """Return a user's table that calls every planet a false positive and the other way round."""
    words = {"CONFIRMED": "FALSE POSITIVE", "FALSE POSITIVE": "CONFIRMED"}
    labels = table.frame["koi_disposition"].replace(words)
    return replace(table, frame=table.frame.assign(koi_disposition=labels))


@pytest.fixture(scope="session")
def misled(model: TrainedModel, shifted: tuple[Table, Table]) -> FineTuned:
    return mlcore.fine_tune(model, flipped(shifted[0]))
