"""What the figures of a signal share: rows of numbers, units, axes, bins with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "BRUSHED",
    "FLUX_ABOUT",
    "NEAR",
    "PANEL",
    "QUANTITATIVE",
    "TIMES",
    "FluxUnit",
    "axis",
    "binned",
    "flux_unit",
    "guide",
    "marks_of",
    "points",
    "strip",
    "table_row",
    "thinned",
    "told_apart",
]

QUANTITATIVE = "quantitative"
PANEL = 560
"""Width of a panel that stands above another where nobody's page gives it one [px]."""
NEAR = "Time from mid-transit [hours]"
BRUSHED = "Draw a box in the lowest strip to look at a part; a double click there shows all again."
FLUX_ABOUT = "Flux is relative to the level out of transit."
TIMES = {"format": "~f", "labelOverlap": True}
"""How a star's times are written along an axis: days have no commas."""
_TICKS = 8
_SYMBOLS = ("circle", "triangle-up")
_PERCENT_FROM = 0.01
"""Range of relative flux from which percent read better than parts per million."""
_DIGITS, _DECIMALS = 6, 5
"""What is drawn needs no more digits; of times, which count from long ago, a second is seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FluxUnit:
    """In what relative fluxes are drawn."""

    name: str
    factor: float


def flux_unit(*fluxes: Iterable[float]) -> FluxUnit:
    """Return parts per million, or percent where these relative fluxes range over a percent."""
    known = [value for part in fluxes for value in part if math.isfinite(value)]
    wide = known and max(known) - min(known) >= _PERCENT_FROM
    return FluxUnit(name="%", factor=1e2) if wide else FluxUnit(name="ppm", factor=1e6)


def points(**columns: Sequence[float]) -> list[dict[str, Any]]:
    """Return a row for each place of columns of one length, without rows that lack a number."""
    names = list(columns)
    return [
        {
            name: _rounded(value) if isinstance(value, float) else value
            for name, value in zip(names, values, strict=True)
        }
        for values in zip(*columns.values(), strict=True)
        if all(math.isfinite(value) for value in values)
    ]


def _rounded(value: float) -> float:
    return round(value, _DECIMALS) if abs(value) >= 1 else float(f"{value:.{_DIGITS}g}")


def binned(
    phase: Sequence[float],
    flux: Sequence[float],
    error: Sequence[float],
    unit: FluxUnit,
    **more: Sequence[float],
) -> list[dict[str, Any]]:
    """Return bins of a fold with the ends of their error bars, and what else is known of each."""
    scaled = [value * unit.factor for value in flux]
    errors = [value * unit.factor for value in error]
    return points(
        phase=phase,
        flux=scaled,
        error=errors,
        low=[value - by for value, by in zip(scaled, errors, strict=True)],
        high=[value + by for value, by in zip(scaled, errors, strict=True)],
        **more,
    )


def axis(field: str, title: str, *, zero: bool = False, **more: Any) -> dict[str, Any]:
    """Return the encoding of a number along an axis that begins where the numbers do."""
    return {
        "field": field,
        "type": QUANTITATIVE,
        "title": title,
        "scale": {"zero": zero, **more.pop("scale", {})},
        # A label that is moved away from the edge stands in the next one.
        "axis": {"labelFlush": False, "tickCount": _TICKS, **more.pop("axis", {})},
        **more,
    }


def told_apart(*kinds: str, symbols: Sequence[str] = _SYMBOLS) -> dict[str, Any]:
    """Return the encodings that tell two kinds apart, which rows name as ``of``.

    By a colour and a symbol each: a hue is not all that differs.
    """
    scale = {"domain": list(kinds)}
    return {
        "color": {"field": "of", "type": "nominal", "scale": scale},
        "shape": {
            "field": "of",
            "type": "nominal",
            "scale": {**scale, "range": list(symbols)},
        },
    }


def marks_of(
    rows: Sequence[dict[str, Any]],
    x: dict[str, Any],
    y: dict[str, Any],
    tooltip: list[dict[str, str]],
    **marks: Any,
) -> list[dict[str, Any]]:
    """Return the layers of bins: a bar from the low to the high end, and a point in its middle.

    Parameters
    ----------
    rows
        Of `binned`.
    x, y
        Encodings; the bars go from ``low`` to ``high``.
    tooltip
        What is told of a bin that is pointed at.
    marks
        What the points look like beside their size, and encodings that bars and points share under
        ``encoding``.
    """
    shared = marks.pop("encoding", {})
    data = {"data": {"values": list(rows)}}
    bars = {**y, "field": "low"}
    return [
        {
            **data,
            "mark": {"type": "rule", "strokeWidth": 1.2, "opacity": 0.6, "clip": True},
            "encoding": {
                "x": x,
                "y": bars,
                "y2": {"field": "high"},
                **{name: one for name, one in shared.items() if name == "color"},
            },
        },
        {
            **data,
            "mark": {"type": "point", "filled": True, "size": 34, "clip": True, **marks},
            "encoding": {"x": x, "y": y, **shared, "tooltip": tooltip},
        },
    ]


def guide(channel: str, at: float, encoding: dict[str, Any]) -> dict[str, Any]:
    """Return a dashed line across a panel at a value of one of its axes."""
    return {
        "data": {"values": [{encoding["field"]: at}]},
        "mark": {"type": "rule", "style": "guide"},
        "encoding": {channel: encoding},
    }


def strip(
    rows: Sequence[dict[str, Any]], x: dict[str, Any], y: dict[str, Any], **mark: Any
) -> dict[str, Any]:
    """Return a low panel in which a part of the panels above it is chosen, as ``brush``.

    Parameters
    ----------
    rows
        What it shows of them.
    x, y
        Encodings of the whole.
    mark
        What they are drawn as; a line without any.
    """
    return {
        "width": PANEL,
        "height": 46,
        "data": {"values": list(rows)},
        "params": [{"name": "brush", "select": {"type": "interval", "encodings": ["x"]}}],
        "mark": {"style": "quiet", "clip": True, **(mark or {"type": "line", "strokeWidth": 1})},
        "encoding": {
            "x": x,
            "y": {**y, "title": None, "axis": {"labels": False, "ticks": False, "grid": False}},
        },
    }


def thinned(rows: Sequence[Any], most: int) -> list[Any]:
    """Return no more than so many rows, evenly drawn, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(place * (len(rows) - 1) / (most - 1))] for place in range(most)]


def table_row(*values: float) -> tuple[str, ...]:
    """Return numbers as a table of a plot's numbers has them."""
    return tuple(in_words.number(value, digits=4).replace("-", "−") for value in values)
