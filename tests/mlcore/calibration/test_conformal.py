from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.calibration.conformal import (
    ABSTAIN,
    ConformalAnswer,
    ConformalPredictor,
    calibrate_conformal,
)
from mlcore.datasets import Disposition
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.evaluation.probes import fit_small_booster
from mlcore.model_selection.folds import out_of_fold
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import VETTING
from tests.mlcore.calibration.real_stars import ON_REAL_STARS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.tasks import Task

F, P = Disposition.FALSE_POSITIVE, Disposition.CONFIRMED


def predictor(false: list[float], planets: list[float]) -> ConformalPredictor:
    return ConformalPredictor(classes=(F, P), scores=(tuple(false), tuple(planets)))


def planet(*probabilities: float) -> NDArray[np.float64]:
    return np.column_stack([1 - np.array(probabilities), probabilities])


def test_p_values_are_those_that_are_counted_by_hand() -> None:
    assess = predictor([0.1, 0.2, 0.6], [0.05, 0.3, 0.3, 0.9])
    p_values = assess.p_values(planet(0.7))
    # Strange by 0.7 as a false positive: none of three is; by 0.3 as a planet: three of four are.
    np.testing.assert_allclose(p_values, [[1 / 4, 4 / 5]])


def test_the_set_holds_what_is_not_too_strange_and_one_disposition_is_the_answer() -> None:
    assess = predictor([0.1] * 9, [0.2] * 9)
    sure, *_ = assess.answers(planet(0.95), coverage=0.8)
    assert (sure.possible, sure.answer) == ((P,), "confirmed")
    assert sure.reason == "At 80 % coverage only 'planet' remains."
    assert sure.p_values == (0.1, 1.0)


def test_two_possible_dispositions_or_none_are_no_answer() -> None:
    both, *_ = predictor([0.9] * 9, [0.9] * 9).answers(planet(0.5), coverage=0.8)
    assert (both.possible, both.answer) == ((F, P), ABSTAIN)
    assert both.reason == (
        "At 80 % coverage both 'false positive' and 'planet' remain: the model cannot tell."
    )
    none, *_ = predictor([0.1] * 9, [0.1] * 9).answers(planet(0.5), coverage=0.8)
    assert (none.possible, none.answer) == ((), ABSTAIN)
    assert none.reason == (
        "At 80 % coverage nothing remains: as 'false positive' or 'planet' it looks stranger than"
        " nearly all known objects."
    )


def test_three_dispositions_are_listed_in_words() -> None:
    answer = ConformalAnswer(
        possible=tuple(Disposition),
        p_values=(1.0, 1.0, 1.0),
        coverage=0.9,
        classes=tuple(Disposition),
    )
    assert answer.reason == (
        "At 90 % coverage 'candidate', 'false positive' and 'confirmed' all remain: the model"
        " cannot tell."
    )
    assert replace(answer, possible=(Disposition.CONFIRMED,), coverage=0.975).reason == (
        "At 97.5 % coverage only 'confirmed' remains."
    )


def test_a_larger_coverage_gives_larger_sets() -> None:
    random = np.random.default_rng(0)
    assess = predictor(sorted(random.random(200)), sorted(random.random(200)))
    rows = planet(*random.random(100))
    narrow, wide = (assess.answers(rows, coverage=coverage) for coverage in (0.6, 0.9))
    assert all(set(a.possible) <= set(b.possible) for a, b in zip(narrow, wide, strict=True))
    assert narrow != wide


def test_a_class_with_too_few_rows_is_never_ruled_out() -> None:
    for answer in predictor([], [0.1] * 8).answers(planet(0.0, 1.0), coverage=0.9):
        assert answer.possible == (F, P)
    assert F not in predictor([0.1] * 10, [0.1] * 10).answers(planet(1.0), coverage=0.9)[0].possible


def test_the_same_rows_always_get_the_same_sets_and_random_numbers_are_left_alone() -> None:
    assess = predictor([0.1, 0.2], [0.3, 0.3])
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the generator that a library may use
    first, again = (assess.p_values(planet(0.7, 0.7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[0], first[1])
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.sampled("k2-vetting", "k2-triage")
@ON_REAL_STARS
def test_every_disposition_of_real_held_out_stars_is_covered_as_often_as_promised(
    mission: str, task: Task, whole_table: Callable[[str], Table]
) -> None:
    training, testing = mlcore.split(whole_table(mission))
    assert training.labels is not None
    assert testing.labels is not None
    rows = LabelledRows.of([training], training.features).take(task.decided(training.labels))
    assess = calibrate_conformal(
        out_of_fold(fit_small_booster, rows, task=task), rows.labels, task=task
    )
    model = fit_small_booster(rows, 0)
    answers = assess.answers(
        task.probabilities(model.predict_proba(testing.features)), coverage=0.9
    )
    targets = task.targets(testing.labels)
    for place, disposition in enumerate(task.classes):
        of_class = np.flatnonzero(targets == place)
        covered = np.mean([disposition in answers[i].possible for i in of_class])
        error = 3 * np.sqrt(0.1 * 0.9 / len(of_class))
        assert 0.9 - error < covered < 0.9 + error, disposition


def test_rows_that_the_task_does_not_tell_apart_are_left_out() -> None:
    conformal = calibrate_conformal(
        planet(0.9, 0.2, 0.5, 0.5, 0.7),
        ["confirmed", "false_positive", "candidate", None, "confirmed"],
        task=VETTING,
    )
    assert conformal == predictor([0.2], [0.1, 0.3])


def test_scores_are_saved_as_json_and_read_back_to_the_same_sets() -> None:
    random = np.random.default_rng(0)
    stated = planet(*random.random(300))
    assess = calibrate_conformal(
        stated, random.choice(["confirmed", "false_positive"], size=300).tolist(), task=VETTING
    )
    again = ConformalPredictor.from_json(json.loads(json.dumps(assess.as_json(), allow_nan=False)))
    assert again == assess
    np.testing.assert_array_equal(again.p_values(stated), assess.p_values(stated))


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"classes": ["confirmed"], "scores": [[0.1], [0.2]]},
        {"classes": ["planet"], "scores": [[0.1]]},
        {"classes": ["confirmed"], "scores": [[float("nan")]]},
        {"classes": ["confirmed"], "scores": [0.1]},
    ],
)
def test_damaged_scores_are_refused(saved: dict[str, object]) -> None:
    with pytest.raises(ArtifactError, match=r"^The saved conformal scores are damaged\.$"):
        ConformalPredictor.from_json(saved)


@pytest.mark.parametrize("coverage", [0, 1, -1, 95, float("nan")])
def test_a_coverage_that_is_none_is_refused(coverage: float) -> None:
    with pytest.raises(HyperparameterError, match=rf"^coverage was {coverage:g}, but it must be"):
        predictor([0.1], [0.1]).answers(planet(0.5), coverage=coverage)


def test_without_a_disposition_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(DataError, match="No row has a disposition to compare with"):
        calibrate_conformal(planet(0.5), ["candidate"], task=VETTING)
