"""The ROC curves of several sessions over each other."""

from __future__ import annotations

import pytest

from sessions_app.plots.compared import roc_compared
from sessions_app.plots.drawing import PictureFormat, drawn
from sessions_app.selectors.comparison import compared
from tests.sessions_app.compared_sessions import chances, completed_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

CALLED = ("A: one", "B: another")


def test_each_session_has_a_curve_a_dash_and_a_column_of_numbers() -> None:
    found = compared([completed_session(chances()), completed_session(chances(off=0.45))])
    plot = roc_compared(found, CALLED)
    assert plot is not None
    points = plot.spec["layer"][1]
    assert {row["session"] for row in points["data"]["values"]} == set(CALLED)
    dashes = points["encoding"]["strokeDash"]["scale"]
    assert dashes["domain"] == list(CALLED)
    assert len({tuple(dash) for dash in dashes["range"]}) == 2
    assert plot.numbers.columns == ("False positive rate", *CALLED)
    for row in plot.numbers.rows:
        rate = float(row[0])
        for name, cell, curve in zip(CALLED, row[1:], found.roc.values(), strict=True):
            best = max(y for x, y in zip(curve.x, curve.y, strict=True) if x <= rate)
            assert float(cell) == pytest.approx(best, abs=6e-4), name
    # A logarithmic axis has no place for 0.
    assert min(row["x"] for row in points["data"]["values"]) > 0
    assert b"A: one" in drawn(plot, PictureFormat.SVG)


def test_without_figures_there_is_no_plot() -> None:
    sessions = [completed_session(chances(), actual={}) for _ in range(2)]
    assert roc_compared(compared(sessions), CALLED) is None
