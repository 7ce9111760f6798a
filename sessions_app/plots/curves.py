"""How well a model ranks and how far its probabilities can be believed: a report's curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.levels import INTERVAL
from mlcore.tasks import find_task
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES, by_class, class_word, decades

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcore.tasks import Task

__all__ = ["chance", "precision_recall", "rate_and_recall", "reliability", "roc"]

_SHARE = {"domain": [0, 1], "nice": False}
_QUANTITATIVE = "quantitative"
_CURVE = {field: {"field": field, "type": _QUANTITATIVE} for field in ("x", "y")}
_IN_TABLE = 12
"""How many points of a curve its table lists."""


def roc(report: Mapping[str, Any]) -> Plot:
    """Return the ROC curve, its false positive rates on a logarithmic axis.

    Follow-up is about the left end: of a thousand false positives, how many are let through?
    """
    curves, task = report["curves"], find_task(report["task"])
    part = curves["roc"]
    least = min((x for curve in part for x in curve["x"] if x > 0), default=0.001)
    points = [
        point
        for curve in part
        for point in _points(curve, task, least=least)
        if point["x"] is not None
    ]
    return Plot(
        name="roc",
        title="ROC curve",
        about="The share of planets that are found, against the share of everything else that is"
        " let through; dashed: chance. " + _of(curves),
        spec={
            "width": "container",
            "height": PLANES,
            "layer": [
                *_band(points, part),
                chance(least),
                {
                    "data": {"values": points},
                    "mark": {"type": "line", "interpolate": "step-after"},
                    "encoding": {
                        **rate_and_recall(least),
                        **_colour(part, task),
                        "tooltip": tips(x="False positive rate", y="Recall", threshold="Threshold"),
                        "order": {"field": "order"},
                    },
                },
            ],
        },
        numbers=_numbers(part, task, "False positive rate", "Recall"),
    )


def precision_recall(report: Mapping[str, Any]) -> Plot:
    """Return precision against recall."""
    curves, task = report["curves"], find_task(report["task"])
    part = curves["precision_recall"]
    points = [point for curve in part for point in _points(curve, task)]
    return Plot(
        name="precision-recall",
        title="Precision and recall",
        about="Of what is called a planet, the share that is one, against the share of all planets"
        " that is called so. " + _of(curves),
        spec={
            "width": "container",
            "height": PLANES,
            "layer": [
                *_band(points, part),
                {
                    "data": {"values": points},
                    "mark": {"type": "line"},
                    "encoding": {
                        "x": _axis("x", "Recall"),
                        "y": _axis("y", "Precision"),
                        **_colour(part, task),
                        "tooltip": tips(x="Recall", y="Precision", threshold="Threshold"),
                        "order": {"field": "order"},
                    },
                },
            ],
        },
        numbers=_numbers(part, task, "Recall", "Precision"),
    )


def reliability(report: Mapping[str, Any]) -> Plot:
    """Return how often stated probabilities came true."""
    curves, task = report["curves"], find_task(report["task"])
    bins = [part | {"class": class_word(part["of"], task.called)} for part in curves["reliability"]]
    several = len({part["of"] for part in bins}) > 1
    diagonal = [{"stated": 0, "observed": 0}, {"stated": 1, "observed": 1}]
    place = {
        "x": _axis("stated", "Stated probability"),
        "y": _axis("observed", "Share that came true"),
    }
    return Plot(
        name="reliability",
        title="Reliability",
        about="Objects in ten groups by what was stated: the share that came true, with its"
        f" {INTERVAL}, against the mean that was stated; dashed: as stated. " + _of(curves),
        spec={
            "width": "container",
            "height": PLANES,
            "layer": [
                {
                    "data": {"values": diagonal},
                    "mark": {"type": "line", "style": "guide"},
                    "encoding": place,
                },
                {
                    "data": {"values": bins},
                    "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
                    "encoding": {
                        "x": place["x"],
                        "y": _axis("low", "Share that came true"),
                        "y2": {"field": "high"},
                        **({"color": by_class("class", task.called)["color"]} if several else {}),
                    },
                },
                {
                    "data": {"values": bins},
                    "mark": {"type": "point", "filled": True, "size": 70},
                    "encoding": place
                    | (by_class("class", task.called) if several else {})
                    | {
                        "tooltip": tips(
                            stated="Mean stated",
                            observed="Came true",
                            rows="Objects",
                            **{"class": "Of"},
                        )
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=("Stated probability", "Of", "Mean stated", f"Came true [{INTERVAL}]", "Rows"),
            rows=[
                (
                    f"{100 * part['begin']:.0f} to {100 * part['end']:.0f} %",
                    part["class"],
                    in_words.decimal(part["stated"], in_words.TABLE_SHARE),
                    in_words.figure(part["observed"], part["low"], part["high"], in_words.TABLE),
                    str(part["rows"]),
                )
                for part in bins
            ],
        ),
    )


def rate_and_recall(least: float) -> dict[str, Any]:
    """Return the axes of a ROC curve that begins with this false positive rate."""
    return {
        "x": {
            "field": "x",
            "type": _QUANTITATIVE,
            "title": "False positive rate (logarithmic)",
            "scale": {"type": "log", "domain": [least, 1], "nice": False},
            "axis": {"format": "~g", "values": decades([least, 1.0])},
        },
        "y": _axis("y", "Recall of planets"),
    }


def chance(least: float) -> dict[str, Any]:
    """Return the layer of a ROC curve that shows what guessing reaches."""
    return {
        "data": {"values": [{"x": x, "y": x} for x in _spread(least)]},
        "mark": {"type": "line", "style": "guide"},
        "encoding": _CURVE,
    }


def _of(curves: Mapping[str, Any]) -> str:
    return f"Of {curves['rows']} tested objects of {curves['stars']} host stars."


def _points(
    curve: Mapping[str, Any], task: Task, *, least: float | None = None
) -> Iterable[dict[str, Any]]:
    lows = curve.get("low") or [None] * len(curve["x"])
    highs = curve.get("high") or [None] * len(curve["x"])
    thresholds = curve.get("threshold") or [None] * len(curve["x"])
    places = zip(curve["x"], curve["y"], lows, highs, thresholds, strict=True)
    for order, (x, y, low, high, threshold) in enumerate(places):
        yield {
            # A logarithmic axis has no place for nothing: it begins with the first that counts.
            "x": x if least is None else max(x, least),
            "y": y,
            "low": low,
            "high": high,
            "order": order,
            "threshold": threshold,
            "class": class_word(curve["of"], task.called),
        }


def _band(points: Sequence[Mapping[str, Any]], part: Sequence[Any]) -> Iterable[dict[str, Any]]:
    if len(part) != 1 or points[0]["low"] is None:
        return
    yield {
        "data": {"values": list(points)},
        "mark": {"type": "area", "style": "interval"},
        "encoding": {
            "x": {"field": "x", "type": _QUANTITATIVE},
            "y": {"field": "low", "type": _QUANTITATIVE, "title": None},
            "y2": {"field": "high"},
        },
    }


def _colour(part: Sequence[Any], task: Task) -> dict[str, Any]:
    return {"color": by_class("class", task.called)["color"]} if len(part) > 1 else {}


def _axis(field: str, title: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": _QUANTITATIVE,
        "title": title,
        "scale": _SHARE,
        "axis": {"format": "~g", "tickCount": 5},
    }


def _spread(least: float, count: int = 60) -> list[float]:
    """Return numbers from the least to 1 that are evenly spread on a logarithmic axis."""
    return [least ** (1 - place / (count - 1)) for place in range(count)]


def _numbers(part: Sequence[Mapping[str, Any]], task: Task, x: str, y: str) -> Numbers:
    rows = []
    for curve in part:
        count = len(curve["x"])
        chosen = sorted(
            {round(place * (count - 1) / (_IN_TABLE - 1)) for place in range(_IN_TABLE)}
        )
        for place in chosen:
            low = (curve.get("low") or [None] * count)[place]
            high = (curve.get("high") or [None] * count)[place]
            rows.append(
                (
                    in_words.decimal(curve["x"][place], in_words.TABLE),
                    class_word(curve["of"], task.called),
                    in_words.figure(curve["y"][place], low, high, in_words.TABLE),
                )
            )
    return Numbers(
        columns=(x, "Of", f"{y} [{INTERVAL}]"),
        rows=rows,
        note=f"Up to {_IN_TABLE} points of each curve.",
    )
