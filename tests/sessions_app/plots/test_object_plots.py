"""The plots of one object: from the training median to its score, and where it lies."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mlcore.datasets import DATASETS
from sessions_app.plots.of_catalogue import ALL, SKY, catalogue_plot
from sessions_app.plots.of_object import OBJECT_PLOTS, object_plot
from sessions_app.selectors.catalogue_points import catalogue_points, drawn_evenly
from sessions_app.selectors.explained import explained
from tests.sessions_app.results import objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db


def test_a_waterfall_leads_from_the_training_median_to_the_score_without_a_gap(
    completed: Callable[..., TrainingSession],
) -> None:
    session = completed()
    for row in objects(session)[:20]:
        plot = object_plot(session, row, "waterfall")
        assert plot is not None
        steps = plot.spec["layer"][0]["data"]["values"]
        assert steps[0]["from"] == row.base
        assert all(one["to"] == next_["from"] for one, next_ in pairwise(steps))
        assert steps[-1]["to"] == pytest.approx(row.output, abs=1e-9)
        sizes = [abs(step["to"] - step["from"]) for step in steps[:10]]
        assert sizes == sorted(sizes, reverse=True)


def test_a_waterfall_writes_long_labels_in_lines_and_numbers_where_there_is_room(
    signals: TrainingSession,
) -> None:
    row = objects(signals)[0]
    (explained_row,) = explained(signals, [row])
    plot = object_plot(signals, explained_row, "waterfall")
    assert plot is not None
    bars, words, *_ = (layer["data"]["values"] for layer in plot.spec["layer"])
    assert bars == words
    lines = [line for bar in bars for line in bar["label"].split("\n")]
    assert max(map(len, lines)) <= 26
    assert len(lines) > len(bars)
    assert all(bar["label"].replace("\n", " ") == bar["quantity"] for bar in bars)
    ends = [bar[of] for bar in bars for of in ("from", "to")]
    middle = (min(ends) + max(ends)) / 2
    for bar in bars:
        beside = min(bar["from"], bar["to"]) if bar["left"] else max(bar["from"], bar["to"])
        assert bar["beside"] == beside
        assert bar["left"] == ((bar["from"] + bar["to"]) / 2 > middle)


def test_an_object_is_drawn_among_the_objects_that_models_are_trained_on(
    completed: Callable[..., TrainingSession], kepler: DatasetSnapshot
) -> None:
    session = completed()
    row = objects(session)[4]
    drawn = [name for name in OBJECT_PLOTS if object_plot(session, row, name)]
    assert drawn == ["waterfall"]
    session.reference = kepler
    plot = object_plot(session, row, "period-radius")
    assert plot is not None
    others, *marks = plot.spec["layer"]
    points = catalogue_points(kepler, ["period", "radius"])
    trained = {
        name
        for name, tested, label in zip(
            points.names, points.tested, points.dispositions, strict=True
        )
        if label is not None and not tested
    }
    assert {point["name"] for point in others["data"]["values"]} <= trained
    columns = (session.model or {})["columns"]
    here = marks[0]["data"]["values"][0]
    assert (here["x"], here["y"]) == (
        row.values[columns.index("koi_period")],
        row.values[columns.index("koi_prad")],
    )
    assert plot.spec["layer"][0]["encoding"]["x"]["title"] == "Orbital period [days]"
    assert object_plot(session, row, "mass-colour") is None


def test_points_are_the_tables_own_values_evenly_drawn(kepler: DatasetSnapshot) -> None:
    points = catalogue_points(kepler, ["period", "radius", "distance"])
    assert points.columns == {"period": "koi_period", "radius": "koi_prad"}
    assert len(points) == kepler.rows
    assert drawn_evenly(10, 20) == list(range(10))
    assert drawn_evenly(10, 4) == [0, 2, 5, 7]


def test_missions_are_drawn_by_what_a_model_says_that_never_saw_the_star(
    spoken_of: TrainingSession,
) -> None:
    plot = catalogue_plot(ALL, SKY)
    assert plot is not None
    said = {verdict.name: verdict.probabilities[1] for verdict in spoken_of.verdicts.all()}
    drawn = {point["name"]: point["verdict"] for point in plot.spec["data"]["values"]}
    assert len(drawn) > 200
    for name, verdict in drawn.items():
        likely = "likely planet" if said[name] > 0.5 else "likely false positive"
        assert verdict == ("undecided" if 0.395 < said[name] < 0.605 else likely)
    (first, second) = plot.spec["hconcat"]
    assert first["params"] == second["params"]
    assert catalogue_plot("tess", SKY) is None
    assert catalogue_plot("kepler", "elsewhere") is None
    assert DATASETS["kepler"].short_title in plot.title
