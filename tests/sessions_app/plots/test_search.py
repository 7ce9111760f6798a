"""The picture of what an automatic search tried."""

from __future__ import annotations

from sessions_app.plots.search import search_plot
from tests.sessions_app.plots.searched import SEARCH


def test_trials_stand_where_they_ended_and_the_ensemble_across_all() -> None:
    plot = search_plot({"search": SEARCH})
    ensemble, _, points = plot.spec["layer"]
    assert ensemble["data"]["values"] == [{"value": 0.1}]
    assert [
        (row["trial"], row["at"], row["value"], row["part"]) for row in points["data"]["values"]
    ] == [("1", 2.0, 0.3, "not in the ensemble"), ("2", 6.0, 0.12, "in the ensemble")]
    # All intervals are in sight.
    low, high = points["encoding"]["y"]["scale"]["domain"]
    assert low < 0.09
    assert high > 0.31
    assert [row[:3] for row in plot.numbers.rows] == [
        ("1", "XGBoost", "2.0 s"),
        ("2", "Random forest", "6.0 s"),
        ("The ensemble", "–", "–"),
    ]
    assert plot.numbers.note == "1 trial without a figure came to no end."
