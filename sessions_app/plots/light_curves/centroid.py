"""Where a star's light comes from during a transit, against beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.plots.light_curves.shared import NEAR, axis, guide, points, table_row, told_apart
from sessions_app.plots.plot import Numbers, Plot, tips

if TYPE_CHECKING:
    from mlcore.lightcurves.records import SignalRecord, StarRecord

__all__ = ["centroid"]

_HEIGHT = 240
_COLUMN, _ROW = "column", "row"


def centroid(_star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return the shift of the centroid near the transit; None where the file has no centroids."""
    moved = {_COLUMN: signal.centroid_column, _ROW: signal.centroid_row}
    rows = [
        {**row, "of": of}
        for of, shifts in moved.items()
        for row in points(phase=signal.centroid_phase, shift=shifts)
    ]
    if not rows:
        return None
    x = axis("phase", NEAR, scale={"nice": False, "padding": 6})
    y = axis("shift", "Shift of the centroid [millipixel]", zero=True)
    return Plot(
        name="centroid",
        title="Centroid",
        about="Where the light comes from, against beside the transit: a shift during the transit"
        " says that a neighbour in the same pixels may be what dims.",
        spec={
            "width": "container",
            "height": _HEIGHT,
            "layer": [
                guide("y", 0.0, y),
                {
                    "data": {"values": rows},
                    "mark": {"type": "point", "filled": True, "size": 42},
                    "encoding": {
                        "x": x,
                        "y": y,
                        **told_apart(_COLUMN, _ROW),
                        "tooltip": tips(of="Along", phase=NEAR, shift="Shift [millipixel]"),
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=("Along", NEAR, "Shift [millipixel]"),
            rows=[(row["of"], *table_row(row["phase"], row["shift"])) for row in rows],
        ),
    )
