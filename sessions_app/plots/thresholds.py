"""What a threshold on the probability of a planet makes of the tested objects."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.tasks import PLANET
from sessions_app.plots.plot import Numbers, Plot, tips

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["counts_at_thresholds", "thresholds"]

_QUANTITATIVE = "quantitative"
_STEPS = 100
_SHARES = ("precision", "recall")


def counts_at_thresholds(
    planet: Sequence[float], actual: Sequence[str | None], classes: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the counts and shares at each hundredth from 0 to 1.

    Parameters
    ----------
    planet
        Probability of a planet of each object.
    actual
        Its true disposition; objects with none that is among the classes are not counted.
    classes
        The dispositions that the model tells apart.
    """
    tested = [
        (stated, label)
        for stated, label in zip(planet, actual, strict=True)
        if label is not None and label in classes
    ]
    planets = sorted(stated for stated, label in tested if label == PLANET)
    others = sorted(stated for stated, label in tested if label != PLANET)
    return [_at(step / _STEPS, planets, others) for step in range(_STEPS + 1)]


def thresholds(counts: Sequence[dict[str, Any]]) -> Plot:
    """Return precision and recall of planets against the threshold; a slider moves the line."""
    shares = [
        {"threshold": one["threshold"], "share": one[name], "of": name.capitalize()}
        for one in counts
        for name in _SHARES
        if one[name] is not None
    ]
    tested = sum(counts[0][name] for name in ("found", "missed", "let_through", "kept_out"))
    x = {
        "type": _QUANTITATIVE,
        "title": "Threshold on the probability of a planet",
        "scale": {"domain": [0, 1]},
    }
    return Plot(
        name="thresholds",
        title="Precision and recall at a threshold",
        about="Of what is called a planet because its probability is at least the threshold, the"
        " share that is one; and of all planets the share that is called so."
        f" Of {tested} tested objects.",
        spec={
            "width": "container",
            "height": 240,
            "params": [{"name": "threshold", "value": 0.5}],
            "layer": [
                {
                    "data": {"values": shares},
                    "mark": {"type": "line"},
                    "encoding": {
                        "tooltip": tips(of="Share", threshold="Threshold", share="Value"),
                        "x": {**x, "field": "threshold"},
                        "y": {
                            "field": "share",
                            "type": _QUANTITATIVE,
                            "title": "Share",
                            "scale": {"domain": [0, 1]},
                        },
                        "color": {
                            "field": "of",
                            "type": "nominal",
                            "scale": {"domain": [name.capitalize() for name in _SHARES]},
                        },
                        "strokeDash": {
                            "field": "of",
                            "type": "nominal",
                            "scale": {
                                "domain": [name.capitalize() for name in _SHARES],
                                "range": [[1, 0], [6, 3]],
                            },
                        },
                    },
                },
                {
                    "data": {"values": [{}]},
                    "mark": {"type": "rule", "style": "here", "strokeWidth": 1.5},
                    "encoding": {"x": {**x, "datum": {"expr": "threshold"}}},
                },
            ],
        },
        numbers=Numbers(
            columns=("Threshold", "Precision", "Recall", "Planets found", "Others let through"),
            rows=[
                (
                    f"{one['threshold']:.2f}",
                    *(
                        "–" if one[name] is None else in_words.decimal(one[name], in_words.TABLE)
                        for name in _SHARES
                    ),
                    str(one["found"]),
                    str(one["let_through"]),
                )
                for one in counts[:: _STEPS // 20]
            ],
        ),
    )


def _at(threshold: float, planets: Sequence[float], others: Sequence[float]) -> dict[str, Any]:
    missed, kept_out = bisect_left(planets, threshold), bisect_left(others, threshold)
    found, let_through = len(planets) - missed, len(others) - kept_out
    called = found + let_through
    return {
        "threshold": threshold,
        "found": found,
        "missed": missed,
        "let_through": let_through,
        "kept_out": kept_out,
        "precision": found / called if called else None,
        "recall": found / len(planets) if planets else None,
    }
