"""What a search tries, what it is made of and what it tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlcore.automl.leaderboard import SearchResult, TrialState
from mlcore.automl.search import search
from mlcore.automl.trials import STRONGEST
from mlcore.inspection import explain_rows
from mlcore.models import MODELS
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
from tests.mlcore.evaluation.told_figures import untold
from tests.mlcore.hand_made import labelled, rows

if TYPE_CHECKING:
    from pathlib import Path


MARK = "uses label-derived columns: koi_score"


@pytest.fixture(scope="module")
def said() -> list[tuple[float, str]]:
    return []


@pytest.fixture(scope="module")
def result(said: list[tuple[float, str]]) -> SearchResult:
    return searched(
        most_trials=12, mark=MARK, run=RunContext(seed=5, progress=lambda *step: said.append(step))
    )[1]


def test_a_search_tries_every_model_type_first_the_strongest_before_the_cheapest(
    result: SearchResult,
) -> None:
    begun = sorted(result.leaderboard, key=lambda trial: trial.number)
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
    assert first[0].model_type == STRONGEST
    assert costs[1:] == sorted(costs[1:])


def test_the_leaderboard_ranks_what_finished_by_log_loss(result: SearchResult) -> None:
    finished = [trial for trial in result.leaderboard if trial.state is TrialState.FINISHED]
    assert [trial.rank for trial in finished] == list(range(1, len(finished) + 1))
    losses = [trial.figures.figure("log_loss").value for trial in finished if trial.figures]
    assert losses == sorted(losses)
    others = result.leaderboard[len(finished) :]
    assert all(trial.rank is None and trial.figures is None for trial in others)
    assert all(trial.note is not None and trial.note.endswith(".") for trial in others)
    assert all(trial.note is None for trial in finished)
    assert all(trial.seconds > 0 for trial in result.leaderboard)


def test_the_ensemble_is_made_of_the_trials_that_have_a_weight(result: SearchResult) -> None:
    weighed = {trial.number: trial for trial in result.leaderboard if trial.weight > 0}
    assert sum(trial.weight for trial in weighed.values()) == pytest.approx(1.0)
    classifier = result.classifier
    assert classifier.model_type.name == "auto"
    assert classifier.task == VETTING
    assert classifier.hyperparameters == {"time_budget": 300, "max_trials": 12}
    assert [
        (member.model_type.name, member.hyperparameters) for member in classifier.estimator.members
    ] == [
        (trial.model_type, trial.hyperparameters)
        for trial in result.leaderboard
        if trial.number in weighed
    ]


def test_no_trial_alone_is_better_than_the_result(result: SearchResult) -> None:
    best = result.leaderboard[0].figures
    assert best is not None
    assert best.figure("log_loss").value is not None
    assert result.figures.figure("log_loss").value is not None
    assert result.figures.figure("log_loss").value <= best.figure("log_loss").value
    # 29 of the 240 rows are labelled wrongly, which no model can foresee: 0.369 is the least.
    assert 0.36 < result.figures.figure("log_loss").value < 0.40
    assert result.figures.figure("accuracy").value == pytest.approx(211 / 240, abs=0.02)


@pytest.mark.long
def test_models_that_know_different_things_are_combined() -> None:
    features = rows(800)
    # A line suits the temperature, a tree the band of depths.
    band = features["koi_depth"].between(100, 1000)
    score = (features["koi_steff"] - 5500) / 150 + np.where(band, 2.5, -2.5)
    chance = np.random.default_rng(7).logistic(size=800)
    labels = pd.Series(np.where(score > chance, "confirmed", "false_positive"), dtype="str")
    result = search(
        labelled(features, labels, stars(800)),
        task=VETTING,
        seconds=ENOUGH,
        run=RunContext(seed=1),
        most_trials=4,
        candidates=("linear_regression", "extra_trees", "decision_tree", "xgboost"),
    )
    weights = {trial.model_type: trial.weight for trial in result.leaderboard}
    assert weights["xgboost"] > 0.3
    assert weights["extra_trees"] > 0.3
    assert weights["linear_regression"] > 0.1
    # What a single tree knows the forest knows too.
    assert weights["decision_tree"] == min(weights.values()) < 0.1
    assert sum(weights.values()) == pytest.approx(1.0)
    assert len(result.classifier.estimator.members) == sum(share > 0 for share in weights.values())
    best = result.leaderboard[0].figures
    assert best is not None
    assert best.figure("log_loss").value is not None
    assert result.figures.figure("log_loss").value is not None
    assert result.figures.figure("log_loss").value < best.figure("log_loss").value - 0.01
    assert len(result.notes) == 1


def test_every_row_is_scored_by_models_of_other_stars(result: SearchResult) -> None:
    assert result.out_of_fold.shape == (240, 2)
    assert result.out_of_fold.sum(axis=1) == pytest.approx(np.ones(240))
    assert (stars(240).groupby(stars(240)).size() == 2).all()
    assert (result.fold.reshape(-1, 2)[:, 0] == result.fold.reshape(-1, 2)[:, 1]).all()
    assert set(result.fold) == {0, 1, 2, 3, 4}


def test_the_ensemble_predicts_and_is_explained(
    result: SearchResult, features: pd.DataFrame
) -> None:
    probabilities = VETTING.probabilities(result.classifier.predict_proba(features))
    right = noisy_labels(features).to_numpy()
    assert (VETTING.targets(list(right)) == probabilities.argmax(axis=1)).mean() > 0.8
    explanation = explain_rows(result.classifier, features.head(20), np.zeros(20, dtype=int))
    assert explanation.base + explanation.contributions.sum(axis=1) == pytest.approx(
        explanation.output, rel=1e-6, abs=5e-6
    )


def test_progress_says_which_trial_runs_and_how_good_the_best_is(
    result: SearchResult, said: list[tuple[float, str]]
) -> None:
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    steps = list(dict.fromkeys(step for _, step in said))
    assert steps[:2] == ["starting", "trial 1: XGBoost"]
    best = result.leaderboard[0].figures
    assert best is not None
    assert said[-1][1].startswith("trial 12: ")
    assert said[-1][1].endswith(f"; best ROC-AUC {best.figure('roc_auc').value:.3f}")


def test_a_search_says_what_it_did(result: SearchResult) -> None:
    states = [trial.state for trial in result.leaderboard]
    assert result.notes[0].startswith("12 trials in ")
    assert f"{states.count(TrialState.FINISHED)} finished" in result.notes[0]
    (sentence,) = result.notes[1:]
    assert sentence == (
        "No combination of models was better on unseen stars than the best one alone, which is the"
        " result."
    )
    assert result.leaderboard[0].weight == 1.0


def test_the_leaderboard_is_json(result: SearchResult) -> None:
    shown = json.loads(json.dumps(result.as_json(), allow_nan=False))
    assert shown["folds"] == 5
    assert shown["rows"] == 240
    assert shown["notes"] == list(result.notes)
    assert shown["ensemble"]["roc_auc"]["value"] == result.figures.figure("roc_auc").value
    first = shown["trials"][0]
    assert first["rank"] == 1
    assert first["state"] == "finished"
    assert first["label"] == MODELS[first["model_type"]].label
    assert set(first["figures"]) == {"roc_auc", "log_loss", "average_precision", "accuracy"}
    for figure in (*first["figures"].values(), *shown["ensemble"].values()):
        assert figure["low"] < figure["value"] < figure["high"]
        assert figure["rows"] == 240
        assert "had not seen its star" in figure["split"]
    report = {"search": shown | {"stars": 120, "split": "training rows"}}
    assert untold({"report": report}) == []
    assert all(figure["split"].endswith(f"; {MARK}") for figure in figures_of_trials(shown))


def figures_of_trials(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every figure of the leaderboard and of the ensemble."""
    measured = [trial["figures"] for trial in shown["trials"] if trial["figures"] is not None]
    return [figure for figures in (*measured, shown["ensemble"]) for figure in figures.values()]


@pytest.mark.long
def test_the_same_seed_and_time_enough_give_the_same_result(
    result: SearchResult, features: pd.DataFrame
) -> None:
    _, again = searched(most_trials=12, mark=MARK)
    assert [{**trial, "seconds": None} for trial in again.as_json()["trials"]] == [
        {**trial, "seconds": None} for trial in result.as_json()["trials"]
    ]
    assert (again.out_of_fold == result.out_of_fold).all()
    assert (
        again.classifier.predict_proba(features) == result.classifier.predict_proba(features)
    ).all()


@pytest.mark.long
def test_nothing_is_left_behind(tmp_path: Path) -> None:
    during: list[int] = []
    searched(
        most_trials=1,
        run=RunContext(
            seed=5,
            scratch=tmp_path,
            progress=lambda *_: during.append(len(list(tmp_path.iterdir()))),
        ),
    )
    assert set(during) == {1}
    assert list(tmp_path.iterdir()) == []
    assert fitting_processes() == []


@pytest.mark.long
def test_three_classes_are_told_apart(features: pd.DataFrame) -> None:
    depth = features["koi_depth"]
    labels = np.select([depth > 2000, depth > 200], ["false_positive", "candidate"], "confirmed")
    result = search(
        labelled(features, labels, stars(240)),
        task=DISPOSITION,
        seconds=ENOUGH,
        run=RunContext(seed=1),
        most_trials=3,
        candidates=QUICK,
    )
    assert result.out_of_fold.shape == (240, 3)
    assert (result.out_of_fold.argmax(axis=1) == DISPOSITION.targets(list(labels))).mean() > 0.9
