"""A light curve folded at a signal's period: near the transit, and over the whole orbit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import counted, number
from sessions_app.plots.light_curves.shared import (
    BRUSHED,
    FLUX_ABOUT,
    NEAR,
    PANEL,
    axis,
    binned,
    flux_unit,
    guide,
    marks_of,
    points,
    strip,
    table_row,
    told_apart,
)
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES

if TYPE_CHECKING:
    from mlcore.lightcurves.records import SignalRecord, StarRecord

__all__ = ["fold", "odd_even", "secondary", "whole_orbit"]

_RESIDUALS = 90
"""Height of what the model leaves [px]."""
_LOW = 260
_ODD, _EVEN = "odd transits", "even transits"


def fold(_star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return the fold near the transit, with its best trapezoid and what that leaves."""
    unit = flux_unit(signal.near_flux, signal.near_model)
    bins = binned(signal.near_phase, signal.near_flux, signal.near_error, unit)
    if not bins:
        return None
    line = points(
        phase=signal.near_phase, model=[value * unit.factor for value in signal.near_model]
    )
    single = points(
        phase=signal.points_phase, flux=[value * unit.factor for value in signal.points_flux]
    )
    # Panels above each other show the same times, from the first bin to the last.
    ends = bins[0]["phase"], bins[-1]["phase"]
    single = [row for row in single if min(ends) <= row["phase"] <= max(ends)]
    # Single points scatter further than what is looked at, but outliers must not flatten it.
    reach = [row[end] for row in bins for end in ("low", "high")]
    room = 0.4 * (max(reach) - min(reach))
    domain = [min(reach) - room, max(reach) + room]
    model = {row["phase"]: row["model"] for row in line}
    left = [
        {
            "phase": row["phase"],
            "flux": row["flux"] - model[row["phase"]],
            "low": row["low"] - model[row["phase"]],
            "high": row["high"] - model[row["phase"]],
        }
        for row in bins
        if row["phase"] in model
    ]
    bare = _near()
    chosen = {"scale": {"zero": False, "nice": False, "domain": {"param": "brush"}}}
    x, below = {**_near(title=False), **chosen}, {**bare, **chosen}
    y = axis("flux", f"Relative flux [{unit.name}]", scale={"domain": domain, "nice": False})
    rest = axis("flux", f"Residual [{unit.name}]", zero=True, axis={"tickCount": 4})
    told = tips(phase=NEAR, flux=f"Flux [{unit.name}]", error="Its error")
    return Plot(
        name="fold",
        title="Folded at the period",
        about=f"Points with bars: means of bins, with their errors; faint: {len(single)} single"
        " points; line: the trapezoid that fits best; below: what it leaves. "
        f"{FLUX_ABOUT} {BRUSHED}",
        spec={
            "vconcat": [
                {
                    "width": PANEL,
                    "height": PLANES,
                    "layer": [
                        {
                            "data": {"values": single},
                            "mark": {
                                "type": "point",
                                "filled": True,
                                "size": 8,
                                "opacity": 0.4,
                                "style": "quiet",
                                "clip": True,
                            },
                            "encoding": {"x": x, "y": y},
                        },
                        {
                            "data": {"values": line},
                            "mark": {"type": "line", "style": "against", "clip": True},
                            "encoding": {"x": x, "y": {**y, "field": "model"}},
                        },
                        *marks_of(bins, x, y, told),
                    ],
                },
                {
                    "width": PANEL,
                    "height": _RESIDUALS,
                    "layer": [
                        guide("y", 0.0, rest),
                        *marks_of(
                            left, below, rest, tips(phase=NEAR, flux=f"Residual [{unit.name}]")
                        ),
                    ],
                },
                strip(
                    bins,
                    {**bare, "scale": {"zero": False, "nice": False}},
                    y,
                    type="point",
                    filled=True,
                    size=8,
                ),
            ],
        },
        numbers=Numbers(
            columns=(NEAR, f"Flux [{unit.name}]", "Its error", "Trapezoid"),
            rows=[
                (
                    *table_row(row["phase"], row["flux"], row["error"]),
                    *(table_row(model[row["phase"]]) if row["phase"] in model else ("–",)),
                )
                for row in bins
            ],
            note="Of the bins; single points are in the specification.",
        ),
    )


def whole_orbit(_star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return the fold over the whole orbit."""
    unit = flux_unit(signal.whole_flux)
    bins = binned(signal.whole_phase, signal.whole_flux, signal.whole_error, unit)
    if not bins:
        return None
    phase = "Phase [periods from mid-transit]"
    x = axis("phase", phase, scale={"domain": [-0.5, 0.5]})
    y = axis("flux", f"Relative flux [{unit.name}]")
    other = signal.secondary_at
    # What is half a period away from -0.5 or 0.5 is on either edge.
    at = None if other is None else (other + 0.5) % 1 - 0.5
    return Plot(
        name="whole-orbit",
        title="The whole orbit",
        about=f"Means of {counted(len(bins), 'bin')} with their errors. {FLUX_ABOUT}"
        + ("" if at is None else " Dashed: where the strongest other event is."),
        spec={
            "width": "container",
            "height": _LOW,
            "layer": [
                *([] if at is None else [guide("x", at, x)]),
                *marks_of(
                    bins, x, y, tips(phase="Phase", flux=f"Flux [{unit.name}]", error="Its error")
                ),
            ],
        },
        numbers=Numbers(
            columns=(phase, f"Flux [{unit.name}]", "Its error"),
            rows=[table_row(row["phase"], row["flux"], row["error"]) for row in bins],
        ),
    )


def odd_even(_star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return odd and even transits folded apart, over each other."""
    unit = flux_unit(signal.odd_flux, signal.even_flux)
    odd = binned(signal.odd_phase, signal.odd_flux, signal.odd_error, unit)
    even = binned(signal.even_phase, signal.even_flux, signal.even_error, unit)
    if not (odd and even):
        return None
    rows = [{**row, "of": of} for of, part in ((_ODD, odd), (_EVEN, even)) for row in part]
    x, y = _near(), axis("flux", f"Relative flux [{unit.name}]")
    told = tips(of="Of", phase=NEAR, flux=f"Flux [{unit.name}]", error="Its error")
    return Plot(
        name="odd-even",
        title="Odd and even transits",
        about="Two stars that eclipse each other show two depths in turn. Means of bins with their"
        f" errors. {FLUX_ABOUT}",
        spec={
            "width": "container",
            "height": _LOW,
            "layer": marks_of(rows, x, y, told, size=48, encoding=told_apart(_ODD, _EVEN)),
        },
        numbers=Numbers(
            columns=(NEAR, "Of", f"Flux [{unit.name}]", "Its error"),
            rows=[
                (*table_row(row["phase"]), row["of"], *table_row(row["flux"], row["error"]))
                for row in rows
            ],
        ),
    )


def secondary(_star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return the fold around the strongest event that is not the transit."""
    unit = flux_unit(signal.secondary_flux)
    bins = binned(signal.secondary_phase, signal.secondary_flux, signal.secondary_error, unit)
    if not bins or signal.secondary_at is None:
        return None
    title = "Time from the other event [hours]"
    x, y = axis("phase", title), axis("flux", f"Relative flux [{unit.name}]")
    away = number(signal.secondary_at).replace("-", "−")
    return Plot(
        name="secondary",
        title="The strongest other event",
        about=f"At phase {away}, in periods from mid-transit: a dip there is the eclipse of a body"
        f" that shines. Means of bins with their errors. {FLUX_ABOUT}",
        spec={
            "width": "container",
            "height": _LOW,
            "layer": [
                guide("y", 0.0, y),
                *marks_of(
                    bins, x, y, tips(phase=title, flux=f"Flux [{unit.name}]", error="Its error")
                ),
            ],
        },
        numbers=Numbers(
            columns=(title, f"Flux [{unit.name}]", "Its error"),
            rows=[table_row(row["phase"], row["flux"], row["error"]) for row in bins],
        ),
    )


def _near(*, title: bool = True) -> dict[str, Any]:
    return axis("phase", NEAR, scale={"nice": False, "padding": 6}) | (
        {} if title else {"title": None}
    )
