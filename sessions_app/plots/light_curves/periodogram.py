"""How strong the strongest signal is at each trial period of the search that found one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import number
from sessions_app.plots.light_curves.shared import (
    BRUSHED,
    PANEL,
    axis,
    guide,
    points,
    strip,
    table_row,
)
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES, decades

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.records import SignalRecord, StarRecord

__all__ = ["periodogram"]

_MOST_DRAWN = 2400
_IN_TABLE = 25
_ALIASES = ((0.5, "P/2"), (2.0, "2P"))
_FOUND, _ALIAS, _SHORTER = "this signal", "alias", "fits as well"
_DASHES = {_FOUND: [1, 0], _ALIAS: [6, 3], _SHORTER: [2, 2]}


def periodogram(star: StarRecord, signal: SignalRecord) -> Plot | None:
    """Return strengths against periods; None where no periods were searched."""
    own = bool(signal.periods)
    rows = points(
        period=signal.periods if own else star.periods,
        strength=signal.strengths if own else star.strengths,
    )
    if not rows:
        return None
    rows = _strongest(rows)
    least, most = rows[0]["period"], rows[-1]["period"]
    x = axis(
        "period",
        "Trial period [days] (logarithmic)",
        scale={"type": "log", "nice": False, "domain": [least, most]},
        axis={"format": "~g", "values": decades([least, most]), "labelOverlap": True},
    )
    del x["scale"]["zero"]
    # A part of it may lie between two round numbers.
    ticks = {name: value for name, value in x["axis"].items() if name != "values"}
    detail = {**x, "axis": ticks, "scale": {**x["scale"], "domain": {"param": "brush"}}}
    y = axis("strength", "Strength [standard errors]", zero=True)
    marks = list(_marks(signal, least, most))
    kinds = dict.fromkeys(str(mark["kind"]) for mark in marks)
    return Plot(
        name="periodogram",
        title="Periodogram",
        about=_about(star, own=own),
        spec={
            "vconcat": [
                {
                    "width": PANEL,
                    "height": PLANES,
                    "layer": [
                        *([guide("y", star.limit, y)] if star.limit else []),
                        # Below the line, which would else vanish behind what points to its peaks.
                        {
                            "data": {"values": marks},
                            "mark": {"type": "rule", "style": "here", "opacity": 0.5, "clip": True},
                            "encoding": {
                                "x": detail,
                                "strokeDash": {
                                    "field": "kind",
                                    "type": "nominal",
                                    "scale": {
                                        "domain": list(kinds),
                                        "range": [_DASHES[kind] for kind in kinds],
                                    },
                                },
                            },
                        },
                        {
                            "data": {"values": rows},
                            "mark": {"type": "line", "strokeWidth": 1, "clip": True},
                            "encoding": {
                                "x": detail,
                                "y": y,
                                "tooltip": tips(period="Period [days]", strength="Strength"),
                            },
                        },
                        {
                            "data": {"values": marks},
                            "mark": {
                                "type": "text",
                                "align": "left",
                                "dx": 4,
                                "fontWeight": 600,
                                "clip": True,
                            },
                            "encoding": {
                                "x": detail,
                                "y": {"value": 8},
                                "text": {"field": "label"},
                                "tooltip": tips(label="Mark", kind="What", period="Period [days]"),
                            },
                        },
                    ],
                },
                strip(rows, x, y),
            ],
        },
        numbers=Numbers(
            columns=("Period [days]", "Strength", "What"),
            rows=[
                (f"{signal.period:.6f}", number(signal.strength), _FOUND),
                *(
                    (f"{mark['period']:.6f}", "–", f"{mark['label']}, {mark['kind']}")
                    for mark in marks
                    if mark["kind"] != _FOUND
                ),
                *((*table_row(row["period"], row["strength"]), "trial") for row in _peaks(rows)),
            ],
            note=f"Of the trial periods the {_IN_TABLE} strongest peaks that are drawn.",
        ),
    )


def _marks(signal: SignalRecord, least: float, most: float) -> list[dict[str, Any]]:
    """Return the periods that are marked and lie within the search."""
    found: list[dict[str, Any]] = [{"period": signal.period, "label": "P", "kind": _FOUND}]
    aliases = [
        {"period": signal.period * factor, "label": label, "kind": _ALIAS}
        for factor, label in _ALIASES
    ]
    shorter = [
        {"period": period, "label": f"P/{round(signal.period / period)}", "kind": _SHORTER}
        for period in signal.shorter
        if period > 0
    ]
    # Half the period that fits as well is said to fit, and not told of twice.
    taken = {mark["label"] for mark in shorter}
    return [
        mark
        for mark in (*found, *(one for one in aliases if one["label"] not in taken), *shorter)
        if least <= mark["period"] <= most
    ]


def _strongest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return no more rows than are drawn: of neighbouring periods the strongest, for peaks stay."""
    together = -(-len(rows) // _MOST_DRAWN)
    return [
        max(rows[place : place + together], key=lambda row: row["strength"])
        for place in range(0, len(rows), together)
    ]


def _peaks(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the strongest periods that are stronger than those beside them."""
    padded = [None, *rows, None]
    tops = [
        row
        for before, row, after in zip(padded, rows, padded[2:], strict=False)
        if (before is None or before["strength"] < row["strength"])
        and (after is None or after["strength"] <= row["strength"])
    ]
    return sorted(tops, key=lambda row: -row["strength"])[:_IN_TABLE]


def _about(star: StarRecord, *, own: bool) -> str:
    hidden = (
        "Of the search that found the signal, stronger ones hidden."
        if own
        else "Of the first search of the curve."
    )
    return (
        f"{hidden} At each trial period: how strong the strongest signal is, correlated noise"
        " considered."
        + (
            f" Dashed across: {number(star.limit)}, from which a signal is told of."
            if star.limit
            else ""
        )
        + f" {BRUSHED}"
    )
