"""The lines of the speed benchmark, from figures that are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.benchmark.notebook import NotebookRun
from mlcore.benchmark.speed import (
    SpeedRow,
    as_markdown,
    at_once,
    first_answer,
    readme_forest,
    with_evidence,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def notebooks(walls: Sequence[float], fits: Sequence[float]) -> list[NotebookRun]:
    return [
        NotebookRun(
            wall_seconds=wall,
            fit_cpu_seconds=fit,
            train_rows=8,
            test_rows=2,
            accuracy=0.75,
            roc_auc=0.9,
            confusion=((1, 0), (0, 1)),
        )
        for wall, fit in zip(walls, fits, strict=True)
    ]


BARE = notebooks([0.5, 0.25, 3.0], [0.25, 0.5, 0.125])
"""Their median takes half a second, of which the fit's processor time is a quarter."""


def test_a_first_answer_may_take_twice_the_notebooks_time_and_a_second() -> None:
    row = first_answer("svm", [1.5, 9.0, 2.0], BARE, accuracy=0.8)
    assert row.as_json() == {
        "what": "first answer: svm",
        "value": 2.0,
        "bar": 2.0,
        "holds": True,
        "unit": "s",
        "note": "Wall time: sessions 2.00 s (1.50 to 9.00), notebooks 0.50 s (0.25 to 3.00); the"
        " bar is 2 × the notebook's + 1 s. Accuracy of the session 0.800, of the notebook 0.750.",
    }
    assert row.as_text() == "first answer: svm: 2.00 s, ≤ 2 s: holds"
    missed = first_answer("svm", [1.5, 9.0, 2.01], BARE, accuracy=0.8)
    assert not missed.holds
    assert missed.as_text() == "first answer: svm: 2.01 s, ≤ 2 s: missed"


def test_the_readmes_forest_has_the_bar_of_a_first_answer() -> None:
    row = readme_forest([1.0], BARE, accuracy=0.8)
    assert row.what == "random forest of the README: POST to completed"
    assert (row.value, row.bar) == (1.0, 2.0)


def test_a_whole_session_may_take_five_times_the_fits_processor_time_and_two_seconds() -> None:
    row = with_evidence("svm", [3.25, 4.0, 3.0], BARE)
    assert (row.what, row.value, row.bar, row.holds) == ("with evidence: svm", 3.25, 3.25, True)
    assert not with_evidence("svm", [3.26], BARE).holds
    assert row.note.startswith("Processor time: sessions 3.25 s (3.00 to 4.00), bare fits 0.25 s")


def test_the_same_times_at_once_keep_to_a_bar_without_noise() -> None:
    row = at_once(8.0, [1.0] * 8, model_type="svm")
    assert (row.what, row.value, row.bar, row.holds) == ("eight at once", 1.0, 1.0, True)
    assert not at_once(8.01, [1.0] * 8, model_type="svm").holds


def test_what_single_sessions_deviate_by_is_added_to_the_bar_of_eight_at_once() -> None:
    # Of eight times the ratio of two sums deviates by half of what one time deviates by.
    row = at_once(4.0, [0.5, 1.5] * 4, model_type="svm")
    assert row.value == 0.5
    assert row.bar == pytest.approx(1.0 + (8 * 0.25 / 7) ** 0.5)
    assert "from the 53.5% by which the single sessions deviate" in row.note


def test_the_table_has_a_line_for_each_figure_and_tells_each_note_once() -> None:
    def row(what: str, value: float, unit: str) -> SpeedRow:
        return SpeedRow(what=what, value=value, bar=2.0, unit=unit, note="How.")

    assert as_markdown([row("one", 1.5, "s"), row("two", 2.5, "ratio")]).splitlines() == [
        "| what | value | bar | |",
        "|---|---|---|---|",
        "| one [1] | 1.50 s | ≤ 2 s | holds |",
        "| two [1] | 2.50 | ≤ 2 | **missed** |",
        "",
        "[1] How.",
    ]
