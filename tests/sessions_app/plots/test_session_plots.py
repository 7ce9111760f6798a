"""The plots of a result: the same numbers as the report and the objects have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.exceptions import RefusedError
from sessions_app.plots.of_session import (
    SESSION_PLOTS,
    quantities_that_move,
    session_plots,
    threshold_counts,
)
from sessions_app.plots.plot import vega_lite
from sessions_app.plots.theme import Theme
from tests.sessions_app.results import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessions_app.models import TrainingSession
    from sessions_app.plots.plot import Plot

pytestmark = pytest.mark.django_db


def draw(session: TrainingSession, name: str, **asked: str) -> Plot:
    return SESSION_PLOTS[name].draw(session, session.report or {}, asked)


def values(spec: Any) -> Iterator[list[dict[str, Any]]]:
    """Yield the data of a specification's parts."""
    if isinstance(spec, dict):
        if "values" in spec.get("data", {}):
            yield spec["data"]["values"]
        for part in ("layer", "hconcat"):
            for child in spec.get(part, ()):
                yield from values(child)


@pytest.mark.parametrize("kind", ["vetting", "three classes"])
def test_every_plot_is_a_specification_with_its_data_a_title_units_and_a_table(
    completed: Callable[..., TrainingSession], kind: str
) -> None:
    session = completed(kind)
    plots = session_plots(session)
    # It is no search's.
    assert {plot.name for plot in plots} == set(SESSION_PLOTS) - {"search"}
    for entry in plots:
        plot = draw(session, entry.name)
        spec = vega_lite(plot)
        # Strict JSON, and nothing that would have to be fetched.
        text = json.dumps(spec, allow_nan=False)
        assert '"url"' not in text
        assert spec["title"] == plot.title
        assert spec["description"] == plot.about
        assert sum(map(len, values(spec))) > 1
        assert plot.numbers.rows
        assert {len(row) for row in plot.numbers.rows} == {len(plot.numbers.columns)}


def test_a_plot_is_the_same_on_a_dark_page_but_for_its_colours(
    completed: Callable[..., TrainingSession],
) -> None:
    plot = draw(completed(), "roc")
    light, dark = (vega_lite(plot, theme) for theme in Theme)
    assert light.pop("config") != dark.pop("config")
    assert light == dark


def test_the_roc_curve_begins_at_the_first_false_positive_because_its_axis_is_logarithmic(
    completed: Callable[..., TrainingSession],
) -> None:
    session = completed()
    (curve,) = (session.report or {})["curves"]["roc"]
    spec = draw(session, "roc").spec
    line = spec["layer"][-1]
    least = min(x for x in curve["x"] if x > 0)
    scale = line["encoding"]["x"]["scale"]
    assert (scale["type"], scale["domain"]) == ("log", [least, 1])
    drawn = line["data"]["values"]
    assert [point["x"] for point in drawn] == [max(x, least) for x in curve["x"]]
    assert [point["y"] for point in drawn] == curve["y"]


def test_a_threshold_moves_counts_precision_and_recall_together(
    completed: Callable[..., TrainingSession],
) -> None:
    session = completed()
    counts = threshold_counts(session)
    assert [one["threshold"] for one in counts] == [step / 100 for step in range(101)]
    tested = [row for row in objects(session) if row.actual in {"confirmed", "false_positive"}]
    for at in (0.0, 0.37, 0.5, 0.9, 1.0):
        here = counts[round(100 * at)]
        called = [row for row in tested if row.probabilities[2] >= at]
        found = sum(row.actual == "confirmed" for row in called)
        planets = sum(row.actual == "confirmed" for row in tested)
        assert (here["found"], here["let_through"]) == (found, len(called) - found)
        assert (here["missed"], here["kept_out"]) == (
            planets - found,
            len(tested) - planets - (len(called) - found),
        )
        assert here["recall"] == found / planets
        assert here["precision"] == (found / len(called) if called else None)


def test_contributions_are_turned_towards_a_planet_whatever_the_model_said(
    completed: Callable[..., TrainingSession],
) -> None:
    session = completed()
    columns = (session.model or {})["columns"]
    place = columns.index("koi_prad")
    plot = draw(session, "dependence", quantity="Planet radius")
    drawn = {point["name"]: point for point in plot.spec["layer"][1]["data"]["values"]}
    rows = {row.name: row for row in objects(session)}
    assert len(drawn) > 50
    assert {rows[name].label for name in drawn} == {"confirmed", "false_positive"}
    for name, point in drawn.items():
        row = rows[name]
        sign = 1 if row.label == "confirmed" else -1
        assert point["value"] == row.values[place]
        assert point["contribution"] == sign * row.contributions[place]


def test_a_dependence_of_a_quantity_that_the_model_does_not_have_is_refused_with_those_it_has(
    completed: Callable[..., TrainingSession],
) -> None:
    session = completed()
    with pytest.raises(RefusedError, match="quantity was 'Colour', but it must be one of") as error:
        draw(session, "dependence", quantity="Colour")
    assert "Planet radius" in error.value.allowed
    assert set(quantities_that_move(session)) <= set(error.value.allowed)


def test_what_was_not_measured_is_not_drawn(completed: Callable[..., TrainingSession]) -> None:
    session = completed(measurement=None, curves=None, slices=[], probes=None, importance=None)
    assert {plot.name for plot in session_plots(session)} == {"contributions", "dependence"}
