"""The light curve of a star, with what was taken for its trend, and a signal's transits in it."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from mlcore.in_words import counted, number
from sessions_app.plots.light_curves.shared import (
    BRUSHED,
    PANEL,
    QUANTITATIVE,
    TIMES,
    axis,
    points,
    thinned,
    told_apart,
)
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.records import SignalRecord, StarRecord

__all__ = ["curve", "time_title"]

_GAP = 5
"""A pause of so many usual spacings is a gap."""
_MOST_MARKED = 400
"""More transits than that cannot be told apart in a picture."""
_IN_TABLE = 60
_ROOM = 0.08
_HOURS = 24
_SEARCHED, _LEFT_OUT = "searched", "left out of the search"


def curve(star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return a star's light curve; None where nothing of it is kept."""
    rows = _rows(star)
    if not rows:
        return None
    title = time_title(star)
    x = axis("time", title, axis=TIMES)
    y = axis("flux", "Relative flux", scale={"domain": _reach(rows), "nice": False})
    detail = {**x, "scale": {"zero": False, "nice": False, "domain": {"param": "brush"}}}
    transits = _transits(signal, rows[0]["time"], rows[-1]["time"])
    marked = transits if len(transits) <= _MOST_MARKED else []
    tooltip = tips(time=title, flux="Relative flux", of="The point is", trend="Trend")
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "point", "filled": True, "size": 14, "opacity": 0.55, "clip": True},
            "encoding": {
                "x": detail,
                "y": y,
                **told_apart(_SEARCHED, _LEFT_OUT, symbols=("circle", "cross")),
                "tooltip": tooltip,
            },
        },
        {
            "mark": {
                "type": "line",
                "style": "here",
                "fill": None,
                "strokeWidth": 1.5,
                "clip": True,
            },
            "encoding": {
                "x": detail,
                "y": {**y, "field": "trend"},
                # A line over a gap would say that the flux was measured there.
                "detail": {"field": "piece", "type": "nominal"},
            },
        },
    ]
    if marked:
        layers.append(
            {
                "data": {"values": [{"time": round(at, 5), "number": n} for n, at in marked]},
                "mark": {
                    "type": "point",
                    "style": "against",
                    "shape": "triangle-up",
                    "filled": True,
                    "size": 60,
                    "clip": True,
                },
                "encoding": {
                    "x": detail,
                    "y": {"value": PLANES - 6},
                    "tooltip": tips(number="Transit", time=title),
                },
            }
        )
    return Plot(
        name="curve",
        title=f"Light curve of {star.name}",
        about=_about(star, len(rows), len(transits), marked=bool(marked)),
        spec={
            "data": {"values": rows},
            "vconcat": [
                {"width": PANEL, "height": PLANES, "layer": layers},
                {
                    "width": PANEL,
                    "height": 46,
                    "params": [
                        {"name": "brush", "select": {"type": "interval", "encodings": ["x"]}}
                    ],
                    "mark": {
                        "type": "point",
                        "filled": True,
                        "size": 4,
                        "style": "quiet",
                        "clip": True,
                    },
                    "encoding": {
                        "x": {**x, "scale": {"zero": False, "nice": False}},
                        "y": {
                            "field": "flux",
                            "type": QUANTITATIVE,
                            "title": None,
                            "scale": y["scale"],
                            "axis": {"labels": False, "ticks": False, "grid": False},
                        },
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=(title, "Relative flux", "Trend", "The point is"),
            rows=[
                (
                    f"{row['time']:.5f}".replace("-", "−"),
                    f"{row['flux']:.6f}",
                    f"{row['trend']:.6f}",
                    row["of"],
                )
                for row in thinned(rows, _IN_TABLE)
            ],
            note=f"Up to {_IN_TABLE} of {counted(len(rows), 'point')}, evenly drawn; the"
            " specification has all of them.",
        ),
    )


def time_title(star: StarRecord) -> str:
    """Return what the axis of a star's times is called, with its unit and where it begins."""
    name = star.time_name[:1].upper() + star.time_name[1:]
    since = f", JD − {star.time_zero:.10g}" if star.time_zero else ""
    return f"{name} [days{since}]"


def _rows(star: StarRecord) -> list[dict[str, Any]]:
    """Return the drawn points in the order of time, numbered by the pieces between gaps."""
    rows = points(
        time=star.time, flux=star.flux, trend=star.trend, of=[int(kept) for kept in star.kept]
    )
    rows.sort(key=lambda row: row["time"])
    spacings = [after["time"] - row["time"] for row, after in pairwise(rows)]
    usual = max(median(spacings) if spacings else 0.0, star.averaged, star.cadence)
    piece = 0
    for place, row in enumerate(rows):
        piece += place > 0 and spacings[place - 1] > _GAP * usual
        row["piece"] = int(piece)
        row["of"] = _SEARCHED if row["of"] else _LEFT_OUT
    return rows


def _reach(rows: Sequence[dict[str, Any]]) -> list[float]:
    """Return between which fluxes the picture is.

    Outliers that the search left out would else flatten all that it looked at.
    """
    searched = [row for row in rows if row["of"] == _SEARCHED] or rows
    fluxes = [value for row in searched for value in (row["flux"], row["trend"])]
    room = _ROOM * (max(fluxes) - min(fluxes))
    return [min(fluxes) - room, max(fluxes) + room]


def _transits(signal: SignalRecord, begin: float, end: float) -> Sequence[tuple[int, float]]:
    """Return number and mid-time of the signal's transits within the curve."""
    first = math.ceil((begin - signal.epoch) / signal.period)
    last = math.floor((end - signal.epoch) / signal.period)
    return [(n, signal.epoch + n * signal.period) for n in range(first, last + 1)]


def _about(star: StarRecord, count: int, transits: int, *, marked: bool) -> str:
    averaged = (
        f" Each is an average over {number(star.averaged * _HOURS)} hours." if star.averaged else ""
    )
    told = (
        "triangles: where the signal's transits are"
        if marked
        else f"the signal's {counted(transits, 'transit')} are not marked"
    )
    return (
        f"{counted(count, 'point')}; line: the trend that was divided out; {told}.{averaged}"
        f" {BRUSHED}"
    )
