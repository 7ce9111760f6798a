"""Plots as pictures, and the scripts that draw them on pages."""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path

import pytest

from sessions_app.plots.drawing import PictureFormat, drawn
from sessions_app.plots.plot import Numbers, Plot
from sessions_app.plots.theme import Theme

VENDORED = Path("sessions_app/static/vendored")
PLOT = Plot(
    name="some",
    title="Some plot",
    about="Two points.",
    spec={
        "width": "container",
        "height": 100,
        "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 3}]},
        "mark": "point",
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {"field": "y", "type": "quantitative"},
        },
    },
    numbers=Numbers(columns=("x", "y"), rows=[("1", "2"), ("2", "3")]),
)


def test_a_picture_loads_and_runs_nothing() -> None:
    for theme in Theme:
        picture = drawn(PLOT, PictureFormat.SVG, theme).decode()
        assert picture.startswith("<svg")
        assert "Some plot" in picture
        assert "<script" not in picture
        assert not re.search(r'(href|src)="(?!#)', picture)


def test_a_picture_has_the_width_that_is_asked_for_and_a_paper_of_its_own() -> None:
    picture = drawn(PLOT, PictureFormat.PNG, width=300)
    assert picture.startswith(b"\x89PNG")
    # Two pixels a point, around the plot's own padding and axes.
    width, height = struct.unpack(">II", picture[16:24])
    assert 600 <= width <= 780
    assert 200 <= height <= 420


def test_a_specification_cannot_make_the_server_ask_another_one() -> None:
    spec = {**PLOT.spec, "data": {"url": "http://127.0.0.1:9/points.json"}}
    plot = Plot(name="x", title="x", about="x", spec=spec, numbers=PLOT.numbers)
    with pytest.raises(ValueError, match="not allowed"):
        drawn(plot, PictureFormat.SVG)


def test_the_scripts_of_others_are_those_whose_hashes_stand_beside_them() -> None:
    listed = dict(
        reversed(line.split("  ")) for line in (VENDORED / "SHA256SUMS").read_text().splitlines()
    )
    assert set(listed) == {file.name for file in VENDORED.iterdir()} - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest
    licences = (VENDORED / "LICENCES.txt").read_text()
    for package in ("htmx.org", "vega", "vega-lite", "vega-interpreter", "d3-array"):
        assert f"\n{package}\n" in f"\n{licences}"
