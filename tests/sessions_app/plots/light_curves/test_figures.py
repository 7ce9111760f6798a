"""The figures of a signal that was found in a light curve."""

from __future__ import annotations

import csv
import json
import math

import pytest

from sessions_app.plots.data import csv_of
from sessions_app.plots.drawing import PictureFormat, drawn
from sessions_app.plots.light_curves.figures import FIGURES, drawable
from sessions_app.plots.plot import Plot, vega_lite
from tests.sessions_app.curves import DEPTH, EPOCH, PERIOD, a_signal, a_star

_LISTS = [
    *("points_phase", "points_flux", "near_phase", "near_flux", "near_error", "near_model"),
    *("whole_phase", "whole_flux", "whole_error", "odd_phase", "odd_flux", "odd_error"),
    *("secondary_phase", "secondary_flux", "secondary_error", "periods", "strengths"),
    *("transit_number", "transit_time", "transit_depth", "transit_error"),
    *("each_number", "each_phase", "each_flux"),
    *("centroid_phase", "centroid_column", "centroid_row"),
]
NOTHING = {name: [] for name in _LISTS}
NO_CURVE = {name: [] for name in ("time", "flux", "trend", "kept", "periods", "strengths")}
UNITS = ("ppm]", "[hours]", "[days", "millipixel]", "[periods", "errors]", "Relative flux")


def figure(name: str, *, star: dict[str, object] | None = None, **signal: object) -> Plot:
    plot = FIGURES[name].draw(a_star(**(star or {})), a_signal(**signal))
    assert plot is not None
    return plot


def values(plot: Plot, layer: int) -> list[dict[str, float]]:
    above = plot.spec if "layer" in plot.spec else plot.spec["vconcat"][0]
    return list(above["layer"][layer]["data"]["values"])


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_drawn_with_units_numbers_and_an_own_name(name: str) -> None:
    plot = figure(name)
    assert plot.name == name
    assert drawn(plot, PictureFormat.SVG).startswith(b"<svg")
    written = json.dumps(vega_lite(plot), allow_nan=False)
    titles = [part.split('"')[0] for part in written.split('"title": "')[1:]]
    assert any(unit in title for title in titles for unit in UNITS)
    assert len(plot.numbers.rows) > 5
    assert {len(row) for row in plot.numbers.rows} == {len(plot.numbers.columns)}


def test_what_the_records_lack_is_not_drawn() -> None:
    star, signal = a_star(**NO_CURVE), a_signal(**NOTHING)
    assert [plot.draw(star, signal) for plot in FIGURES.values()] == [None] * len(FIGURES)
    assert drawable(star, signal) == []
    without = {"centroid_phase": [], "centroid_column": [], "centroid_row": []}
    assert [one.name for one in drawable(a_star(), a_signal(**without))] == [*FIGURES][:-1]


def test_values_that_are_no_number_are_left_out() -> None:
    star, signal = a_star(), a_signal()
    signal.near_flux[3] = math.nan
    signal.transit_error[0] = math.nan
    star.flux[10] = math.nan
    for name in ("curve", "fold", "transits"):
        plot = FIGURES[name].draw(star, signal)
        assert plot is not None
        assert "NaN" not in json.dumps(vega_lite(plot))


def test_the_trend_is_broken_where_nothing_was_measured() -> None:
    rows = figure("curve").spec["data"]["values"]
    pieces = {row["piece"]: row["time"] for row in reversed(rows)}
    assert pieces == {0: 0.0, 1: pytest.approx(14.52, abs=0.02)}


def test_the_axis_of_time_says_how_times_are_called_and_from_when_they_count() -> None:
    plot = figure("curve")
    detail, _strip = plot.spec["vconcat"]
    title = detail["layer"][0]["encoding"]["x"]["title"]
    assert title == "BTJD [days, JD − 2457000]"
    plot = figure("curve", star={"time_name": "time", "time_zero": 0.0})
    assert plot.numbers.columns[0] == "Time [days]"


def test_transits_are_marked_where_the_ephemeris_says_but_not_thousands() -> None:
    detail, _strip = figure("curve").spec["vconcat"]
    marked = [mark["time"] for mark in detail["layer"][2]["data"]["values"]]
    assert marked == [pytest.approx(EPOCH + n * PERIOD, abs=1e-5) for n in range(8)]
    many = figure("curve", period=0.055)
    assert len(many.spec["vconcat"][0]["layer"]) == 2
    assert "490 transits are not marked" in many.about


def test_points_that_the_search_left_out_differ_by_their_symbol_too() -> None:
    plot = figure("curve")
    left_out = [row for row in plot.spec["data"]["values"] if row["of"] != "searched"]
    assert [row["time"] for row in left_out] == [2.0]
    shape = plot.spec["vconcat"][0]["layer"][0]["encoding"]["shape"]["scale"]
    assert shape["range"] == ["circle", "cross"]


def test_an_outlier_that_was_left_out_does_not_flatten_the_curve() -> None:
    star = a_star()
    star.flux[100] = 3.0
    plot = FIGURES["curve"].draw(star, a_signal())
    assert plot is not None
    scale = plot.spec["vconcat"][0]["layer"][0]["encoding"]["y"]["scale"]
    low, high = scale["domain"]
    kept = [flux for flux, used in zip(star.flux, star.kept, strict=True) if used]
    assert 0.99 < low < min(kept) < max(kept) < high < 1.01


def test_a_periodogram_marks_the_period_its_aliases_and_what_fits_as_well() -> None:
    plot = figure("periodogram")
    marks = {mark["label"]: (mark["period"], mark["kind"]) for mark in values(plot, 1)}
    assert marks == {
        "P": (PERIOD, "this signal"),
        "P/2": (PERIOD / 2, "alias"),
        "2P": (2 * PERIOD, "alias"),
        "P/3": (PERIOD / 3, "fits as well"),
    }
    assert values(plot, 0) == [{"strength": 7.0}]
    halved = values(figure("periodogram", shorter=[PERIOD / 2]), 1)
    assert {mark["label"]: mark["kind"] for mark in halved}["P/2"] == "fits as well"


def test_a_periodogram_explains_only_the_marks_that_it_has() -> None:
    for shorter, kinds in (
        ([], ["this signal", "alias"]),
        ([PERIOD / 3], ["this signal", "alias", "fits as well"]),
    ):
        plot = figure("periodogram", shorter=shorter)
        scale = plot.spec["vconcat"][0]["layer"][1]["encoding"]["strokeDash"]["scale"]
        assert scale["domain"] == kinds
        assert len(scale["range"]) == len(kinds)


def test_panels_of_a_fold_show_the_same_times() -> None:
    plot = figure("fold")
    above, below, strip = plot.spec["vconcat"]
    shown = [
        *(layer["data"]["values"] for layer in above["layer"]),
        below["layer"][-1]["data"]["values"],
        strip["data"]["values"],
    ]
    first, last = (end(row["phase"] for row in shown[-1]) for end in (min, max))
    assert all(first <= row["phase"] <= last for rows in shown for row in rows)


def test_the_peaks_of_a_long_periodogram_are_kept() -> None:
    signal = a_signal()
    rows = values(figure("periodogram"), 2)
    assert len(rows) < len(signal.periods)
    assert max(row["strength"] for row in rows) == pytest.approx(max(signal.strengths), rel=1e-4)


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_drawn_is_given_as_csv_with_units(name: str) -> None:
    head, *rows = csv.reader(csv_of(figure(name)).splitlines())
    assert head[0] == "data set"
    assert any(unit in title for title in head for unit in UNITS)
    assert len(rows) > 5
    assert {len(row) for row in rows} == {len(head)}


@pytest.mark.parametrize("name", ["curve", "periodogram", "fold"])
def test_a_part_is_looked_at_by_a_box_in_the_strip_below(name: str) -> None:
    plot = figure(name)
    *above, strip = plot.spec["vconcat"]
    assert strip["params"] == [
        {"name": "brush", "select": {"type": "interval", "encodings": ["x"]}}
    ]
    layers = [one["encoding"] for panel in above for one in panel["layer"]]
    domains = [one["x"]["scale"]["domain"] for one in layers if "x" in one]
    assert domains == [{"param": "brush"}] * len(domains) != []
    assert "Draw a box in the lowest strip" in plot.about


def test_without_a_limit_none_is_drawn() -> None:
    plot = figure("periodogram", star={"limit": 0.0})
    assert len(plot.spec["vconcat"][0]["layer"]) == 3
    assert "Dashed across" not in plot.about


def test_the_first_search_is_drawn_where_the_signal_has_no_search_of_its_own() -> None:
    assert "first search" in figure("periodogram", periods=[], strengths=[]).about


def test_residuals_are_what_the_trapezoid_leaves() -> None:
    plot = figure("fold")
    above, below, _strip = plot.spec["vconcat"]
    bins = {row["phase"]: row["flux"] for row in above["layer"][2]["data"]["values"]}
    model = {row["phase"]: row["model"] for row in above["layer"][1]["data"]["values"]}
    left = {row["phase"]: row["flux"] for row in below["layer"][1]["data"]["values"]}
    assert left == {phase: pytest.approx(bins[phase] - model[phase]) for phase in bins}
    assert min(model.values()) == pytest.approx(-DEPTH)


def test_deep_eclipses_are_drawn_in_percent() -> None:
    plot = figure("transits", transit_depth=[0.4] * 8)
    assert plot.spec["layer"][1]["encoding"]["y"]["title"] == "Depth [%]"
    assert "mean, 40 %" in plot.about


def test_odd_and_even_transits_differ_by_colour_and_symbol() -> None:
    for name in ("odd-even", "transits", "each-transit"):
        encoding = next(
            layer["encoding"]
            for layer in figure(name).spec["layer"]
            if "shape" in layer["encoding"]
        )
        assert encoding["color"]["scale"]["domain"] == ["odd transits", "even transits"]
        assert encoding["shape"]["scale"]["range"] == ["circle", "triangle-up"]


def test_the_mean_of_the_depths_is_weighted_by_their_errors() -> None:
    plot = figure("transits", transit_depth=[1e-3] * 7 + [9e-3], transit_error=[1e-4] * 7 + [9.0])
    assert values(plot, 0) == [{"flux": pytest.approx(1000, abs=0.01)}]


def test_late_times_keep_their_seconds() -> None:
    late = [2459000.12345 + n for n in range(8)]
    plot = figure("transits", transit_time=late)
    assert [row["phase"] for row in values(plot, 1)] == late


def test_single_transits_stand_apart_the_earliest_on_top() -> None:
    plot = figure("each-transit")
    levels = [(level["label"], level["shifted"]) for level in values(plot, 0)]
    assert [label for label, _ in levels] == [str(n) for n in range(8)]
    heights = [height for _, height in levels]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] - heights[1] >= 1.6 * DEPTH


def test_a_phase_above_a_half_is_drawn_where_the_orbit_has_it() -> None:
    plot = figure("whole-orbit", secondary_at=0.75)
    assert values(plot, 0) == [{"phase": -0.25}]
    assert len(figure("whole-orbit", secondary_at=None).spec["layer"]) == 2
