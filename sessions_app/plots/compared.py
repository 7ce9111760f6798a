"""The ROC curves of several sessions over each other, on the objects that all of them tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore import in_words
from sessions_app.plots.curves import chance, rate_and_recall
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessions_app.selectors.comparison import Comparison

__all__ = ["COMPARED_PLOTS", "roc_compared"]

_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_DASHES = ([1, 0], [8, 3], [2, 2], [10, 3, 2, 3], [5, 5])


def roc_compared(comparison: Comparison, called: Sequence[str]) -> Plot | None:
    """Return the ROC curves of compared sessions; None where there is nothing to draw.

    Parameters
    ----------
    comparison
        What was found of the sessions.
    called
        What each is called, in their order.
    """
    curves = dict(zip(called, comparison.roc.values(), strict=False))
    if not curves or comparison.figures is None:
        return None
    least = min((x for curve in curves.values() for x in curve.x if x > 0), default=0.001)
    points = [
        {"x": max(x, least), "y": y, "order": order, "session": name}
        for name, curve in curves.items()
        for order, (x, y) in enumerate(zip(curve.x, curve.y, strict=True))
    ]
    figures = comparison.figures
    return Plot(
        name="roc",
        title="ROC curves",
        about="The share of planets that are found, against the share of everything else that is"
        f" let through; dotted: chance. Of {figures.rows} objects of {figures.stars} host stars"
        " that all of the sessions tested.",
        spec={
            "width": "container",
            "height": PLANES,
            "layer": [
                chance(least),
                {
                    "data": {"values": points},
                    "mark": {"type": "line", "interpolate": "step-after"},
                    "encoding": {
                        **rate_and_recall(least),
                        "color": {
                            "field": "session",
                            "type": "nominal",
                            "scale": {"domain": list(curves)},
                            "legend": {"columns": 1, "labelLimit": 300},
                        },
                        # A hue is not all that tells them apart.
                        "strokeDash": {
                            "field": "session",
                            "type": "nominal",
                            "scale": {
                                "domain": list(curves),
                                "range": list(_DASHES[: len(curves)]),
                            },
                        },
                        "order": {"field": "order"},
                        "tooltip": tips(session="Session", x="False positive rate", y="Recall"),
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=("False positive rate", *curves),
            rows=[
                (
                    in_words.decimal(rate, in_words.TABLE),
                    *(
                        in_words.decimal(_recall(curve.x, curve.y, rate), in_words.TABLE)
                        for curve in curves.values()
                    ),
                )
                for rate in _RATES
            ],
            note="The recall that each reaches without letting more through than that.",
        ),
    )


def _recall(rates: Sequence[float], recalls: Sequence[float], rate: float) -> float:
    """Return the highest recall at this false positive rate or a lower one."""
    return max((y for x, y in zip(rates, recalls, strict=True) if x <= rate), default=0.0)


COMPARED_PLOTS = {"roc": roc_compared}
"""The plots of a comparison, by name."""
