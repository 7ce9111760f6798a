from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import mlcore
from mlcore.datasets import Disposition
from mlcore.evaluation.run_protocols import run_protocols
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.protocol import Protocol
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.run import RunContext
from mlcore.tasks import VETTING
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.evaluation.protocols import ProtocolResult


MARKED = replace(MEASURED, label_derived=("koi_score",))
UNSEEN = "sees none of the session's label-derived columns: koi_score"


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    kind = MODELS["linear_regression"]
    return Recipe(kind, kind.read_hyperparameters({})[0], VETTING)


@pytest.fixture(scope="module")
def newer(archive_dir: Path) -> Table:
    (path,) = archive_dir.glob("koi_cumulative_2025*_default49.csv")
    return mlcore.read_table(path, mlcore.DATASETS["kepler"], require_labels=True)


@pytest.fixture(scope="module")
def forward(recipe: Recipe, newer: Table, kepler_table: Table) -> ProtocolResult:
    """Return the test of the carried table of 2017 against what was found since."""
    results, notes = run_protocols(
        EvaluationSetup(tables=[], protocols=[Protocol.TIME_FORWARD], older=kepler_table),
        recipe,
        whole=newer,
        inputs=MARKED,
        run=RunContext(),
    )
    assert notes == []
    (result,) = results
    return result


def test_candidates_of_2017_are_tested_by_what_they_were_found_to_be(
    forward: ProtocolResult, kepler_table: Table
) -> None:
    assert forward.protocol is Protocol.TIME_FORWARD
    assert kepler_table.labels is not None
    assert set(kepler_table.labels.iloc[forward.rows]) == {"candidate"}
    measurement = forward.measurement
    assert measurement.rows == len(forward.rows) == 437 + 129
    assert sum(measurement.confusion.counts[1]) == 437
    assert sum(measurement.confusion.counts[0]) == 129
    assert forward.trained_rows == 2281 + 3976
    assert measurement.split.startswith("time-forward: candidates of an older table")
    # The carried table has no such column, so that the figures are not the column's.
    assert measurement.split.endswith(f"; {UNSEEN}")
    area = measurement.figure("roc_auc")
    assert area.value is not None
    assert area.low is not None
    assert 0.7 < area.low < area.value


def test_without_an_older_table_the_report_says_that_it_was_not_tested(
    recipe: Recipe, kepler_tables: tuple[Table, Table]
) -> None:
    results, notes = run_protocols(
        EvaluationSetup(tables=[], protocols=[Protocol.TIME_FORWARD]),
        recipe,
        whole=kepler_tables[0],
        inputs=MEASURED,
        run=RunContext(),
    )
    assert results == []
    assert notes == ["Not tested by time forward: no older table of the mission is loaded."]


def test_the_same_table_twice_has_no_candidate_that_was_decided_since(
    recipe: Recipe, kepler_tables: tuple[Table, Table]
) -> None:
    _, notes = run_protocols(
        EvaluationSetup(tables=[], protocols=[Protocol.TIME_FORWARD], older=kepler_tables[0]),
        recipe,
        whole=kepler_tables[0],
        inputs=MEASURED,
        run=RunContext(),
    )
    (note,) = notes
    assert note == (
        "Not tested by time forward: No candidate of the older table has a decided disposition in"
        " the newer."
    )


@pytest.fixture(scope="module")
def between(
    recipe: Recipe, small_tables: Callable[[str], tuple[Table, Table]]
) -> tuple[list[ProtocolResult], list[str], list[float]]:
    kepler, k2, tess = (small_tables(mission)[0] for mission in ("kepler", "k2", "tess"))
    fractions: list[float] = []
    results, notes = run_protocols(
        EvaluationSetup(tables=[], protocols=[Protocol.LEAVE_ONE_MISSION_OUT], others=[k2, tess]),
        recipe,
        whole=kepler,
        inputs=MARKED,
        run=RunContext(progress=lambda done, _step: fractions.append(done)),
    )
    return results, notes, fractions


def test_each_mission_is_left_out_once_and_scored_by_what_the_others_taught(
    between: tuple[list[ProtocolResult], list[str], list[float]],
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    results, notes, fractions = between
    assert notes == []
    assert [outcome.measurement.split for outcome in results] == [
        f"all rows of kepler, scored by a model that was trained on k2, tess alone; {UNSEEN}",
        f"all rows of k2, scored by a model that was trained on kepler, tess alone; {UNSEEN}",
        f"all rows of tess, scored by a model that was trained on kepler, k2 alone; {UNSEEN}",
    ]
    decided = [
        sum(
            small_tables(mission)[0].label_counts[outcome]
            for outcome in (Disposition.CONFIRMED, Disposition.FALSE_POSITIVE)
        )
        for mission in ("kepler", "k2", "tess")
    ]
    assert [outcome.measurement.rows for outcome in results] == decided
    assert [outcome.trained_rows for outcome in results] == [sum(decided) - own for own in decided]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_what_two_missions_taught_is_better_than_a_guess_about_a_third(
    between: tuple[list[ProtocolResult], list[str], list[float]],
) -> None:
    kepler = between[0][0].measurement.figure("roc_auc")
    assert kepler.low is not None
    assert kepler.low > 0.6


def test_with_one_mission_there_is_none_to_leave_out(
    recipe: Recipe, kepler_tables: tuple[Table, Table]
) -> None:
    results, notes = run_protocols(
        EvaluationSetup(tables=[], protocols=[Protocol.LEAVE_ONE_MISSION_OUT]),
        recipe,
        whole=kepler_tables[1],
        inputs=MEASURED,
        run=RunContext(),
    )
    assert results == []
    assert notes == [
        (
            "Not tested by leave one mission out: The rows are of one mission only; leaving it out"
            " leaves none to train on."
        )
    ]


def test_what_is_measured_anyway_is_not_repeated(
    recipe: Recipe, kepler_tables: tuple[Table, Table]
) -> None:
    protocols = [Protocol.FIXED_SPLIT, Protocol.OWN_ROWS, Protocol.CROSS_VALIDATED]
    outcome = run_protocols(
        EvaluationSetup(tables=[], protocols=protocols),
        recipe,
        whole=kepler_tables[0],
        inputs=MEASURED,
        run=RunContext(),
    )
    assert outcome == ([], [])


def test_one_way_that_is_not_possible_does_not_keep_from_another(
    recipe: Recipe, newer: Table, kepler_table: Table
) -> None:
    nameless = replace(kepler_table, frame=kepler_table.frame.drop(columns="kepoi_name"))
    results, notes = run_protocols(
        EvaluationSetup(tables=[], protocols=list(Protocol), older=nameless),
        recipe,
        whole=newer.take(range(300)),
        inputs=MEASURED,
        run=RunContext(),
    )
    assert results == []
    assert notes == [
        "Not tested by time forward: The table has no column kepoi_name, which names the objects.",
        (
            "Not tested by leave one mission out: The rows are of one mission only; leaving it out"
            " leaves none to train on."
        ),
    ]
