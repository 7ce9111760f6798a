"""Which part of the curve speaks: the fold, coloured by what each stretch does to the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessions_app.plots.light_curves.shared import NEAR, PANEL, axis, binned, flux_unit, marks_of
from sessions_app.plots.plot import Numbers, Plot, tips

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcore.lightcurves.records import SignalRecord
    from sessions_app.selectors.stretches import SaidOfStretch

__all__ = ["stretches_drawn"]

_HEIGHT = 150
_LEAST_RANGE = 0.1
"""Of probability: lesser changes are faint."""
_ALONG = ("rest", "before", "after", "half", "secondary", "ingress", "floor", "egress")
"""Those that are drawn, what lies on others last; the others are of several of them together."""
_PHASE = "Phase [periods from mid-transit]"
_HOURS = 24.0


def stretches_drawn(signal: SignalRecord, said: Sequence[SaidOfStretch]) -> Plot | None:
    """Return the fold with what each stretch does; None where nothing is said of them."""
    unit = flux_unit(signal.near_flux, signal.whole_flux)
    near = binned(signal.near_phase, signal.near_flux, signal.near_error, unit)
    whole = binned(signal.whole_phase, signal.whole_flux, signal.whole_error, unit)
    if not (said and near and whole):
        return None
    largest = max(_LEAST_RANGE, *(abs(one.change) for one in said))
    by_name = {one.stretch.name: one for one in said}
    drawn = [by_name[name] for name in _ALONG if name in by_name]
    reach = max(abs(row["phase"]) for row in near)
    hours = signal.period * _HOURS
    panels = [
        _panel(near, _pieces(drawn, hours, reach), NEAR, unit.name, largest),
        _panel(whole, _pieces(drawn, 1.0, 0.5), _PHASE, unit.name, largest),
    ]
    return Plot(
        name="stretches",
        title="Which part of the curve speaks",
        about="The fold near the transit, and over the whole orbit; behind it, by its colour, what"
        " each stretch does to the probability of a planet: how much smaller it would be, were the"
        " stretch as a planet's curve is.",
        spec={"vconcat": panels},
        numbers=Numbers(
            columns=("Stretch", "From [periods]", "To [periods]", "Probability without it", "Does"),
            rows=[
                (
                    one.stretch.title,
                    f"{one.begin:.4f}".replace("-", "−"),
                    f"{one.end:.4f}".replace("-", "−"),
                    f"{one.otherwise:.2f}",
                    f"{one.change:+.2f}".replace("-", "−"),
                )
                for one in said
            ],
        ),
    )


def _pieces(
    drawn: Sequence[SaidOfStretch], period: float, reach: float
) -> Iterator[dict[str, Any]]:
    """Yield from where to where a panel shows each stretch, which may go around the orbit's end."""
    for one in drawn:
        for turn in (-1, 0, 1):
            begin = max((one.begin + turn) * period, -reach)
            end = min((one.end + turn) * period, reach)
            if begin < end and (one.stretch.name != "rest" or turn == 0):
                yield {
                    "begin": begin,
                    "end": end,
                    "stretch": one.stretch.title,
                    "change": round(one.change, 3),
                    "without": round(one.otherwise, 3),
                }


def _panel(
    rows: Sequence[dict[str, Any]],
    pieces: Iterator[dict[str, Any]],
    title: str,
    unit: str,
    largest: float,
) -> dict[str, Any]:
    x = axis("phase", title, scale={"nice": False})
    y = axis("flux", f"Relative flux [{unit}]")
    scale = {"domain": [-largest, largest], "range": "diverging", "interpolate": "rgb"}
    return {
        "width": PANEL,
        "height": _HEIGHT,
        "layer": [
            {
                "data": {"values": list(pieces)},
                "mark": {"type": "rect"},
                "encoding": {
                    "x": {**x, "field": "begin"},
                    "x2": {"field": "end"},
                    "color": {
                        "field": "change",
                        "type": "quantitative",
                        "scale": scale,
                        "legend": {
                            "title": "against (−) or for (+) a planet",
                            "format": "+.2f",
                            "gradientLength": 160,
                        },
                    },
                    "tooltip": tips(
                        stretch="Stretch", without="Probability without it", change="Does"
                    ),
                },
            },
            *marks_of(
                rows,
                x,
                y,
                tips(phase=title, flux=f"Flux [{unit}]", error="Its error"),
                style="here",
            ),
        ],
    }
