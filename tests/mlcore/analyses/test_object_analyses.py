"""Analyses of one object, on real rows and with the default inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.analyses.of_object import _derived_again, _derived_columns
from mlcore.errors import DataError
from mlcore.features.feature_sets import Inputs
from mlcore.jobs.analyse import subject_of_session
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.training_rows import training_rows
from mlcore.models import MODELS, fit_classifier
from mlcore.models.novelty import fit_novelty
from mlcore.models.trained_model import TrainedModel
from mlcore.prediction.predict import predict_rows
from mlcore.prediction.stored import prediction_rows
from mlcore.tasks import VETTING
from tests.mlcore.analyses.analysed import DISPOSITIONS, LIGHT, Session, contributions, few_draws
from tests.mlcore.hand_made import FITTED_MODELS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
PLANET = "confirmed"


@pytest.mark.parametrize(
    "model_type",
    ["decision_tree", "xgboost", pytest.param("linear_regression", marks=pytest.mark.long)],
)
def test_a_planets_probability_is_attributed_in_the_same_way_for_every_model(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    row = of.rows[4]
    answer = of.answer("probability", 5)
    assert answer["disposition"] == PLANET
    assert answer["output"] == pytest.approx(row["probabilities"][2], abs=1e-12)
    assert answer["base"] + contributions(answer) == pytest.approx(answer["output"], abs=1e-9)
    assert {column["column"] for column in answer["columns"]} == set(of.result["model"]["columns"])
    sizes = [abs(column["contribution"]) for column in answer["columns"]]
    assert sizes == sorted(sizes, reverse=True)
    assert answer["object"] == {
        "number": 5,
        "name": row["name"],
        "label": row["label"],
        "probabilities": pytest.approx(
            dict(zip(DISPOSITIONS, row["probabilities"], strict=True)), abs=1e-12
        ),
    }
    # Of two classes one gains what the other loses.
    other = of.answer("probability", 5, wanted="false_positive")
    assert other["output"] == pytest.approx(1 - answer["output"])
    assert contributions(other) == pytest.approx(-contributions(answer), abs=1e-9)


@pytest.mark.long
@pytest.mark.parametrize("model_type", ["decision_tree", "random_forest"])
def test_path_dependent_values_add_up_to_the_votes(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    answer = of.answer("path_dependent", 7)
    assert answer["base"] + contributions(answer) == pytest.approx(answer["output"], abs=1e-9)
    subject = subject_of_session(of.job("path_dependent", 7))
    votes = subject.model.classifier.uncalibrated(subject.features().iloc[[6]])[0]
    assert answer["output"] == pytest.approx(votes[DISPOSITIONS.index(answer["disposition"])])


def test_a_decision_path_is_told_in_words(session: Callable[..., Session]) -> None:
    of = session("decision_tree")
    answer = of.answer("decision_path", 2)
    values = dict(zip(of.result["model"]["columns"], of.rows[1]["values"], strict=True))
    assert answer["trees"] == 1
    assert answer["sentences"][0].startswith("The model is one tree")
    assert answer["sentences"][-1] == answer["conclusion"]
    for step in answer["steps"]:
        assert step["value"] == values[step["column"]]
        if step["value"] is not None:
            assert step["at_most"] == (np.float32(step["value"]) <= step["threshold"])


def test_each_tree_of_a_forest_tells_its_own_path(session: Callable[..., Session]) -> None:
    of = session("random_forest")
    first, other = (of.answer("decision_path", 2, tree=tree) for tree in (1, 3))
    assert (first["tree"], other["tree"]) == (1, 3)
    assert other["sentences"][0].startswith(f"This is tree 3 of {other['trees']}, whose votes")
    assert first["steps"] != other["steps"]


def test_a_model_that_does_not_fit_is_refused_in_its_own_words(
    session: Callable[..., Session],
) -> None:
    of = session("xgboost")
    for analysis, words in {
        "decision_path": "has no decision path",
        "path_dependent": "has no path-dependent values",
    }.items():
        with pytest.raises(DataError, match=words):
            of.answer(analysis, 1)


@pytest.mark.parametrize(
    "model_type", ["decision_tree", pytest.param("xgboost", marks=pytest.mark.long)]
)
def test_a_counterfactual_is_another_answer_of_the_same_model(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    number = next(row["number"] for row in of.rows if row["label"] == PLANET)
    answer = of.answer("counterfactual", number, wanted="false_positive")
    assert answer["found"]
    assert answer["answer"] == "false_positive"
    assert answer["probability"] > 0.5 > answer["probability_before"]
    changed = {column["column"] for change in answer["changes"] for column in change["columns"]}
    assert changed.isdisjoint(_derived_columns(of.result["model"]["columns"]))

    # Changing the object's catalogue in this way gives this probability.
    subject = subject_of_session(of.job("counterfactual", number))
    analysed = subject.object_at(number)
    after = analysed.features.assign(
        **{
            column["column"]: np.nan if column["after"] is None else column["after"]
            for change in answer["changes"]
            for column in change["columns"]
        }
    )
    derive = _derived_again(subject.model, analysed)
    assert derive is not None
    scores = subject.model.classifier.predict_proba(derive(after))[0]
    assert scores[DISPOSITIONS.index("false_positive")] == pytest.approx(answer["probability"])
    with pytest.raises(DataError, match="answer is confirmed already"):
        of.answer("counterfactual", number, wanted=PLANET)


@pytest.mark.parametrize(
    "feature_set", ["default", pytest.param("harmonised", marks=pytest.mark.long)]
)
def test_what_is_derived_follows_a_change_of_what_is_measured(
    feature_set: str, session: Callable[..., Session]
) -> None:
    of = session("decision_tree", feature_set=feature_set)
    subject = subject_of_session(of.job("counterfactual", 3))
    analysed = subject.object_at(3)
    derive = _derived_again(subject.model, analysed)
    assert derive is not None
    # As it is, nothing changes but rounding of units.
    np.testing.assert_allclose(derive(analysed.features), analysed.features, rtol=1e-12)
    period = "koi_period" if feature_set == "default" else "period"
    longer = analysed.features.assign(**{period: 10 * analysed.features[period]})
    frame = analysed.table.frame.assign(koi_period=10 * analysed.table.frame["koi_period"])
    matrix = subject.model.features_drawn(replace(analysed.table, frame=frame), analysed.features)
    rederived = derive(longer)
    derived = [name for name in rederived if name in _derived_columns(list(rederived))]
    np.testing.assert_allclose(rederived[derived], matrix[derived], rtol=1e-9)
    assert not np.allclose(rederived["scaled_axis"], analysed.features["scaled_axis"])
    # Siblings and matches stay as they are.
    fixed = [name for name in rederived if name not in derived and name != period]
    np.testing.assert_array_equal(rederived[fixed], analysed.features[fixed])


# Explanations as they are stored


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("model_type", FITTED_MODELS)
def test_stored_contributions_add_up_to_the_stored_output(
    model_type: str, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    inputs, kind = Inputs(), MODELS[model_type]
    rows = training_rows(training, VETTING)
    part = LabelledRows.of([rows], inputs.matrix(rows, reference=training))
    sample = rows_to_learn_from([part], inputs)
    classifier = fit_classifier(
        kind,
        kind.read_hyperparameters(LIGHT)[0],
        sample,
        seed=1,
        task=VETTING,
    )
    model = TrainedModel(
        classifier=classifier,
        missions=("kepler",),
        inputs=inputs,
        conformal=None,
        novelty=fit_novelty(sample.features, sample.columns),
        stars=frozenset(sample.hosts),
        frequencies=(0.5, 0.5),
        train_rows=len(sample),
    )
    with few_draws():
        predictions = predict_rows(model, testing.take(range(40)), reference=training)
    predictions.write(tmp_path / "file")
    stored = list(prediction_rows(tmp_path / "file"))
    assert len(stored) == 40
    assert len(stored[0]["contributions"]) == len(sample.columns) > 60
    for row in stored:
        summed = row["base"] + sum(row["contributions"])
        assert summed == pytest.approx(row["output"], rel=0, abs=1e-9)
    assert max(abs(contribution) for row in stored for contribution in row["contributions"]) > 0.01
