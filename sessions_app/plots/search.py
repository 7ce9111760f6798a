"""What an automatic search tried: each trial's figure against the time when it ended."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from sessions_app.plots.plot import Numbers, Plot, tips
from sessions_app.plots.theme import PLANES, decades

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["search_plot"]

_FIGURE = "log_loss"
"""What the search makes as small as it can."""
_QUANTITATIVE = "quantitative"


def search_plot(report: Mapping[str, Any]) -> Plot:
    """Return the trials that came to an end, and the ensemble that was made of them."""
    search = report["search"]
    trials = sorted(search["trials"], key=lambda trial: trial["number"])
    ends = accumulate(trial["seconds"] for trial in trials)
    rows = [
        {
            "at": round(end, 2),
            "value": trial["figures"][_FIGURE]["value"],
            "low": trial["figures"][_FIGURE]["low"],
            "high": trial["figures"][_FIGURE]["high"],
            "model": trial["label"],
            "trial": str(trial["number"]),
            "part": "in the ensemble" if trial["weight"] else "not in the ensemble",
        }
        for trial, end in zip(trials, ends, strict=True)
        if trial["figures"] and trial["figures"][_FIGURE]["value"] is not None
    ]
    ensemble = search["ensemble"][_FIGURE]
    unfinished = len(trials) - len(rows)
    title = METRICS[_FIGURE].title
    x = {"field": "at", "type": _QUANTITATIVE, "title": "Time since the search began [s]"}
    ends_of = [end for row in (*rows, ensemble) for end in (row["low"], row["high"], row["value"])]
    least, most = (of([end for end in ends_of if end]) for of in (min, max))
    # The worst trials would else push all others together.
    y = {
        "field": "value",
        "type": _QUANTITATIVE,
        "title": f"{title} (logarithmic)",
        "scale": {"type": "log", "domain": [0.95 * least, 1.05 * most], "nice": False},
        "axis": {"format": "~g", "values": decades([least, most])},
    }
    return Plot(
        name="search",
        title="What the search tried",
        about=f"{title} of each trial, lower is better, with its {INTERVAL}, against the time when"
        f" it ended; dashed: the ensemble. Of {search['rows']} training objects, each scored by a"
        " model that had not seen its star.",
        spec={
            "width": "container",
            "height": PLANES,
            "layer": [
                {
                    "data": {"values": [{"value": ensemble["value"]}]},
                    "mark": {"type": "rule", "style": "guide"},
                    "encoding": {"y": y},
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.5},
                    "encoding": {
                        "x": x,
                        "y": y | {"field": "low"},
                        "y2": {"field": "high"},
                    },
                },
                {
                    "data": {"values": rows},
                    "mark": {"type": "point", "filled": True, "size": 80},
                    "encoding": {
                        "x": x,
                        "y": y,
                        **{
                            channel: {
                                "field": "part",
                                "type": "nominal",
                                "scale": {
                                    "domain": ["in the ensemble", "not in the ensemble"],
                                    **(
                                        {"range": ["circle", "cross"]} if channel == "shape" else {}
                                    ),
                                },
                            }
                            for channel in ("color", "shape")
                        },
                        "tooltip": tips(
                            trial="Trial", model="Model", value=title, at="Ended at [s]"
                        ),
                    },
                },
            ],
        },
        numbers=Numbers(
            columns=("Trial", "Model", "Ended at", f"{title} [{INTERVAL}]", "Ensemble"),
            rows=[
                *(
                    (
                        row["trial"],
                        row["model"],
                        f"{row['at']:.1f} s",
                        in_words.figure(row["value"], row["low"], row["high"], in_words.TABLE),
                        row["part"],
                    )
                    for row in rows
                ),
                (
                    "The ensemble",
                    "–",
                    "–",
                    in_words.figure(
                        ensemble["value"], ensemble["low"], ensemble["high"], in_words.TABLE
                    ),
                    "–",
                ),
            ],
            note=f"{in_words.counted(unfinished, 'trial')} without a figure came to no end."
            if unfinished
            else "",
        ),
    )
