"""A report's curves as SVG pictures, drawn on the server: they need no script and no network."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pygal
from pygal.style import Style

from mlcore.levels import INTERVAL
from sessions_app.web.formatting import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Its hook for plugins with maps is of a kind that Python gave up: it would warn about it at every
# later import in the process that finds nothing.
sys.meta_path[:] = [
    finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
]

__all__ = ["CONTENT_POLICY", "Chart", "draw", "drawable"]

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a picture may load: nothing. Its own styles stand within it."""

_HUES = ("#2f7de1", "#d9822b", "#3f9e6b")
_GREY = "#7d8896"
"""Like the hues readable on white and on near-black: a picture does not know the page's theme."""

_LINES = (
    "inline:{{ id }}.series .line { stroke-width: 2.5px !important; }"
    " {{ id }}.tooltip { display: none; }"
)


class Chart(StrEnum):
    """The name of a picture."""

    ROC = "roc"
    PRECISION_RECALL = "precision-recall"
    RELIABILITY = "reliability"

    @property
    def title(self) -> str:
        """What it shows, as a heading."""
        return _TITLES[self]

    @property
    def axes(self) -> tuple[str, str]:
        """What its two axes are."""
        return _AXES[self]


_TITLES = {
    Chart.ROC: "ROC curve",
    Chart.PRECISION_RECALL: "Precision and recall",
    Chart.RELIABILITY: "Reliability",
}
_AXES = {
    Chart.ROC: ("False positive rate", "Recall"),
    Chart.PRECISION_RECALL: ("Recall", "Precision"),
    Chart.RELIABILITY: ("Stated probability", "Observed share"),
}


def drawable(curves: Mapping[str, Any] | None) -> list[Chart]:
    """Return which pictures can be drawn of a report's curves."""
    if curves is None:
        return []
    return [chart for chart in Chart if curves[_PART[chart]]]


def draw(chart: Chart, curves: Mapping[str, Any]) -> bytes:
    """Return a picture of a report's curves as SVG.

    Parameters
    ----------
    chart
        Which one.
    curves
        See `mlcore.metrics.Curves.as_json`.
    """
    x_title, y_title = chart.axes
    drawn = len({curve["of"] for curve in curves[_PART[chart]]})
    picture = pygal.XY(
        style=_style(drawn),
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
    _DRAWN[chart](picture, curves)
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


def _curves_of(part: str) -> Callable[[Any, Mapping[str, Any]], None]:
    def add(picture: Any, curves: Mapping[str, Any]) -> None:
        for curve in curves[part]:
            points = list(zip(curve["x"], curve["y"], strict=True))
            picture.add(words(curve["of"]).capitalize(), points)
        if len(curves[part]) == 1:
            _band(picture, curves[part][0])
        if part == "roc":
            _diagonal(picture, "Chance")

    return add


def _reliability(picture: Any, curves: Mapping[str, Any]) -> None:
    bins = curves["reliability"]
    for of in dict.fromkeys(one["of"] for one in bins):
        own = [one for one in bins if one["of"] == of]
        picture.add(
            words(of).capitalize(),
            [(one["stated"], one["observed"]) for one in own],
            show_dots=True,
            dots_size=4,
        )
        if of == bins[-1]["of"] and len({one["of"] for one in bins}) == 1:
            _intervals(picture, own)
    _diagonal(picture, "As stated")


def _intervals(picture: Any, bins: list[dict[str, Any]]) -> None:
    """Draw each bin's interval as a line of its own; None parts the lines."""
    points: list[tuple[float, float] | None] = []
    for one in bins:
        if one["low"] is not None:
            points += [(one["stated"], one["low"]), (one["stated"], one["high"]), None]
    picture.add(INTERVAL, points, allow_interruptions=True)


def _band(picture: Any, curve: Mapping[str, Any]) -> None:
    """Draw both bounds of a curve's interval as one grey line, parted in the middle."""
    low, high = (
        [(x, bound) for x, bound in zip(curve["x"], curve.get(end) or (), strict=False)]
        for end in ("low", "high")
    )
    points = [point if point[1] is not None else None for point in (*low, (0, None), *high)]
    picture.add(INTERVAL, points, allow_interruptions=True)


def _diagonal(picture: Any, title: str) -> None:
    picture.add(title, [(0, 0), (1, 1)], stroke_style={"dasharray": "6, 6"})


_PART = {
    Chart.ROC: "roc",
    Chart.PRECISION_RECALL: "precision_recall",
    Chart.RELIABILITY: "reliability",
}
_DRAWN = {
    Chart.ROC: _curves_of("roc"),
    Chart.PRECISION_RECALL: _curves_of("precision_recall"),
    Chart.RELIABILITY: _reliability,
}
