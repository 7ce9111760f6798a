"""The figures of a signal, by name, in the order in which vetters look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions_app.plots.light_curves.centroid import centroid
from sessions_app.plots.light_curves.curve import curve
from sessions_app.plots.light_curves.folds import fold, odd_even, secondary, whole_orbit
from sessions_app.plots.light_curves.periodogram import periodogram
from sessions_app.plots.light_curves.shared import BRUSHED
from sessions_app.plots.light_curves.single_transits import depths, one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.lightcurves.records import SignalRecord, StarRecord
    from sessions_app.plots.plot import Plot

__all__ = ["FIGURES", "SignalFigure", "drawable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalFigure:
    """A figure that a signal may have."""

    name: str
    title: str
    look_for: str
    """What it shows, and what a vetter looks for in it."""
    needs: Callable[[StarRecord, SignalRecord], bool]
    """Whether the records hold what it takes, told without drawing."""
    draw: Callable[[StarRecord, SignalRecord], Plot | None]


FIGURES = {
    figure.name: figure
    for figure in (
        SignalFigure(
            name="curve",
            title="Light curve",
            look_for="Line: the trend that was divided out; triangles: where the transits"
            " are. Look whether dips lie under them, and not at gaps alone. " + BRUSHED,
            needs=lambda star, _signal: bool(star.time),
            draw=curve,
        ),
        SignalFigure(
            name="periodogram",
            title="Periodogram",
            look_for="Strength of the strongest signal at each period; dashed across: the"
            " limit. Look whether the peak stands out, and whether half or twice the"
            f" period is as strong. {BRUSHED}",
            needs=lambda star, signal: bool(signal.periods or star.periods),
            draw=periodogram,
        ),
        SignalFigure(
            name="fold",
            title="Folded at the period",
            look_for="All transits over each other, with the trapezoid that fits best. Look"
            " for a floor and for steep sides; a V is of grazing stars. Below the fold: what the"
            f" trapezoid leaves. {BRUSHED}",
            needs=lambda _star, signal: bool(signal.near_phase),
            draw=fold,
        ),
        SignalFigure(
            name="whole-orbit",
            title="The whole orbit",
            look_for="Look for a second dip, and for waves: only two stars make those."
            " Dashed: the strongest other event.",
            needs=lambda _star, signal: bool(signal.whole_phase),
            draw=whole_orbit,
        ),
        SignalFigure(
            name="odd-even",
            title="Odd and even transits",
            look_for="Look whether both are equally deep: two stars that eclipse each other"
            " show two depths in turn.",
            needs=lambda _star, signal: bool(signal.odd_phase and signal.even_phase),
            draw=odd_even,
        ),
        SignalFigure(
            name="secondary",
            title="The strongest other event",
            look_for="The orbit around the dip that is the strongest after the transit. A"
            " real one is the eclipse of a body that shines.",
            needs=lambda _star, signal: bool(
                signal.secondary_phase and signal.secondary_at is not None
            ),
            draw=secondary,
        ),
        SignalFigure(
            name="transits",
            title="Depth of each transit",
            look_for="Look whether one transit makes the signal, and whether the depth"
            " drifts or alternates.",
            needs=lambda _star, signal: bool(signal.transit_time),
            draw=depths,
        ),
        SignalFigure(
            name="each-transit",
            title="Transit by transit",
            look_for="Look whether each transit is there, at its time and of the same shape.",
            needs=lambda _star, signal: bool(signal.each_phase),
            draw=one_by_one,
        ),
        SignalFigure(
            name="centroid",
            title="Centroid",
            look_for="A shift during the transit says that a neighbour in the same pixels"
            " may be what dims.",
            needs=lambda _star, signal: bool(signal.centroid_phase),
            draw=centroid,
        ),
    )
}


def drawable(star: StarRecord, signal: SignalRecord) -> list[SignalFigure]:
    """Return the figures that the records of a signal hold what they take for."""
    return [figure for figure in FIGURES.values() if figure.needs(star, signal)]
