"""A model type is one row and its recipe: a tenth one, known to this file alone, does it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import mlcore
from mlcore.errors import HyperparameterError
from mlcore.models import model_types
from mlcore.models.estimators import Recipe
from mlcore.models.hyperparameter_kinds import Real
from mlcore.models.spec import Explainer, ModelType, OutputScale
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.evaluation.model_result import ModelResult


def _naive_bayes(values: Mapping[str, Any], _seed: int) -> GaussianNB:
    return GaussianNB(var_smoothing=values["var_smoothing"])


RECIPE = Recipe(build=_naive_bayes)

ROW = ModelType(
    name="naive_bayes",
    label="Naive Bayes",
    description="Takes each column for independent of the others, given the disposition.",
    aliases=("gaussian_nb",),
    hyperparameters=(
        Real(
            name="var_smoothing",
            default=1e-9,
            minimum=1e-12,
            maximum=1.0,
            help="Share of the largest variance that each variance is widened by.",
        ),
    ),
    seconds=lambda _values, rows, columns: 1e-7 * rows * columns + 0.1,
    seconds_a_row=lambda _values, _rows, _columns: 0.002,
    estimator=f"{__name__}:RECIPE",
    explainer=Explainer.SAMPLING,
    output=OutputScale.PROBABILITY,
    minds_scale=True,
    standardised=lambda _values: True,
)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_types._BY_NAME, ROW.name, ROW)


@pytest.fixture
def result(registered: None, kepler_tables: tuple[Table, Table]) -> ModelResult:
    training, testing = kepler_tables
    return mlcore.train(
        "gaussian_nb",
        training,
        testing.take(range(40)),
        hyperparameters={"var_smoothing": "0.01"},
        inputs=MEASURED,
        seed=3,
    )


def test_a_tenth_model_type_is_listed_trained_explained_saved_and_asked_again(
    result: ModelResult, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    assert list(mlcore.MODELS)[-1] == "naive_bayes"
    model = result.model
    assert model.classifier.hyperparameters == {"var_smoothing": 0.01}
    assert result.report.measurement is not None
    assert result.report.calibration is not None
    assert result.report.probes is not None
    # Its contributions add up to what it states, in words as in numbers.
    explanation = result.predictions.explanation
    assert explanation.scale is OutputScale.PROBABILITY
    np.testing.assert_allclose(
        explanation.base + explanation.contributions.sum(axis=1), explanation.output, atol=1e-9
    )
    assert all(result.predictions.reasons)
    mlcore.save_artifact(model, tmp_path / "artifact")
    loaded = mlcore.load_artifact(tmp_path / "artifact")
    few = kepler_tables[1].take(range(40))
    again = mlcore.predict(loaded, few, reference=kepler_tables[0].with_rows_of(few), seed=3)
    np.testing.assert_array_equal(again.probabilities, result.predictions.probabilities)


@pytest.mark.usefixtures("registered")
def test_a_tenth_model_type_is_refused_and_priced_in_words_like_any() -> None:
    kind = mlcore.MODELS["naive_bayes"]
    with pytest.raises(HyperparameterError, match="var_smoothing"):
        kind.read_hyperparameters({"var_smoothing": 2})
    with pytest.raises(HyperparameterError, match="would take about"):
        kind.check_cost(kind.read_hyperparameters({})[0], rows=10**9, columns=100)


def test_once_it_is_gone_nobody_knows_it() -> None:
    assert "naive_bayes" not in mlcore.MODELS
    with pytest.raises(HyperparameterError, match=r"^model_type was 'naive_bayes'"):
        model_types.model_type("naive_bayes")
