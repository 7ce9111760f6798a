from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.datasets import CLASSES, Disposition, of_candidates
from mlcore.features.feature_sets import FeatureSet
from mlcore.inspection.reasons import CLASS_NOUNS
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.prediction.assessment import Assessment, learnt_places
from mlcore.prediction.check_outcomes import Outcome
from mlcore.prediction.explaining import explain_scored
from mlcore.prediction.verdict import Verdict
from mlcore.run import RunContext
from tests.mlcore.hand_made import FITTED_MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcore.datasets import Table
    from mlcore.models.trained_model import TrainedModel
    from tests.mlcore.conftest import Trained

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", of_candidates())


def judged(
    model: TrainedModel,
    table: Table,
    run: RunContext | None = None,
    learned_from: Sequence[LabelledRows] = (),
) -> list[Assessment]:
    return explain_scored(
        model,
        table,
        model.features(table),
        learnt=learnt_places(model, table.dataset, learned_from),
        measured=True,
        run=run or RunContext(),
    ).assessments


@EVERY_MODEL
def test_every_object_is_judged(model_type: str, trained: Trained) -> None:
    result = trained(model_type)
    assessments = result.predictions.assessments
    assert len(assessments) == len(result.predictions)
    for judgement, label in zip(assessments, result.predictions.labels, strict=True):
        assert judgement.conformal is not None
        assert judgement.conformal.coverage == 0.95
        assert len(judgement.nearest_neighbours) == 5
        noun = CLASS_NOUNS[Disposition(label)]
        assert f"probabilities of {noun}" in judgement.interval_sentence or not judgement.interval
        assert judgement.verdict in Verdict
        json.dumps(judgement.as_json(), allow_nan=False)


def test_a_judgement_as_json_says_everything(trained: Trained) -> None:
    assessment = trained("linear_regression").predictions.assessments[0]
    content = assessment.as_json()
    assert set(content) == {
        *("verdict", "conformal", "domain", "score_interval", "score_interval_sentence"),
        *("checks", "failed_checks", "passed_checks", "unchecked", "analogues"),
    }
    assert set(content["conformal"]) == {"answer", "possible", "p_values", "coverage", "reason"}
    assert set(content["domain"]) == {"outside", "columns", "sentence"}
    assert list(content["score_interval"]) == [str(entry) for entry in CLASSES]
    checks = {
        *(entry["check"] for entry in content["failed_checks"]),
        *content["passed_checks"],
        *content["unchecked"],
    }
    assert checks == {entry.check for entry in assessment.checks}
    assert all(entry["sentence"] for entry in content["failed_checks"])


def test_an_answer_is_given_only_where_all_others_can_be_ruled_out(trained: Trained) -> None:
    for judgement in trained("random_forest").predictions.assessments:
        assert judgement.conformal is not None
        conformal = judgement.as_json()["conformal"]
        assert (conformal["answer"] != "abstain") == (len(conformal["possible"]) == 1)
        if len(conformal["possible"]) == 1:
            assert conformal["answer"] == conformal["possible"][0]


@EVERY_MISSION
def test_an_interval_lies_within_what_a_probability_can_be(mission: str, trained: Trained) -> None:
    assessments = trained("linear_regression", mission).predictions.assessments
    intervals = [judgement.interval for judgement in assessments if judgement.interval is not None]
    assert intervals
    for interval in intervals:
        assert len(interval) == 3
        assert all(0.0 <= low <= high <= 1.0 + 1e-12 for low, high in interval)
    assert any(high - low > 0.01 for interval in intervals for low, high in interval)


def test_errors_that_no_model_sees_still_widen_the_interval(
    trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    model = trained("linear_regression", "tess").model
    testing = small_tables("tess")[1].take(range(20))
    assert not testing.withheld_errors.empty
    with_errors = judged(model, testing)
    without = judged(model, replace(testing, withheld_errors=testing.withheld_errors * np.nan))
    assert all(judgement.interval is None for judgement in without)
    assert sum(judgement.interval is not None for judgement in with_errors) > 10
    assert without[0].interval_sentence == (
        "The catalogue gives no errors for this object, so its score has no interval"
    )
    assert without[0].as_json()["score_interval"] is None


def test_an_object_is_no_analogue_of_itself_and_a_twin_on_another_star_is_the_nearest(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained("linear_regression").model
    training = kepler_tables[0]
    rows = LabelledRows.of([training], model.features(training))
    few = training.take(range(4))
    for i, judgement in enumerate(judged(model, few, learned_from=[rows])):
        assert few.names[i] not in {analogue.name for analogue in judgement.nearest_neighbours}
        assert few.hosts[i] not in {analogue.host for analogue in judgement.nearest_neighbours}
        distances = [analogue.distance for analogue in judgement.nearest_neighbours]
        assert distances == sorted(distances)
    elsewhere = few.frame.assign(
        kepid=[f"star {i}" for i in range(4)], kepoi_name=[f"twin {i}" for i in range(4)]
    )
    twins = judged(model, replace(few, frame=elsewhere), learned_from=[rows])
    for i, judgement in enumerate(twins):
        assert judgement.nearest_neighbours[0].distance == pytest.approx(0.0, abs=1e-6)
        assert judgement.nearest_neighbours[0].name == few.names[i]


@EVERY_MISSION
def test_a_missions_own_table_has_all_of_the_transit_that_its_verdicts_take(
    mission: str, trained: Trained
) -> None:
    assessments = trained("linear_regression", mission).predictions.assessments
    assert all(judgement.measured for judgement in assessments)


def test_without_the_training_rows_there_are_no_analogues(
    trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    model = trained("linear_regression").model
    few = small_tables("kepler")[1].take(range(4))
    assert [judgement.nearest_neighbours for judgement in judged(model, few)] == [()] * 4


def test_analogues_are_of_the_objects_own_mission(
    trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    model = trained("linear_regression", "kepler", FeatureSet.HARMONISED).model
    learned = [
        LabelledRows.of([table], model.features(table))
        for table in (small_tables(mission)[0].take(range(60)) for mission in ("kepler", "tess"))
    ]
    few = small_tables("tess")[1].take(range(4))
    names = set(learned[1].tables[0].names)
    for judgement in judged(model, few, learned_from=learned):
        assert {analogue.name for analogue in judgement.nearest_neighbours} <= names
        assert len(judgement.nearest_neighbours) == 5


def test_a_model_without_held_out_stars_gives_no_set_of_answers(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = replace(trained("linear_regression").model, conformal=None)
    (judgement,) = judged(model, kepler_tables[1].take([0]))
    assert judgement.conformal is None
    assert judgement.as_json()["conformal"] is None


def test_an_object_that_physics_forbids_is_told_so_whatever_the_model_says(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    few = kepler_tables[1].take(range(1))
    giant = replace(few, frame=few.frame.assign(koi_prad=1e7))
    (judgement,) = judged(trained("linear_regression").model, giant)
    failed = [check for check in judgement.checks if check.outcome is Outcome.FAILED]
    assert failed
    assert judgement.novelty.outside
    shown = judgement.as_json()
    assert "koi_prad" in shown["domain"]["columns"]
    assert {check["check"] for check in shown["failed_checks"]} == {check.check for check in failed}


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model, few = trained("linear_regression").model, kepler_tables[1].take(range(6))
    first, again, other = (
        [judgement.interval for judgement in judged(model, few, run=RunContext(seed=seed))]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_progress_only_goes_forward(trained: Trained, kepler_tables: tuple[Table, Table]) -> None:
    seen: list[float] = []
    judged(
        trained("linear_regression").model,
        kepler_tables[1].take(range(3)),
        RunContext(progress=lambda done, _step: seen.append(done)),
    )
    assert seen == sorted(seen)
    assert 0 == seen[0] < seen[-1] == 1
