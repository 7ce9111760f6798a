"""A row has the same bits in whichever table, or part of one, it is scored and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.features.feature_sets import FeatureSet
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.blocks import in_blocks, steady_probabilities
from mlcore.prediction.assessment import learnt_places
from mlcore.prediction.check_outcomes import OUTCOMES, Outcome, outcomes_of
from mlcore.prediction.explaining import explain_scored
from mlcore.prediction.verdict import VERDICTS, verdict_of
from mlcore.run import RunContext
from tests.mlcore.hand_made import FITTED_MODELS

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.prediction.predict import Predictions
    from tests.mlcore.conftest import Trained

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)


@pytest.mark.sampled("decision_tree", "xgboost")
@EVERY_MODEL
def test_some_rows_are_explained_to_the_bit_as_among_all(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained(model_type).model
    training, testing = kepler_tables
    few = training.take(range(60))
    learnt = learnt_places(model, training.dataset, [LabelledRows.of([few], model.features(few))])
    rows = testing.take(range(70))
    features = model.features(rows)

    def explained(positions: np.ndarray, importance: np.ndarray | None) -> Predictions:
        return explain_scored(
            model,
            rows.take(positions),
            features.iloc[positions].reset_index(drop=True),
            learnt=learnt,
            measured=True,
            importance=importance,
            draws=10,
            run=RunContext(seed=2),
        )

    whole = explained(np.arange(70), None)
    importance = np.array(whole.about["importance"])
    assert (importance > 0).any()
    for positions in (np.array([69, 3, 40, 41, 8]), np.array([12])):
        part = explained(positions, importance)
        np.testing.assert_array_equal(part.probabilities, whole.probabilities[positions])
        for name in ("contributions", "base", "output"):
            np.testing.assert_array_equal(
                getattr(part.explanation, name), getattr(whole.explanation, name)[positions]
            )
        assert part.reasons == [whole.reasons[place] for place in positions]
        assert part.assessments == [whole.assessments[place] for place in positions]


@EVERY_MODEL
def test_what_is_said_of_every_row_is_what_is_said_of_each(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    result = trained(model_type)
    predictions, model = result.predictions, result.model
    scored, said = predictions.scored, predictions.assessments
    of_classes = model.task.probabilities(predictions.probabilities).tolist()
    assert [VERDICTS[place] for place in scored.verdicts] == [
        verdict_of(
            model.task,
            dict(zip(model.task.classes, row, strict=True)),
            one.conformal and one.conformal.possible,
        )
        for row, one in zip(of_classes, said, strict=True)
    ]
    assert scored.outside.outside.tolist() == [one.novelty.outside for one in said]
    assert scored.outside.outside.any()
    columns = model.classifier.columns
    causes = [columns[place] for place in scored.outside.places]
    assert causes == [cause.column for one in said for cause in one.novelty.causes]
    assert scored.outside.counts.tolist() == [len(one.novelty.causes) for one in said]
    ended = outcomes_of(kepler_tables[1])
    assert [[OUTCOMES[place] for place in row] for row in ended] == [
        [check.outcome for check in one.checks] for one in said
    ]
    failed = (ended == OUTCOMES.index(Outcome.FAILED)).sum(axis=1)
    assert [bits.bit_count() for bits in scored.failed.tolist()] == failed.tolist()


@EVERY_MODEL
def test_probabilities_by_blocks_are_the_models_own(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained(model_type).model
    features = model.features(kepler_tables[1])
    by_blocks = steady_probabilities(model.classifier, features)
    np.testing.assert_allclose(
        by_blocks, model.classifier.predict_proba(features), rtol=0, atol=1e-12
    )


def test_blocks_are_of_one_size_and_give_each_row_its_own() -> None:
    X = np.random.default_rng(0).normal(size=(75, 3))
    sizes = []

    def doubled(rows: np.ndarray) -> np.ndarray:
        sizes.append(len(rows))
        return 2 * rows

    np.testing.assert_array_equal(in_blocks(doubled, X, rows=32), 2 * X)
    assert sizes == [32, 32, 32]


def test_features_of_parts_are_those_of_the_whole(
    trained: Trained, kepler_table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlcore.prediction import large

    monkeypatch.setattr(large, "_ROWS_A_PART", 37)
    model = trained("linear_regression", "kepler", FeatureSet.HARMONISED).model
    table, catalogue = kepler_table.take(range(0, 400, 2)), kepler_table.take(range(600))
    parts = [part for *_, part in large._parts(model, table, catalogue)]
    assert {len(part) for part in parts} == {37, 200 % 37}
    pd.testing.assert_frame_equal(
        pd.concat(parts, ignore_index=True),
        model.features(table, reference=catalogue),
        check_exact=True,
    )
