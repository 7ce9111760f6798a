"""Searches that have few rows, few choices, little time or an end before their time."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from mlcore.automl.explaining import Explaining, affordable
from mlcore.automl.leaderboard import Trial, TrialState
from mlcore.automl.proposals import Proposal
from mlcore.automl.search import CANDIDATES, search
from mlcore.errors import DataError
from mlcore.model_selection.folds import scores_of_folds
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.run import RunContext
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.automl.searching import (
    ENOUGH,
    QUICK,
    fitting_processes,
    noisy_labels,
    searched,
    stars,
)
from tests.mlcore.hand_made import FITTED_MODELS, labelled, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.long
def test_a_class_that_no_row_has_gets_no_probability(features: pd.DataFrame) -> None:
    result = search(
        labelled(features, noisy_labels(features), stars(240)),
        task=DISPOSITION,
        seconds=ENOUGH,
        run=RunContext(seed=1),
        most_trials=1,
        candidates=QUICK,
    )
    assert (result.out_of_fold[:, 0] == 0).all()
    assert result.out_of_fold[:, 1:].sum(axis=1) == pytest.approx(np.ones(240))
    assert [str(label) for label in result.classifier.classes] == ["false_positive", "confirmed"]


@pytest.mark.long
def test_a_class_of_few_stars_gets_fewer_folds(features: pd.DataFrame) -> None:
    labels = pd.Series(["confirmed"] * 234 + ["false_positive"] * 6, dtype="str")
    result = search(
        labelled(features, labels, stars(240)),
        task=VETTING,
        seconds=ENOUGH,
        run=RunContext(seed=1),
        most_trials=1,
        candidates=QUICK,
    )
    assert set(result.fold) == {0, 1, 2}


@pytest.mark.parametrize("planets", [0, 2])
def test_a_class_of_one_star_is_refused(features: pd.DataFrame, planets: int) -> None:
    labels = pd.Series(["confirmed"] * planets + ["false_positive"] * (240 - planets), dtype="str")
    with pytest.raises(DataError) as refusal:
        search(
            labelled(features, labels, stars(240)),
            task=VETTING,
            seconds=ENOUGH,
            run=RunContext(seed=1),
        )
    assert str(refusal.value) == (
        "An automatic search compares models on stars that they have not seen, so that it needs"
        " rows of at least two host stars for each of false positive and confirmed."
    )


@pytest.mark.long
def test_a_fit_that_fails_is_a_failed_trial_and_no_more(features: pd.DataFrame) -> None:
    endless = features.assign(koi_period=features["koi_period"].mask(features.index == 7, np.inf))
    result = search(
        labelled(endless, noisy_labels(features), stars(240)),
        task=VETTING,
        seconds=ENOUGH,
        run=RunContext(seed=1),
        most_trials=2,
        candidates=("decision_tree", "gradient_boosting"),
    )
    finished, failed = result.leaderboard
    assert (finished.model_type, finished.state) == ("gradient_boosting", TrialState.FINISHED)
    assert (failed.model_type, failed.state) == ("decision_tree", TrialState.FAILED)
    assert failed.note == "The fit failed."
    assert failed.rank is None
    assert result.notes[0].endswith("1 finished, 1 failed.")


@pytest.mark.long
def test_a_search_with_nothing_to_vary_ends_early() -> None:
    _, result = searched(candidates=("pca",))
    assert len(result.leaderboard) == 1
    assert result.leaderboard[0].weight == 1.0
    assert result.notes[1:] == ("The search ended early: there was nothing left to vary.",)


@pytest.mark.long
def test_a_search_whose_few_choices_are_all_tried_ends_early() -> None:
    _, result = searched(candidates=("linear_regression",))
    tried = {trial.hyperparameters["normalize"] for trial in result.leaderboard}
    assert tried == {False, True}
    assert len(result.leaderboard) == 2
    (sentence,) = result.notes[1:]
    assert sentence == (
        "The search ended early: what else was proposed had been tried or would have taken too"
        " long."
    )


@pytest.mark.long
def test_the_budget_holds_when_hardly_a_fit_ends() -> None:
    count = 12_000
    many = rows(count)
    labels = pd.Series(
        np.random.default_rng(2).choice(["confirmed", "false_positive"], count), dtype="str"
    )
    began = time.monotonic()
    result = search(
        labelled(many, labels, stars(count)),
        task=VETTING,
        seconds=6.0,
        candidates=("svm",),
        run=RunContext(seed=1),
    )
    # All fits would take minutes.
    assert time.monotonic() - began < 20.0
    assert fitting_processes() == []
    tree, *others = result.leaderboard
    # On a busy machine the time may be over before the first fit has begun.
    for stopped in others:
        assert (stopped.model_type, stopped.state) == ("svm", TrialState.STOPPED)
        assert stopped.note is not None
        assert re.fullmatch(r"Stopped in fold [12]: the time budget was over\.", stopped.note)
    assert (tree.model_type, tree.state, tree.weight) == ("decision_tree", TrialState.FINISHED, 1.0)
    assert result.notes[1] == (
        "No trial finished within the time budget, so that the result is a small decision tree that"
        " was fitted on some of the rows; allow more time."
    )
    assert result.out_of_fold.shape == (count, 2)
    # Nothing can be learnt here, and the probabilities say so.
    assert result.figures.figure("roc_auc").value == pytest.approx(0.5, abs=0.03)
    assert result.out_of_fold == pytest.approx(np.full((count, 2), 0.5), abs=0.1)


@pytest.mark.long
def test_a_starved_search_is_the_strongest_default_and_says_what_it_did_not_reach() -> None:
    features, result = searched(seconds=0.01, candidates=(*QUICK, "random_forest"))
    (only,) = result.leaderboard
    assert (only.model_type, only.state, only.weight) == ("xgboost", TrialState.FINISHED, 1.0)
    values, _ = MODELS["xgboost"].read_hyperparameters({})
    assert only.hyperparameters == values
    # As good as the same default alone, on the same folds.
    rows = labelled(features, noisy_labels(features), stars(len(features)))
    alone = scores_of_folds(
        Recipe(MODELS["xgboost"], values, VETTING).fit, rows, result.fold, task=VETTING, seed=5
    )
    auc = roc_auc_score(rows.labels == "confirmed", alone[:, 1])
    assert roc_auc_score(rows.labels == "confirmed", result.out_of_fold[:, 1]) == pytest.approx(
        auc, abs=0.02
    )
    assert result.notes[0].endswith("1 finished.")
    assert result.notes[1] == (
        "The time budget was over before these were tried, and before any hyperparameter was"
        " varied: Logistic regression, Principal components, Decision tree, Random forest; allow"
        " more time."
    )


@pytest.mark.long
def test_the_strongest_default_comes_first() -> None:
    _, result = searched(most_trials=2)
    first = min(result.leaderboard, key=lambda trial: trial.number)
    assert first.model_type == "xgboost"


@pytest.mark.long
def test_the_budget_holds_when_there_is_more_to_try() -> None:
    began = time.monotonic()
    _, result = searched(seconds=8.0, candidates=("linear_regression", "gradient_boosting"))
    assert time.monotonic() - began < 20.0
    assert result.seconds < 20.0
    assert result.leaderboard[0].rank == 1


@pytest.mark.long
def test_what_would_take_too_long_is_left_out_and_said() -> None:
    # At least a hundred seconds, even if the first trial was much quicker than declared.
    _, result = searched(
        count=60_000, seconds=60.0, most_trials=2, candidates=("linear_regression", "svm")
    )
    assert {trial.model_type for trial in result.leaderboard} == {"linear_regression"}
    (sentence,) = [note for note in result.notes if note.startswith("Support vector machine")]
    assert re.fullmatch(
        "Support vector machine was left out: a trial of it would take about [0-9]+ seconds, which"
        " is too much of the 60[.]",
        sentence,
    )


@pytest.mark.long
def test_on_a_small_table_every_model_type_has_its_turn() -> None:
    # There a support vector machine is the cheapest by far, and so comes next to the strongest.
    _, run = searched(seconds=30.0, most_trials=3, candidates=("decision_tree", "xgboost", "svm"))
    assert [trial.model_type for trial in run.leaderboard if trial.number == 2] == ["svm"]
    assert {trial.model_type for trial in run.leaderboard} == {"decision_tree", "xgboost", "svm"}


def test_a_cancelled_search_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel(_fraction: float, step: str) -> None:
        if step.startswith("trial 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        searched(run=RunContext(seed=5, scratch=tmp_path, progress=cancel))
    assert fitting_processes() == []
    assert list(tmp_path.iterdir()) == []


def test_every_model_type_that_is_fitted_takes_part() -> None:
    assert CANDIDATES == FITTED_MODELS
    assert "auto" not in CANDIDATES


@pytest.mark.long
def test_models_that_would_explain_too_slowly_are_no_members() -> None:
    _, free = searched(most_trials=2, candidates=("linear_regression", "random_forest"))
    assert "random_forest" in {
        member.model_type.name for member in free.classifier.estimator.members
    }
    _, hurried = searched(
        most_trials=2,
        candidates=("linear_regression", "random_forest"),
        explaining=Explaining(rows=10**9, seconds=0.5),
    )
    (member,) = hurried.classifier.estimator.members
    assert member.model_type.name == "linear_regression"
    assert (
        "1 model took no part in the ensemble: explaining every object by it would take too much"
        " of the time budget."
    ) in hurried.notes


def test_where_no_model_explains_in_time_the_quickest_is_taken() -> None:
    trials = [
        Trial(number=n, proposal=Proposal(model_type=MODELS["svm"], values={}), explaining=seconds)
        for n, seconds in enumerate((40.0, 5.0, 7.0, 30.0), start=1)
    ]
    assert [trial.number for trial in affordable(trials, 100.0)] == [1, 2, 3, 4]
    assert [trial.number for trial in affordable(trials, 45.0)] == [1, 2]
    assert [trial.number for trial in affordable(trials, 39.0)] == [2, 3]
    assert [trial.number for trial in affordable(trials, 1.0)] == [2]
