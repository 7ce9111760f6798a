"""The colours and lines that all plots share, on a light page and on a dark one.

The hues are Okabe and Ito's blue, orange and vermilion, which the colour-blind tell apart, made
darker on light pages and lighter on dark ones until each stands out from the page by more than 3
to 1; classes differ by their symbols too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mlcore.datasets import Disposition

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CONFIGS", "PLANES", "VERDICTS", "Called", "Theme", "by_class", "class_word", "decades"]


class Theme(StrEnum):
    """On which page a plot is drawn."""

    LIGHT = "light"
    DARK = "dark"


_COLOURS = {
    Theme.LIGHT: {
        "ink": "#16202c",
        "grid": "#e3e9f0",
        "axis": "#6b7684",
        "hues": ["#0b62a8", "#c2410c", "#8a6a00", "#5b3f8c", "#0f7a5a"],
    },
    Theme.DARK: {
        "ink": "#e6edf5",
        "grid": "#223040",
        "axis": "#8b99a8",
        "hues": ["#6cb6ff", "#ff8c5a", "#e3b341", "#b99cff", "#4fd1a5"],
    },
}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
PLANES = 320
"""Height of a plot of two quantities against each other [px]."""


def _config(theme: Theme) -> dict[str, Any]:
    colours = _COLOURS[theme]
    ink, axis, hues = colours["ink"], colours["axis"], colours["hues"]
    words = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 13}
    return {
        "background": None,
        "font": _FONT,
        "view": {"stroke": None},
        "title": {"color": ink, "anchor": "start", "fontSize": 14, "fontWeight": 600, "offset": 8},
        "axis": {
            **words,
            "labelLimit": 330,
            "titleFontWeight": "normal",
            "gridColor": colours["grid"],
            "domainColor": axis,
            "tickColor": axis,
        },
        "legend": {
            **words,
            "orient": "top",
            "title": None,
            "titleLimit": 330,
            "labelLimit": 330,
            "symbolSize": 80,
        },
        "header": words,
        "range": {"category": hues, "diverging": [hues[1], colours["grid"], hues[0]]},
        "mark": {"color": hues[0]},
        "line": {"strokeWidth": 2.5},
        "text": {"color": ink, "fontSize": 12},
        "rule": {"color": axis},
        "style": {
            "interval": {"color": hues[0], "opacity": 0.2},
            "against": {"color": hues[1]},
            "quiet": {"color": axis},
            "guide": {"color": axis, "strokeDash": [5, 5], "strokeWidth": 1.5},
            "here": {"color": ink, "fill": ink, "stroke": ink},
        },
    }


CONFIGS = {theme: _config(theme) for theme in Theme}

_ORDER = (Disposition.CONFIRMED, Disposition.FALSE_POSITIVE, Disposition.CANDIDATE)
_SHAPES = {
    Disposition.CONFIRMED: "circle",
    Disposition.FALSE_POSITIVE: "cross",
    Disposition.CANDIDATE: "triangle-up",
}
_UNKNOWN = "no disposition"


def decades(values: Sequence[float]) -> list[float]:
    """Return where a logarithmic axis over these values has its ticks: few, at round numbers."""
    known = [value for value in values if value and value > 0]
    if not known:
        return []
    low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    factors = (1.0,) if high - low > 3 else (1.0, 3.0)
    return [factor * 10.0**power for power in range(low, high + 1) for factor in factors]


Called = Callable[[Disposition], str]
"""What a class is called: as the catalogue's, as a model's answer, or as a verdict."""

VERDICTS: Called = {
    Disposition.CONFIRMED: "likely planet",
    Disposition.FALSE_POSITIVE: "likely false positive",
    Disposition.CANDIDATE: "undecided",
}.__getitem__


def class_word(kind: str | None, called: Called | None = None) -> str:
    """Return what a class is called in a legend."""
    if not kind:
        return _UNKNOWN
    disposition = Disposition(kind)
    return called(disposition) if called else disposition.words


def by_class(field: str, called: Called | None = None) -> dict[str, Any]:
    """Return the encodings that tell classes apart: a colour and a symbol each, always the same."""
    words = [class_word(kind, called) for kind in _ORDER]
    shapes = [_SHAPES[kind] for kind in _ORDER]
    return {
        "color": {"field": field, "type": "nominal", "scale": {"domain": words}},
        "shape": {
            "field": field,
            "type": "nominal",
            "scale": {"domain": words, "range": shapes},
        },
    }
