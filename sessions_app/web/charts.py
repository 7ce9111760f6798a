"""A report's curves as SVG pictures, drawn on the server: they need no script and no network."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pygal
from pygal.style import Style

from mlcore.levels import INTERVAL
from sessions_app.web.formatting import words

if TYPE_CHECKING:
    from collections.abc import Mapping

# Its hook for plugins with maps is of a kind that Python gave up: it would warn about it at every
# later import in the process that finds nothing.
sys.meta_path[:] = [
    finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
]

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a picture may load: nothing. Its own styles stand within it."""

_HUES = ("#2f7de1", "#d9822b", "#3f9e6b")
_GREY = "#7d8896"
"""Like the hues readable on white and on near-black: a picture does not know the page's theme."""

_LINES = (
    "inline:{{ id }}.series .line { stroke-width: 2.5px !important; }"
    " {{ id }}.tooltip { display: none; }"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A picture of one part of a report's curves."""

    name: str
    """What its address calls it."""
    title: str
    axes: tuple[str, str]
    diagonal: str = ""
    """What the curves are compared with; empty: with nothing."""

    @property
    def part(self) -> str:
        """Its part of the curves."""
        return self.name.replace("-", "_")


_RELIABILITY = Chart(
    name="reliability",
    title="Reliability",
    axes=("Stated probability", "Observed share"),
    diagonal="As stated",
)
CHARTS = (
    Chart(
        name="roc",
        title="ROC curve",
        axes=("False positive rate", "Recall"),
        diagonal="Chance",
    ),
    Chart(
        name="precision-recall",
        title="Precision and recall",
        axes=("Recall", "Precision"),
    ),
    _RELIABILITY,
)


def drawable(curves: Mapping[str, Any] | None) -> list[Chart]:
    """Return which pictures can be drawn of a report's curves."""
    return [chart for chart in CHARTS if curves and curves[chart.part]]


def draw(chart: Chart, curves: Mapping[str, Any]) -> bytes:
    """Return a picture of a report's curves (see `mlcore.metrics.Curves.as_json`) as SVG."""
    x_title, y_title = chart.axes
    part = curves[chart.part]
    picture = pygal.XY(
        style=_style(len({curve["of"] for curve in part})),
        # Its own script would come from another server.
        js=[],
        css=["file://style.css", "file://graph.css", _LINES],
        width=480,
        height=470,
        margin=12,
        range=(0, 1),
        xrange=(0, 1),
        x_labels=[0, 0.2, 0.4, 0.6, 0.8, 1],
        y_labels=[0, 0.2, 0.4, 0.6, 0.8, 1],
        x_title=x_title,
        y_title=y_title,
        x_value_formatter=lambda value: f"{value:g}",
        value_formatter=lambda value: f"{value:g}",
        show_x_guides=True,
        show_dots=False,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        # Its legend is placed a little too low.
        margin_bottom=36,
        legend_box_size=12,
        truncate_legend=-1,
        no_data_text="No curve",
        disable_xml_declaration=True,
    )
    picture.add_xml_filter(_without_scripts)
    if chart is _RELIABILITY:
        _add_bins(picture, part)
    else:
        _add_curves(picture, part)
    if chart.diagonal:
        picture.add(chart.diagonal, [(0, 0), (1, 1)], stroke_style={"dasharray": "6, 6"})
    return bytes(picture.render(is_unicode=True), "utf-8")


def _without_scripts(root: Any) -> Any:
    """Leave out what only the library's own script would read."""
    for parent in list(root.iter()):
        for child in [node for node in parent if str(node.tag).endswith("script")]:
            parent.remove(child)
    return root


def _style(curves: int) -> Style:
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=_GREY,
        foreground_strong=_GREY,
        foreground_subtle=f"{_GREY}55",
        # What is drawn beside the curves, such as the diagonal, is grey.
        colors=(*_HUES[:curves], _GREY, _GREY),
        font_family="system-ui, sans-serif",
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=13,
        title_font_size=14,
        guide_stroke_color=f"{_GREY}55",
        guide_stroke_dasharray="1,4",
        major_guide_stroke_color=f"{_GREY}55",
        major_guide_stroke_dasharray="1,4",
    )


def _add_curves(picture: Any, curves: list[dict[str, Any]]) -> None:
    for curve in curves:
        points = list(zip(curve["x"], curve["y"], strict=True))
        picture.add(words(curve["of"]).capitalize(), points)
    if len(curves) == 1:
        (curve,) = curves
        # Both bounds as one grey line, parted in the middle.
        low, high = (
            list(zip(curve["x"], curve.get(end) or (), strict=False)) for end in ("low", "high")
        )
        points = [point if point[1] is not None else None for point in (*low, (0, None), *high)]
        picture.add(INTERVAL, points, allow_interruptions=True)


def _add_bins(picture: Any, bins: list[dict[str, Any]]) -> None:
    classes = dict.fromkeys(part["of"] for part in bins)
    for of in classes:
        points = [(part["stated"], part["observed"]) for part in bins if part["of"] == of]
        picture.add(words(of).capitalize(), points, show_dots=True, dots_size=4)
    if len(classes) == 1:
        # Each interval is a line of its own: None parts them.
        intervals: list[tuple[float, float] | None] = []
        for part in bins:
            if part["low"] is not None:
                stated = part["stated"]
                intervals += [(stated, part["low"]), (stated, part["high"]), None]
        picture.add(INTERVAL, intervals, allow_interruptions=True)
