from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import Disposition
from mlcore.errors import DataError
from mlcore.inspection import probability_shap
from mlcore.inspection.probability_shap import MOST_ROWS, explain_probability
from mlcore.models import Classifier
from mlcore.models.classifier import CLASSES
from tests.mlcore.hand_made import COLUMNS, FITTED_MODELS, deep_is_false, fitted, rows
from tests.mlcore.inspection.shap.brute_force import shapley_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

PLANET = Disposition.CONFIRMED


def truth(model: Classifier, features: pd.DataFrame) -> NDArray[np.float64]:
    """Return the Shapley values of the planets' probability from their definition."""
    baseline = model.baseline if model.preparation is None else np.full(len(model.columns), np.nan)

    def output(X: NDArray[np.float64]) -> NDArray[np.float64]:
        return model.predict_proba(pd.DataFrame(X, columns=list(model.columns)))[:, 2]

    return shapley_values(output, features.to_numpy(), baseline)


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("model_type", FITTED_MODELS)
def test_with_few_columns_the_values_are_exact_for_every_model(model_type: str) -> None:
    features = rows()
    features.loc[::7, "koi_steff"] = np.nan
    model = fitted(model_type, features, deep_is_false(features))
    shown = features.iloc[:4]
    shap = explain_probability(model, shown, PLANET)
    np.testing.assert_allclose(shap.contributions, truth(model, shown), atol=2e-7)
    assert not shap.standard_errors.any()
    np.testing.assert_allclose(
        shap.base + shap.contributions.sum(axis=1), model.predict_proba(shown)[:, 2], atol=1e-9
    )


def test_sampled_values_lie_within_their_standard_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probability_shap, "_EXACT_COLUMNS", 0)
    features = rows()
    model = fitted("neural_network", features, deep_is_false(features), max_iter=50)
    shown = features.iloc[:10]
    shap = explain_probability(model, shown, PLANET)
    misses = np.abs(shap.contributions - truth(model, shown)) - 4 * shap.standard_errors
    assert (misses < 1e-9).all()
    assert 0 < shap.standard_errors.max() < 0.02
    np.testing.assert_allclose(
        shap.base + shap.contributions.sum(axis=1), shap.probability, atol=1e-12
    )


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("model_type", FITTED_MODELS)
def test_every_real_model_is_additive_in_the_probability(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained(model_type).model.classifier
    shown = kepler_tables[1].features.iloc[:2]
    for disposition in CLASSES[:2]:
        shap = explain_probability(model, shown, disposition, pairs=4)
        np.testing.assert_allclose(
            shap.probability, model.predict_proba(shown)[:, CLASSES.index(disposition)]
        )
        np.testing.assert_allclose(
            shap.base + shap.contributions.sum(axis=1), shap.probability, atol=1e-9
        )


def test_sampling_agrees_with_the_exact_values_of_a_real_forest(
    trained: Trained, kepler_tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = replace(trained("random_forest").model.classifier, calibration=None)
    shown = kepler_tables[1].features.iloc[:3]
    exact = explain_probability(model, shown, PLANET)
    assert not exact.standard_errors.any()
    monkeypatch.setattr(probability_shap, "_votes_with_probabilities", lambda *_given: False)
    sampled = explain_probability(model, shown, PLANET)
    assert np.corrcoef(exact.contributions.ravel(), sampled.contributions.ravel())[0, 1] > 0.98
    np.testing.assert_allclose(sampled.base, exact.base, atol=1e-12)


def test_a_class_that_the_model_never_gives_has_no_contributions() -> None:
    features = rows()
    model = fitted("random_forest", features, deep_is_false(features), n_estimators=5)
    shap = explain_probability(model, features.iloc[:2], Disposition.CANDIDATE)
    assert shap.base == 0
    assert not shap.contributions.any()


def test_the_training_median_itself_has_no_contributions() -> None:
    features = rows()
    model = fitted("xgboost", features, deep_is_false(features), n_estimators=5)
    median = pd.DataFrame([model.baseline], columns=[column.name for column in COLUMNS])
    shap = explain_probability(model, median, PLANET)
    assert not shap.contributions.any()
    assert shap.probability[0] == shap.base


def test_too_many_rows_are_refused() -> None:
    features = rows()
    model = fitted("decision_tree", features, deep_is_false(features))
    with pytest.raises(DataError, match=f"At most {MOST_ROWS} objects"):
        explain_probability(model, features, PLANET)


class Sharpened(Classifier):
    """A forest whose votes are followed by a calibration."""

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        squared = Classifier.predict_proba(self, features) ** 2
        return squared / squared.sum(axis=1, keepdims=True)


def test_what_is_explained_is_the_calibrated_probability() -> None:
    features = rows()
    plain = fitted("random_forest", features, deep_is_false(features), n_estimators=5, max_depth=2)
    model = Sharpened(**{field.name: getattr(plain, field.name) for field in fields(plain)})
    shown = features.iloc[:10]
    shap = explain_probability(model, shown, PLANET)
    np.testing.assert_allclose(shap.probability, model.predict_proba(shown)[:, 2])
    assert np.abs(shap.probability - plain.predict_proba(shown)[:, 2]).max() > 0.01
    np.testing.assert_allclose(shap.contributions, truth(model, shown), atol=1e-12)
