from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import psutil
import pytest

from mlcore.automl import CANDIDATES, SearchResult, TrialState
from mlcore.automl.explaining import Explaining, affordable
from mlcore.automl.proposals import Proposal
from mlcore.automl.search import search
from mlcore.automl.tried import Tried
from mlcore.errors import DataError
from mlcore.inspection import explain_rows
from mlcore.models import MODELS
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.evaluation.told_figures import untold
from tests.mlcore.hand_made import COLUMNS, FITTED_MODELS, deep_is_false, rows

if TYPE_CHECKING:
    from pathlib import Path

QUICK = ("linear_regression", "pca", "decision_tree", "xgboost")
ENOUGH = 300.0
"""Far more seconds than any search here takes that ends by its number of trials."""


MARK = "uses label-derived columns: koi_score"


def noisy_labels(features: pd.DataFrame, seed: int = 0) -> pd.Series[str]:
    """Label by depth, but one row in six wrongly."""
    labels = np.array(deep_is_false(features), dtype=object)
    wrong = np.random.default_rng(100 + seed).uniform(size=len(labels)) < 1 / 6
    other = np.where(labels == "confirmed", "false_positive", "confirmed")
    return pd.Series(np.where(wrong, other, labels), dtype="str")


def stars(count: int, rows_of_a_star: int = 2) -> pd.Series[str]:
    return pd.Series([f"star {place // rows_of_a_star}" for place in range(count)], dtype="str")


def searched(
    count: int = 240, progress: object = None, **settings: object
) -> tuple[pd.DataFrame, SearchResult]:
    features = rows(count)
    features.loc[::9, "koi_steff"] = np.nan
    given = {
        "task": VETTING,
        "seconds": ENOUGH,
        "seed": 5,
        "candidates": QUICK,
        **settings,
        **({} if progress is None else {"progress": progress}),
    }
    return features, search(features, noisy_labels(features), stars(count), COLUMNS, **given)


def fitting_processes() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "mlcore.automl.worker" in child.cmdline()
    ]


@pytest.fixture(scope="module")
def said() -> list[tuple[float, str]]:
    return []


@pytest.fixture(scope="module")
def found(said: list[tuple[float, str]]) -> SearchResult:
    return searched(most_trials=12, mark=MARK, progress=lambda *each: said.append(each))[1]


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return rows(240)


def test_a_search_tries_every_model_type_first_and_the_cheapest_ones_before(
    found: SearchResult,
) -> None:
    begun = sorted(found.leaderboard, key=lambda trial: trial.number)
    assert [trial.number for trial in begun] == list(range(1, 13))
    first = begun[: len(QUICK)]
    assert {trial.model_type for trial in first} == set(QUICK)
    assert {trial.state for trial in first} == {TrialState.FINISHED}
    costs = []
    for trial in first:
        kind = MODELS[trial.model_type]
        defaults, _ = kind.read_hyperparameters({})
        assert dict(trial.hyperparameters) == defaults
        costs.append(kind.seconds(defaults, 240, 5))
    assert costs == sorted(costs)


def test_the_leaderboard_ranks_what_finished_by_log_loss(found: SearchResult) -> None:
    finished = [trial for trial in found.leaderboard if trial.state is TrialState.FINISHED]
    assert [trial.rank for trial in finished] == list(range(1, len(finished) + 1))
    losses = [trial.figures.log_loss.value for trial in finished if trial.figures]
    assert losses == sorted(losses)
    others = found.leaderboard[len(finished) :]
    assert all(trial.rank is None and trial.figures is None for trial in others)
    assert all(trial.note is not None and trial.note.endswith(".") for trial in others)
    assert all(trial.note is None for trial in finished)
    assert all(trial.seconds > 0 for trial in found.leaderboard)


def test_the_ensemble_is_made_of_the_trials_that_have_a_weight(found: SearchResult) -> None:
    weighed = {trial.number: trial for trial in found.leaderboard if trial.weight > 0}
    assert sum(trial.weight for trial in weighed.values()) == pytest.approx(1.0)
    classifier = found.classifier
    assert classifier.model_type.name == "auto"
    assert classifier.task == VETTING
    assert classifier.hyperparameters == {"time_budget": 300, "max_trials": 12}
    assert [
        (member.model_type.name, member.hyperparameters) for member in classifier.estimator.members
    ] == [
        (trial.model_type, trial.hyperparameters)
        for trial in found.leaderboard
        if trial.number in weighed
    ]


def test_no_trial_alone_is_better_than_the_result(found: SearchResult) -> None:
    best = found.leaderboard[0].figures
    assert best is not None
    assert best.log_loss.value is not None
    assert found.figures.log_loss.value is not None
    assert found.figures.log_loss.value <= best.log_loss.value
    # One row in six is labelled wrongly, which no model can foresee.
    assert found.figures.log_loss.value == pytest.approx(0.45, abs=0.06)
    assert found.figures.accuracy.value == pytest.approx(5 / 6, abs=0.05)


def test_models_that_know_different_things_are_combined() -> None:
    features = rows(800)
    # A line suits the temperature, a tree the band of depths.
    band = features["koi_depth"].between(100, 1000)
    score = (features["koi_steff"] - 5500) / 150 + np.where(band, 2.5, -2.5)
    chance = np.random.default_rng(7).logistic(size=800)
    labels = pd.Series(np.where(score > chance, "confirmed", "false_positive"), dtype="str")
    found = search(
        features,
        labels,
        stars(800),
        COLUMNS,
        task=VETTING,
        seconds=ENOUGH,
        seed=1,
        most_trials=4,
        candidates=("linear_regression", "extra_trees", "decision_tree", "xgboost"),
    )
    weights = {trial.model_type: trial.weight for trial in found.leaderboard}
    assert weights["xgboost"] > 0.3
    assert weights["extra_trees"] > 0.3
    assert weights["linear_regression"] > 0.1
    assert weights["decision_tree"] == 0.0
    assert sum(weights.values()) == pytest.approx(1.0)
    assert len(found.classifier.estimator.members) == sum(each > 0 for each in weights.values())
    best = found.leaderboard[0].figures
    assert best is not None
    assert best.log_loss.value is not None
    assert found.figures.log_loss.value is not None
    assert found.figures.log_loss.value < best.log_loss.value - 0.01
    assert len(found.notes) == 1


def test_every_row_is_scored_by_models_of_other_stars(found: SearchResult) -> None:
    assert found.out_of_fold.shape == (240, 2)
    assert found.out_of_fold.sum(axis=1) == pytest.approx(np.ones(240))
    assert (stars(240).groupby(stars(240)).size() == 2).all()
    assert (found.fold.reshape(-1, 2)[:, 0] == found.fold.reshape(-1, 2)[:, 1]).all()
    assert set(found.fold) == {0, 1, 2, 3, 4}


def test_the_ensemble_predicts_and_is_explained(
    found: SearchResult, features: pd.DataFrame
) -> None:
    probabilities = VETTING.probabilities(found.classifier.predict_proba(features))
    right = noisy_labels(features).to_numpy()
    assert (VETTING.targets(list(right)) == probabilities.argmax(axis=1)).mean() > 0.8
    explanation = explain_rows(found.classifier, features.head(20), np.zeros(20, dtype=int))
    assert explanation.base + explanation.contributions.sum(axis=1) == pytest.approx(
        explanation.output, rel=1e-6, abs=5e-6
    )


def test_progress_says_which_trial_runs_and_how_good_the_best_is(
    found: SearchResult, said: list[tuple[float, str]]
) -> None:
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    steps = list(dict.fromkeys(step for _, step in said))
    assert steps[:2] == ["starting", "trial 1: Logistic regression"]
    best = found.leaderboard[0].figures
    assert best is not None
    assert said[-1][1].startswith("trial 12: ")
    assert said[-1][1].endswith(f"; best ROC-AUC {best.roc_auc.value:.3f}")


def test_a_search_says_what_it_did(found: SearchResult) -> None:
    states = [trial.state for trial in found.leaderboard]
    assert found.notes[0].startswith("12 trials in ")
    assert f"{states.count(TrialState.FINISHED)} finished" in found.notes[0]
    (sentence,) = found.notes[1:]
    assert sentence == (
        "No combination of models was better on unseen stars than the best one alone, which is the"
        " result."
    )
    assert found.leaderboard[0].weight == 1.0


def test_the_leaderboard_is_json(found: SearchResult) -> None:
    shown = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert shown["folds"] == 5
    assert shown["rows"] == 240
    assert shown["notes"] == list(found.notes)
    assert shown["ensemble"]["roc_auc"]["value"] == found.figures.roc_auc.value
    first = shown["trials"][0]
    assert first["rank"] == 1
    assert first["state"] == "finished"
    assert first["label"] == MODELS[first["model_type"]].label
    assert set(first["figures"]) == {"roc_auc", "log_loss", "average_precision", "accuracy"}
    for each in (*first["figures"].values(), *shown["ensemble"].values()):
        assert each["low"] < each["value"] < each["high"]
        assert each["rows"] == 240
        assert "had not seen its star" in each["split"]
    told = {"search": shown | {"stars": 120, "split": "training rows"}}
    assert untold({"report": told}) == []
    assert all(each["split"].endswith(f"; {MARK}") for each in figures_of_trials(shown))


def figures_of_trials(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every figure of the leaderboard and of the ensemble."""
    measured = [each["figures"] for each in shown["trials"] if each["figures"] is not None]
    return [figure for figures in (*measured, shown["ensemble"]) for figure in figures.values()]


def test_the_same_seed_and_time_enough_give_the_same_result(
    found: SearchResult, features: pd.DataFrame
) -> None:
    _, again = searched(most_trials=12, mark=MARK)
    assert [{**trial, "seconds": None} for trial in again.as_json()["trials"]] == [
        {**trial, "seconds": None} for trial in found.as_json()["trials"]
    ]
    assert (again.out_of_fold == found.out_of_fold).all()
    assert (
        again.classifier.predict_proba(features) == found.classifier.predict_proba(features)
    ).all()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    during: list[int] = []
    searched(
        most_trials=1,
        folder=tmp_path,
        progress=lambda *_: during.append(len(list(tmp_path.iterdir()))),
    )
    assert set(during) == {1}
    assert list(tmp_path.iterdir()) == []
    assert fitting_processes() == []


def test_three_classes_are_told_apart(features: pd.DataFrame) -> None:
    depth = features["koi_depth"]
    labels = np.select([depth > 2000, depth > 200], ["false_positive", "candidate"], "confirmed")
    found = search(
        features,
        pd.Series(labels, dtype="str"),
        stars(240),
        COLUMNS,
        task=DISPOSITION,
        seconds=ENOUGH,
        seed=1,
        most_trials=3,
        candidates=QUICK,
    )
    assert found.out_of_fold.shape == (240, 3)
    assert (found.out_of_fold.argmax(axis=1) == DISPOSITION.targets(list(labels))).mean() > 0.9


def test_a_class_that_no_row_has_gets_no_probability(features: pd.DataFrame) -> None:
    found = search(
        features,
        noisy_labels(features),
        stars(240),
        COLUMNS,
        task=DISPOSITION,
        seconds=ENOUGH,
        seed=1,
        most_trials=1,
        candidates=QUICK,
    )
    assert (found.out_of_fold[:, 0] == 0).all()
    assert found.out_of_fold[:, 1:].sum(axis=1) == pytest.approx(np.ones(240))
    assert [str(each) for each in found.classifier.classes] == ["false_positive", "confirmed"]


def test_a_class_of_few_stars_gets_fewer_folds(features: pd.DataFrame) -> None:
    labels = pd.Series(["confirmed"] * 234 + ["false_positive"] * 6, dtype="str")
    found = search(
        features,
        labels,
        stars(240),
        COLUMNS,
        task=VETTING,
        seconds=ENOUGH,
        seed=1,
        most_trials=1,
        candidates=QUICK,
    )
    assert set(found.fold) == {0, 1, 2}


@pytest.mark.parametrize("planets", [0, 2])
def test_a_class_of_one_star_is_refused(features: pd.DataFrame, planets: int) -> None:
    labels = pd.Series(["confirmed"] * planets + ["false_positive"] * (240 - planets), dtype="str")
    with pytest.raises(DataError) as refusal:
        search(features, labels, stars(240), COLUMNS, task=VETTING, seconds=ENOUGH, seed=1)
    assert str(refusal.value) == (
        "An automatic search compares models on stars that they have not seen, so that it needs"
        " rows of at least two host stars for each of false positive and confirmed."
    )


def test_a_fit_that_fails_is_a_failed_trial_and_no_more(features: pd.DataFrame) -> None:
    endless = features.assign(koi_period=features["koi_period"].mask(features.index == 7, np.inf))
    found = search(
        endless,
        noisy_labels(features),
        stars(240),
        COLUMNS,
        task=VETTING,
        seconds=ENOUGH,
        seed=1,
        most_trials=2,
        candidates=("decision_tree", "gradient_boosting"),
    )
    finished, failed = found.leaderboard
    assert (finished.model_type, finished.state) == ("gradient_boosting", TrialState.FINISHED)
    assert (failed.model_type, failed.state) == ("decision_tree", TrialState.FAILED)
    assert failed.note == "The fit failed."
    assert failed.rank is None
    assert found.notes[0].endswith("1 finished, 1 failed.")


def test_a_search_with_nothing_to_vary_ends_early() -> None:
    _, found = searched(candidates=("pca",))
    assert len(found.leaderboard) == 1
    assert found.leaderboard[0].weight == 1.0
    assert found.notes[1:] == ("The search ended early: there was nothing left to vary.",)


def test_a_search_whose_few_choices_are_all_tried_ends_early() -> None:
    _, found = searched(candidates=("linear_regression",))
    tried = {trial.hyperparameters["normalize"] for trial in found.leaderboard}
    assert tried == {False, True}
    assert len(found.leaderboard) == 2
    (sentence,) = found.notes[1:]
    assert sentence == (
        "The search ended early: what else was proposed had been tried or would have taken too"
        " long."
    )


def test_the_budget_holds_when_not_even_the_first_fit_ends() -> None:
    count = 12_000
    many = rows(count)
    labels = pd.Series(
        np.random.default_rng(2).choice(["confirmed", "false_positive"], count), dtype="str"
    )
    began = time.monotonic()
    found = search(
        many,
        labels,
        stars(count),
        COLUMNS,
        task=VETTING,
        seconds=6.0,
        seed=1,
        candidates=("svm",),
    )
    assert time.monotonic() - began < 6.5
    assert fitting_processes() == []
    tree, *others = found.leaderboard
    # On a busy machine the time may be over before the first fit has begun.
    for stopped in others:
        assert (stopped.model_type, stopped.state) == ("svm", TrialState.STOPPED)
        assert stopped.note == "Stopped in fold 1: the time budget was over."
    assert (tree.model_type, tree.state, tree.weight) == ("decision_tree", TrialState.FINISHED, 1.0)
    assert found.notes[1] == (
        "No trial finished within the time budget, so that the result is a small decision tree that"
        " was fitted on some of the rows; allow more time."
    )
    assert found.out_of_fold.shape == (count, 2)
    # Nothing can be learnt here, and the probabilities say so.
    assert found.figures.roc_auc.value == pytest.approx(0.5, abs=0.03)
    assert found.out_of_fold == pytest.approx(np.full((count, 2), 0.5), abs=0.1)


def test_the_budget_holds_when_there_is_more_to_try() -> None:
    began = time.monotonic()
    _, found = searched(seconds=8.0, candidates=("linear_regression", "gradient_boosting"))
    assert time.monotonic() - began < 8.5
    assert found.seconds < 8.5
    assert found.leaderboard[0].rank == 1


def test_what_would_take_too_long_is_left_out_and_said() -> None:
    # At least a hundred seconds, even if the first trial was much quicker than declared.
    _, found = searched(
        count=60_000, seconds=60.0, most_trials=2, candidates=("linear_regression", "svm")
    )
    assert {trial.model_type for trial in found.leaderboard} == {"linear_regression"}
    (sentence,) = [note for note in found.notes if note.startswith("Support vector machine")]
    assert re.fullmatch(
        "Support vector machine was left out: a trial of it would take about [0-9]+ seconds, which"
        " is too much of the 60[.]",
        sentence,
    )


def test_on_a_small_table_every_model_type_has_its_turn() -> None:
    # There a support vector machine is the cheapest by far, and so comes first.
    _, found = searched(seconds=30.0, most_trials=3, candidates=("decision_tree", "xgboost", "svm"))
    assert [trial.model_type for trial in found.leaderboard if trial.number == 1] == ["svm"]
    assert {trial.model_type for trial in found.leaderboard} == {"decision_tree", "xgboost", "svm"}


def test_a_cancelled_search_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel(_fraction: float, step: str) -> None:
        if step.startswith("trial 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        searched(folder=tmp_path, progress=cancel)
    assert fitting_processes() == []
    assert list(tmp_path.iterdir()) == []


def test_every_model_type_that_is_fitted_takes_part() -> None:
    assert CANDIDATES == FITTED_MODELS
    assert "auto" not in CANDIDATES


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
        Tried(number=n, proposal=Proposal(model_type=MODELS["svm"], values={}), explaining=seconds)
        for n, seconds in enumerate((40.0, 5.0, 7.0, 30.0), start=1)
    ]
    assert [each.number for each in affordable(trials, 100.0)] == [1, 2, 3, 4]
    assert [each.number for each in affordable(trials, 45.0)] == [1, 2]
    assert [each.number for each in affordable(trials, 39.0)] == [2, 3]
    assert [each.number for each in affordable(trials, 1.0)] == [2]
