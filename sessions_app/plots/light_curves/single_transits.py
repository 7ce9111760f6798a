"""A signal transit by transit: how deep each is, and each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import counted, number
from sessions_app.plots.light_curves.curve import time_title
from sessions_app.plots.light_curves.shared import (
    NEAR,
    QUANTITATIVE,
    TIMES,
    axis,
    binned,
    flux_unit,
    guide,
    marks_of,
    points,
    table_row,
    thinned,
    told_apart,
)
from sessions_app.plots.plot import Numbers, Plot, tips

if TYPE_CHECKING:
    from mlcore.lightcurves.records import SignalRecord, StarRecord

__all__ = ["depths", "one_by_one"]

_HEIGHT = 260
_TICKS = 5
"""Of a narrow axis of times, which have many digits."""
_ROW = 46
"""Height that each of the stacked transits has for itself [px]."""
_MOST_STACKED = 16
_IN_TABLE = 60
_ODD, _EVEN = "odd transits", "even transits"


def depths(star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return the depth of each transit against its time; None where none has one."""
    unit = flux_unit([0.0], signal.transit_depth)
    rows = binned(
        signal.transit_time,
        signal.transit_depth,
        signal.transit_error,
        unit,
        number=signal.transit_number,
    )
    if not rows:
        return None
    for row in rows:
        row["of"] = _ODD if row["number"] % 2 else _EVEN
    weights = [1 / row["error"] ** 2 if row["error"] > 0 else 0.0 for row in rows]
    total = sum(weights)
    mean = (
        sum(weight * row["flux"] for weight, row in zip(weights, rows, strict=True)) / total
        if total
        else sum(row["flux"] for row in rows) / len(rows)
    )
    title = time_title(star)
    x = axis(
        "phase", title, scale={"nice": False, "padding": 12}, axis={**TIMES, "tickCount": _TICKS}
    )
    y = axis("flux", f"Depth [{unit.name}]", zero=True)
    told = tips(number="Transit", phase=title, flux=f"Depth [{unit.name}]", error="Its error")
    return Plot(
        name="transits",
        title="Depth of each transit",
        about=f"Of {counted(len(rows), 'transit')} with points, each with its error; dashed: their"
        f" mean, {number(mean)} {unit.name}, weighted by the errors.",
        spec={
            "width": "container",
            "height": _HEIGHT,
            "layer": [
                guide("y", mean, y),
                *marks_of(rows, x, y, told, encoding=told_apart(_ODD, _EVEN), size=46),
            ],
        },
        numbers=Numbers(
            columns=("Transit", title, f"Depth [{unit.name}]", "Its error"),
            rows=[
                (
                    str(row["number"]).replace("-", "−"),
                    f"{row['phase']:.5f}".replace("-", "−"),
                    *table_row(row["flux"], row["error"]),
                )
                for row in thinned(rows, _IN_TABLE)
            ],
            note=f"Up to {_IN_TABLE} of them, evenly drawn." if len(rows) > _IN_TABLE else "",
        ),
    )


def one_by_one(_star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return single transits one above the other, the earliest on top; None without points."""
    kept = points(number=signal.each_number, phase=signal.each_phase, flux=signal.each_flux)
    if not kept:
        return None
    there = sorted({row["number"] for row in kept})
    shown = thinned(there, _MOST_STACKED)
    kept = [row for row in kept if row["number"] in set(shown)]
    unit = flux_unit(signal.each_flux)
    step = _step(signal, kept) * unit.factor
    shift = {n: -place * step for place, n in enumerate(shown)}
    rows: list[dict[str, Any]] = [
        {
            "number": row["number"],
            "phase": row["phase"],
            "flux": row["flux"] * unit.factor,
            "shifted": float(f"{row['flux'] * unit.factor + shift[row['number']]:.6g}"),
            "of": _ODD if row["number"] % 2 else _EVEN,
        }
        for row in kept
    ]
    levels = [
        {
            "shifted": at,
            "label": f"{n}".replace("-", "−"),
            "phase": min(row["phase"] for row in rows),
            "to": max(row["phase"] for row in rows),
        }
        for n, at in shift.items()
    ]
    x = axis("phase", NEAR, scale={"nice": False, "padding": 34})
    y = {
        "field": "shifted",
        "type": QUANTITATIVE,
        "title": f"Relative flux, {number(step)} {unit.name} apart",
        "scale": {"zero": False, "domain": [-len(shown) * step, 0.8 * step]},
        "axis": {"grid": False, "labels": False, "ticks": False},
    }
    return Plot(
        name="each-transit",
        title="Transit by transit",
        about=f"{counted(len(shown), 'transit')} of {len(there)}, the earliest on top, each with"
        " its number from the epoch; dashed: the level out of transit of each.",
        spec={
            "width": "container",
            "height": max(_HEIGHT, _ROW * len(shown)),
            "layer": [
                {
                    "data": {"values": levels},
                    "mark": {"type": "rule", "style": "guide", "opacity": 0.6},
                    "encoding": {"x": x, "x2": {"field": "to"}, "y": y},
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "point", "filled": True, "size": 20, "clip": True},
                    "encoding": {
                        "x": x,
                        "y": y,
                        **told_apart(_ODD, _EVEN),
                        "tooltip": tips(number="Transit", phase=NEAR, flux=f"Flux [{unit.name}]"),
                    },
                },
                {
                    "data": {"values": levels},
                    "mark": {"type": "text", "align": "right", "dx": -5, "fontWeight": 600},
                    "encoding": {"x": x, "y": y, "text": {"field": "label"}},
                },
            ],
        },
        numbers=Numbers(
            columns=("Transit", NEAR, f"Flux [{unit.name}]"),
            rows=[
                (
                    str(row["number"]).replace("-", "−"),
                    *table_row(row["phase"], row["flux"]),
                )
                for row in thinned(rows, _IN_TABLE)
            ],
            note=f"Up to {_IN_TABLE} of {counted(len(rows), 'point')}, evenly drawn.",
        ),
    )


def _step(signal: SignalRecord, kept: list[dict[str, Any]]) -> float:
    """Return by how much a transit is shifted below the one before it, relative flux.

    Nine tenths of the points of one stay clear of the next, and a transit's depth fits in between.
    """
    away = sorted(abs(row["flux"]) for row in kept)
    noise = 2 * away[int(0.9 * (len(away) - 1))]
    return max(1.6 * signal.depth * 1e-6, noise, 1e-9)
