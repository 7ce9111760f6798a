"""The figures of a signal, by name, in the order in which vetters look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions_app.plots.light_curves.centroid import centroid
from sessions_app.plots.light_curves.curve import curve
from sessions_app.plots.light_curves.folds import fold, odd_even, secondary, whole_orbit
from sessions_app.plots.light_curves.periodogram import periodogram
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
    needs: Callable[[StarRecord, SignalRecord], bool]
    """Whether the records hold what it takes, told without drawing."""
    draw: Callable[[StarRecord, SignalRecord], Plot | None]


FIGURES = {
    figure.name: figure
    for figure in (
        SignalFigure(
            name="curve",
            title="Light curve",
            needs=lambda star, _signal: bool(star.time),
            draw=curve,
        ),
        SignalFigure(
            name="periodogram",
            title="Periodogram",
            needs=lambda star, signal: bool(signal.periods or star.periods),
            draw=periodogram,
        ),
        SignalFigure(
            name="fold",
            title="Folded at the period",
            needs=lambda _star, signal: bool(signal.near_phase),
            draw=fold,
        ),
        SignalFigure(
            name="whole-orbit",
            title="The whole orbit",
            needs=lambda _star, signal: bool(signal.whole_phase),
            draw=whole_orbit,
        ),
        SignalFigure(
            name="odd-even",
            title="Odd and even transits",
            needs=lambda _star, signal: bool(signal.odd_phase and signal.even_phase),
            draw=odd_even,
        ),
        SignalFigure(
            name="secondary",
            title="The strongest other event",
            needs=lambda _star, signal: bool(
                signal.secondary_phase and signal.secondary_at is not None
            ),
            draw=secondary,
        ),
        SignalFigure(
            name="transits",
            title="Depth of each transit",
            needs=lambda _star, signal: bool(signal.transit_time),
            draw=depths,
        ),
        SignalFigure(
            name="each-transit",
            title="Transit by transit",
            needs=lambda _star, signal: bool(signal.each_phase),
            draw=one_by_one,
        ),
        SignalFigure(
            name="centroid",
            title="Centroid",
            needs=lambda _star, signal: bool(signal.centroid_phase),
            draw=centroid,
        ),
    )
}


def drawable(star: StarRecord, signal: SignalRecord) -> list[SignalFigure]:
    """Return the figures that the records of a signal hold what they take for."""
    return [figure for figure in FIGURES.values() if figure.needs(star, signal)]
