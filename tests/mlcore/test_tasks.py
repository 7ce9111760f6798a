from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import KEPLER, KEPLER_TCE, Disposition
from mlcore.errors import HyperparameterError
from mlcore.tasks import (
    DISPOSITION,
    TASKS,
    TRIAGE,
    VETTING,
    Task,
    check_asks,
    find_task,
    tasks_of,
    usual_task,
)

if TYPE_CHECKING:
    from mlcore.datasets import Table

LABELS = ["confirmed", "candidate", None, "false_positive", float("nan")]


def test_a_task_is_found_by_its_name() -> None:
    assert [find_task(name) for name in TASKS] == [DISPOSITION, VETTING, TRIAGE]
    assert list(TASKS) == ["disposition", "vetting", "triage"]


def test_an_unknown_task_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(
        HyperparameterError,
        match=r"^task was 'ranking', but it must be one of disposition, vetting, triage\.$",
    ):
        find_task("ranking")


def test_classes_stand_in_their_canonical_order() -> None:
    assert DISPOSITION.classes == tuple(Disposition)
    assert VETTING.classes == (Disposition.FALSE_POSITIVE, Disposition.CONFIRMED)


def test_vetting_never_trains_on_or_tests_a_candidate_and_ranks_it() -> None:
    assert VETTING.decided(LABELS).tolist() == [True, False, False, True, False]
    assert VETTING.followed_up(LABELS).tolist() == [False, True, True, False, True]


def test_disposition_trains_on_every_labelled_row_and_ranks_none() -> None:
    assert DISPOSITION.decided(LABELS).tolist() == [True, True, False, True, False]
    assert not DISPOSITION.followed_up(LABELS).any()


def test_targets_are_positions_in_the_tasks_classes() -> None:
    assert DISPOSITION.targets(LABELS).tolist() == [2, 0, -1, 1, -1]
    assert VETTING.targets(LABELS).tolist() == [1, -1, -1, 0, -1]
    assert VETTING.targets([]).tolist() == []


def test_a_series_of_a_table_is_read_like_a_list(kepler_table: Table) -> None:
    labels = kepler_table.labels
    assert labels is not None
    assert VETTING.decided(labels).sum() == (labels != "candidate").sum() == 6257
    assert VETTING.followed_up(labels).sum() == (labels == "candidate").sum() == 1797


def test_probabilities_of_a_task_are_those_given_one_of_its_classes() -> None:
    of_all = np.array([[0.5, 0.125, 0.375], [0.0, 0.75, 0.25], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(
        VETTING.probabilities(of_all), [[0.25, 0.75], [0.75, 0.25], [0.5, 0.5]]
    )
    np.testing.assert_array_equal(DISPOSITION.probabilities(of_all), of_all)


def test_probabilities_of_all_dispositions_have_zero_for_the_others() -> None:
    np.testing.assert_array_equal(VETTING.of_all(np.array([[0.25, 0.75]])), [[0.0, 0.25, 0.75]])


def test_the_follow_up_list_begins_with_the_likeliest_planet_and_keeps_ties_in_order() -> None:
    labels = pd.Series(["candidate", "confirmed", "candidate", None, "candidate"], dtype="str")
    planet = np.array([0.2, 1.0, 0.9, 0.2, 0.95])
    probabilities = np.column_stack([1 - planet, planet])
    assert VETTING.follow_up(VETTING.followed_up(labels), probabilities).tolist() == [4, 2, 0, 3]
    assert not DISPOSITION.followed_up(labels).any()


def test_a_task_is_asked_of_one_kind_of_table() -> None:
    assert tasks_of(KEPLER) == (DISPOSITION, VETTING)
    assert tasks_of(KEPLER_TCE) == (TRIAGE,)
    assert (usual_task(KEPLER), usual_task(KEPLER_TCE)) == (VETTING, TRIAGE)
    check_asks(TRIAGE, KEPLER_TCE)
    with pytest.raises(
        HyperparameterError,
        match=r"^task was 'vetting', but of Kepler threshold-crossing events it must be triage\.$",
    ):
        check_asks(VETTING, KEPLER_TCE)
    with pytest.raises(HyperparameterError, match=r"it must be disposition or vetting\.$"):
        check_asks(TRIAGE, KEPLER)


def test_a_task_cannot_both_learn_and_rank_a_disposition() -> None:
    with pytest.raises(ValueError, match="both learn and rank"):
        Task(
            name="odd",
            title="Odd",
            question="?",
            classes=(Disposition.FALSE_POSITIVE, Disposition.CONFIRMED),
            ranked=frozenset({Disposition.CONFIRMED}),
        )


def test_a_task_tells_planets_apart_from_something() -> None:
    with pytest.raises(ValueError, match="must tell confirmed apart"):
        Task(name="odd", title="Odd", question="?", classes=(Disposition.CONFIRMED,))
