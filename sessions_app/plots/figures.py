"""A report's figures as pictures: what a model rests on, where it fails, and beside what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from sessions_app.plots.plot import Numbers, Plot, tips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["beside_probes", "importance", "slices"]

_QUANTITATIVE = "quantitative"
_MOST = 15
_ROW = 26
_SLICED = "roc_auc"
_PART = "|"
_RANGE = f"split(datum.value, '{_PART}')[1]"


def importance(report: Mapping[str, Any]) -> Plot:
    """Return what is lost without each quantity, and how far each moves the answers."""
    measured = report["importance"]
    shares = {
        part["quantity"]: part for part in measured["mean_absolute_contributions"]["quantities"]
    }
    permuted = measured["permutation"]
    losses = {loss["quantity"]: loss for loss in permuted["losses"]} if permuted else {}
    rows = [
        {
            "quantity": quantity,
            "share": part["share"],
            "low": part["share_low"],
            "high": part["share_high"],
        }
        for quantity, part in list(shares.items())[:_MOST]
        if part["share"]
    ]
    y = _named([row["quantity"] for row in rows])
    panels: list[dict[str, Any]] = [
        _bars(rows, y, "Share of all contributions", percent=True),
    ]
    if losses:
        lost = [
            {
                "quantity": row["quantity"],
                "share": losses[row["quantity"]]["mean"]["roc_auc"],
                "low": (losses[row["quantity"]]["low"] or {}).get("roc_auc"),
                "high": (losses[row["quantity"]]["high"] or {}).get("roc_auc"),
            }
            for row in rows
            if row["quantity"] in losses
        ]
        bare = y | {"axis": y["axis"] | {"labels": False}}
        panels.append(_bars(lost, bare, "ROC-AUC lost without it", percent=False))
    return Plot(
        name="importance",
        title="What the model rests on",
        about="Left: how far each quantity moves the answers, as a share of all. Right: what the"
        " ROC-AUC loses when the quantity's values are dealt out among the rows. Lines:"
        f" {INTERVAL}s by host star.",
        spec={"hconcat": panels, "spacing": 12},
        numbers=Numbers(
            columns=("Quantity", f"Share [{INTERVAL}]", f"ROC-AUC lost [{INTERVAL}]"),
            rows=[
                (
                    quantity,
                    in_words.figure(
                        part["share"],
                        part["share_low"],
                        part["share_high"],
                        in_words.TABLE_SHARE,
                    ),
                    _lost(losses.get(quantity)),
                )
                for quantity, part in shares.items()
            ],
        ),
    )


def slices(report: Mapping[str, Any]) -> Plot:
    """Return how well the model ranks objects of each kind."""
    rows = [
        {
            "slicing": slicing["title"],
            "range": part["range"],
            "value": figure["value"],
            "low": figure["low"],
            "high": figure["high"],
            "objects": part["rows"],
            "few": "few stars: may be chance" if part.get("small") else "",
        }
        for slicing in report["slices"]
        for part in slicing["slices"]
        if (figure := _figure(part, _SLICED)) and figure["value"] is not None
    ]
    titles = list(dict.fromkeys(row["slicing"] for row in rows))
    whole = _figure(report["measurement"], _SLICED)
    title = METRICS[_SLICED].title
    x = {"type": _QUANTITATIVE, "scale": {"zero": False}, "title": title}
    # A quantity's name stands above its ranges, which are in their own order.
    order = []
    for title_of in titles:
        order.append(f"{title_of}{_PART}")
        for row in rows:
            if row["slicing"] == title_of:
                row["label"] = f"{title_of}{_PART}{row['range']}"
                order.append(row["label"])
    y = {
        "field": "label",
        "type": "nominal",
        "scale": {"domain": order},
        "title": None,
        "axis": {
            "grid": True,
            "ticks": False,
            "labelExpr": f"{_RANGE} || split(datum.value, '{_PART}')[0]",
            "labelFontWeight": {
                "condition": {"test": f"{_RANGE} === ''", "value": 700},
                "value": 400,
            },
        },
    }
    return Plot(
        name="slices",
        title=f"{title} by kind of object",
        about=f"Of the tested objects, by {in_words.joined(list(map(in_words.lowered, titles)))};"
        f" lines: {INTERVAL}s by host star; dashed: of all. Pale: too few stars to be sure.",
        spec={
            "width": "container",
            "height": 22 * len(order),
            "layer": [
                {
                    "data": {"values": [whole]},
                    "mark": {"type": "rule", "style": "guide"},
                    "encoding": {"x": {**x, "field": "value"}},
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "rule", "strokeWidth": 2},
                    "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "point", "filled": True, "size": 60},
                    "encoding": {
                        "tooltip": tips(
                            slicing="Quantity", range="Range", value=title, objects="Objects"
                        ),
                        "y": y,
                        "x": {**x, "field": "value"},
                        "opacity": {
                            "condition": {"test": "datum.few !== ''", "value": 0.4},
                            "value": 1,
                        },
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=("Kind of object", f"{title} [{INTERVAL}]", "Objects", "Note"),
            rows=[
                (
                    f"{row['slicing']}: {row['range']}",
                    in_words.figure(row["value"], row["low"], row["high"], in_words.TABLE),
                    str(row["objects"]),
                    row["few"],
                )
                for row in rows
            ],
        ),
    )


def beside_probes(report: Mapping[str, Any]) -> Plot:
    """Return the model's ROC-AUC beside what models reach that know almost nothing."""
    named = [("This model", report["measurement"])]
    named += [
        (probe["title"], probe["measurement"])
        for probe in report["probes"]["probes"]
        if probe["measurement"]
    ]
    rows = [
        {"name": name, **{key: figure[key] for key in ("value", "low", "high")}, "own": not place}
        for place, (name, measured) in enumerate(named)
        if (figure := _figure(measured, _SLICED)) and figure["value"] is not None
    ]
    title = METRICS[_SLICED].title
    y = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in rows],
        "title": None,
        "axis": {"grid": True, "ticks": False},
    }
    x = {"type": _QUANTITATIVE, "scale": {"domain": [0.4, 1]}, "title": title}
    own = {"condition": {"test": "datum.own", "value": 1}, "value": 0.6}
    return Plot(
        name="probes",
        title="The model beside probes",
        about="Probes are models that know almost nothing: one that comes close to the model says"
        f" that its score may rest on a shortcut. Lines: {INTERVAL}s by host star; dashed: chance.",
        spec={
            "width": "container",
            "height": 30 * len(rows),
            "layer": [
                {
                    "data": {"values": [{"chance": 0.5}]},
                    "mark": {"type": "rule", "style": "guide"},
                    "encoding": {"x": {**x, "field": "chance"}},
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "rule", "strokeWidth": 2.5},
                    "encoding": {
                        "y": y,
                        "x": {**x, "field": "low"},
                        "x2": {"field": "high"},
                        "opacity": own,
                    },
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "point", "filled": True, "size": 90},
                    "encoding": {
                        "y": y,
                        "x": {**x, "field": "value"},
                        "opacity": own,
                        "tooltip": tips(name="Model", value=title, low="From", high="To"),
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=("Model", f"{title} [{INTERVAL}]"),
            rows=[
                (
                    row["name"],
                    in_words.figure(row["value"], row["low"], row["high"], in_words.TABLE),
                )
                for row in rows
            ],
        ),
    )


def _named(names: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "quantity",
        "type": "nominal",
        "sort": list(names),
        "title": None,
        "axis": {"ticks": False, "domain": False},
    }


def _bars(
    rows: Sequence[Mapping[str, Any]], y: dict[str, Any], title: str, *, percent: bool
) -> dict[str, Any]:
    x = {"type": _QUANTITATIVE, "title": title}
    axis = {"axis": {"format": ".0%" if percent else "~g", "tickCount": 4}}
    data = {"data": {"values": list(rows)}}
    return {
        "width": 250,
        "height": _ROW * len(rows),
        "layer": [
            {
                **data,
                "mark": {"type": "bar", "height": 13},
                "encoding": {
                    "y": y,
                    "x": {**x, **axis, "field": "share"},
                    "tooltip": tips(quantity="Quantity", share=title, low="From", high="To"),
                },
            },
            {
                **data,
                "mark": {"type": "rule", "strokeWidth": 1.5, "style": "quiet"},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
        ],
    }


def _figure(measured: Mapping[str, Any], name: str) -> Any:
    figures = measured["figures"]
    return next((one for one in figures if one["name"] == name and one["of"] is None), None)


def _lost(loss: Mapping[str, Any] | None) -> str:
    if loss is None:
        return ""
    low, high = ((loss[end] or {}).get("roc_auc") for end in ("low", "high"))
    return in_words.figure(loss["mean"]["roc_auc"], low, high, in_words.TABLE)
