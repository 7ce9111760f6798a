"""XGBoost fitted by workers: the same kind of model, as good, and saved like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import mlcore
from mlcore.errors import DataError
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models import MODELS, fit_classifier
from mlcore.partitioned.boosting import divided, fit_booster_on_workers
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.automl.searching import noisy_labels
from tests.mlcore.dask_workers.conftest import cluster
from tests.mlcore.hand_made import COLUMNS, labelled, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlcore.datasets import Table

pytest.importorskip("distributed", reason="the optional extra dask is not installed")
# Workers load every library, and xgboost its Dask part.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster(2, processes=True) as started:
        yield started.scheduler_address


def test_workers_fit_a_booster_that_is_as_good(address: str) -> None:
    features = rows(3000)
    features.loc[::7, "koi_steff"] = np.nan
    sample = labelled(features, noisy_labels(features))
    values, _ = MODELS["xgboost"].read_hyperparameters({"n_estimators": 30, "max_depth": 3})
    here = fit_classifier(MODELS["xgboost"], values, sample, seed=1, task=VETTING)
    there = fit_booster_on_workers(
        address, divided(sample, 5), values, columns=COLUMNS, task=VETTING, seed=1
    )
    assert (there.classes, there.columns) == (here.classes, here.columns)
    assert there.estimator.get_params().keys() == here.estimator.get_params().keys()
    np.testing.assert_array_equal(there.baseline, here.baseline)
    fresh = rows(2000, seed=9)
    truth = noisy_labels(fresh, seed=9) == "confirmed"
    place = 1 if here.predict_proba(fresh)[truth, 1].mean() > 0.5 else 2
    figures = [roc_auc_score(truth, one.predict_proba(fresh)[:, place]) for one in (here, there)]
    assert abs(figures[0] - figures[1]) < 0.01
    assert max(figures) > 0.75


def test_it_is_saved_and_read_like_any_other(
    address: str, kepler_table: Table, tmp_path: Path
) -> None:
    published = mlcore.load_published("kepler-vetting")
    table = kepler_table.take(range(1000))
    columns = published.columns(table.dataset)
    sample = LabelledRows.of([table], published.features(table), columns)
    decided = sample.take(VETTING.decided(sample.labels))
    values, _ = MODELS["xgboost"].read_hyperparameters({"n_estimators": 10})
    fitted = fit_booster_on_workers(
        address, divided(decided, 3), values, columns=columns, task=VETTING
    )
    model = replace(published, classifier=fitted, conformal=None)
    mlcore.save_artifact(model, tmp_path / "model")
    read = mlcore.load_artifact(tmp_path / "model").classifier
    assert read.hyperparameters == fitted.hyperparameters
    expected = fitted.predict_proba(sample.features)
    assert read.predict_proba(sample.features).tobytes() == expected.tobytes()
    said = mlcore.explain(read, sample.features.head(3), np.array([0, 1, 0]))
    assert np.abs(said.contributions).max() > 0


def test_a_class_that_does_not_occur_is_refused(address: str) -> None:
    sample = labelled(rows(40), ["confirmed", "false_positive"] * 20)
    values, _ = MODELS["xgboost"].read_hyperparameters({"n_estimators": 2})
    with pytest.raises(DataError, match="none that is candidate"):
        fit_booster_on_workers(
            address, divided(sample, 2), values, columns=COLUMNS, task=DISPOSITION
        )
