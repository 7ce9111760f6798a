"""Analyses see the rows of their session, and a notebook's rows as a session's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.analyses.names import Analysis, refusal_of_analysis
from mlcore.datasets import KEPLER
from mlcore.datasets.snapshot import read_snapshot
from mlcore.errors import ArtifactError, DataError
from mlcore.jobs.analyse import subject_of_session
from mlcore.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.mlcore.analyses.analysed import Session


# The rows are those of the session


def every_object_is_the_predicted_one(of: Session) -> None:
    subject = subject_of_session(of.job("needed_columns"))
    names = list(subject.table.names)
    assert names == [row["name"] for row in of.rows]
    values = np.array([row["values"] for row in of.rows], dtype=float)
    np.testing.assert_array_equal(subject.features().to_numpy(), values)
    for number in (1, len(of.rows) // 2, len(of.rows)):
        row = of.rows[number - 1]
        analysed = subject.object_at(number, row["name"])
        # How many rows are scored at once may decide the last bits.
        assert analysed.probabilities == pytest.approx(row["probabilities"], rel=0, abs=1e-12)
        assert analysed.label == row["label"]
        assert analysed.as_json()["name"] == row["name"]


@pytest.mark.sampled("xgboost")
@pytest.mark.parametrize("model_type", ["decision_tree", "xgboost"])
def test_an_objects_number_is_that_of_its_prediction(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    every_object_is_the_predicted_one(of)
    # The candidates of the training side come last.
    assert of.rows[-1]["actual"] == "candidate"


@pytest.mark.long
def test_an_objects_number_is_that_of_its_prediction_where_rows_were_held_out(
    tuned: Session,
) -> None:
    assert tuned.result["model"]["fine_tuned"]
    every_object_is_the_predicted_one(tuned)


def test_the_rows_learnt_from_are_those_of_the_training(session: Callable[..., Session]) -> None:
    of = session("decision_tree")
    subject = subject_of_session(of.job("drop_columns"))
    assert len(subject.learned_from()) == of.result["model"]["train_rows"]
    assert set(subject.learned_from().hosts) == subject.model.stars


@pytest.mark.long
def test_a_fine_tuned_model_learnt_from_the_missions_rows_and_the_users(tuned: Session) -> None:
    subject = subject_of_session(tuned.job("average_replacement"))
    sample = subject.learned_from()
    assert len(sample) == (subject.model.train_rows + tuned.result["model"]["fine_tuning_rows"])
    assert set(sample.hosts) == subject.model.stars


@pytest.mark.long
def test_without_the_training_sessions_rows_those_of_its_stars_are_taken(
    tuned: Session, session: Callable[..., Session]
) -> None:
    whole = subject_of_session(tuned.job("average_replacement")).learned_from()
    # As it is with a model that came with the program.
    nameless = {**session("xgboost").spec, "snapshot": None, "training_file": None}
    for training in (None, nameless):
        job = tuned.job("average_replacement", training=training)
        again = subject_of_session(job).learned_from()
        pd.testing.assert_frame_equal(again.features, whole.features)


def test_rows_that_have_changed_are_not_analysed(session: Callable[..., Session]) -> None:
    of = session("decision_tree")
    with pytest.raises(DataError, match=r"object 2 is .* and not K00000\.01 any more\.$"):
        of.answer("decision_path", 2, object_name="K00000.01")
    for number in (0, len(of.rows) + 1):
        with pytest.raises(DataError, match=f"object_number was {number}, but it must be"):
            of.answer("decision_path", None, object_number=number)


def test_a_model_that_is_gone_is_not_analysed(
    session: Callable[..., Session], tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError):
        session("decision_tree").answer("needed_columns", artifact=str(tmp_path / "nowhere"))


# From a notebook


@pytest.mark.long
def test_a_notebook_gets_the_answers_of_a_session_with_the_same_rows(
    session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    of = session("decision_tree", hyperparameters={"max_depth": 3})
    subject = subject_of_session(of.job("decision_path", 3))
    learned_from, _ = read_snapshot(kepler_snapshot, KEPLER)
    for analysis, number in (("decision_path", 3), ("counterfactual", 3), ("needed_columns", None)):
        answer = mlcore.analyse(
            analysis,
            subject.model,
            subject.table,
            learned_from=learned_from,
            reference=subject.reference,
            number=number,
            seed=1,
        )
        assert answer == of.answer(analysis, number)


@pytest.mark.long
def test_without_a_catalogue_the_given_rows_are_each_others_neighbours(
    session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    model = mlcore.load_artifact(session("decision_tree").artifact)
    training, testing = read_snapshot(kepler_snapshot, KEPLER)
    both = training.with_rows_of(testing)
    given = {"learned_from": training, "number": 2}
    alone = mlcore.analyse("counterfactual", model, testing, **given)
    assert alone == mlcore.analyse("counterfactual", model, testing, **given, reference=both)


@pytest.mark.parametrize(
    ("analysis", "sentence"),
    [
        ("tea_leaves", "^analysis was tea_leaves, but it must be one of drop_columns, "),
        ("average_replacement", "^The rows that the model was trained on are not at hand"),
        ("decision_path", "^object_number was None, but it must be a whole number from 1 to "),
    ],
)
def test_a_notebook_is_told_what_an_analysis_lacks(
    analysis: str, sentence: str, session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    model = mlcore.load_artifact(session("decision_tree").artifact)
    _, testing = read_snapshot(kepler_snapshot, KEPLER)
    with pytest.raises(DataError, match=sentence):
        mlcore.analyse(analysis, model, testing)


# What is refused before anything runs


def test_an_analysis_that_cannot_fit_a_model_is_known_by_its_name() -> None:
    facts = {"model_type": "random_forest", "fine_tuned": False, "measured": True}
    for analysis in Analysis:
        assert refusal_of_analysis(analysis, **facts) is None
    for analysis in (Analysis.DECISION_PATH, Analysis.PATH_DEPENDENT):
        for model_type in MODELS:
            fits = model_type in {"decision_tree", "random_forest", "extra_trees"}
            refusal = refusal_of_analysis(analysis, **{**facts, "model_type": model_type})
            assert (refusal is None) == fits
    drop = refusal_of_analysis(Analysis.DROP_COLUMNS, **{**facts, "fine_tuned": True})
    assert drop is not None
    assert "average_replacement asks it as it is" in drop
    average = refusal_of_analysis(Analysis.AVERAGE_REPLACEMENT, **{**facts, "measured": False})
    assert average is not None
    assert "none of the session's rows has a disposition" in average
