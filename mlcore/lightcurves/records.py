"""What is kept of each star and each signal of a session, for pages and plots.

Here and not beside what computes it: whoever reads it loads none of the libraries that made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

__all__ = ["SignalRecord", "StarRecord", "row_of"]


def _meaning(of: str) -> dict[str, str]:
    return {"meaning": of}


@dataclass(frozen=True, kw_only=True, slots=True)
class StarRecord:
    """A star, what was understood of its light curve, and the curve as it is drawn."""

    number: int = field(metadata=_meaning("Among the session's stars, from 1."))
    name: str = field(metadata=_meaning("Of the star."))
    file: str = field(metadata=_meaning("What its file was called, or its files."))
    refusal: str = field(
        metadata=_meaning("Why its curve could not be used, as a sentence; empty where it could."),
        default="",
    )
    notes: list[str] = field(
        metadata=_meaning(
            "What was understood of its files, left out or taken for granted, as sentences."
        ),
        default_factory=list,
    )
    untested: list[str] = field(
        metadata=_meaning(
            "Why known signals of it could not be tested, a sentence each; its others were."
        ),
        default_factory=list,
    )
    mission: str = field(
        metadata=_meaning("Kepler, K2 or TESS, where the file says it; else empty."), default=""
    )
    points: int = field(metadata=_meaning("Of the curve as it was read."), default=0)
    span: float = field(
        metadata=_meaning("Time from the first to the last of them [d]."), default=0.0
    )
    cadence: float = field(metadata=_meaning("Usual spacing of them [d]."), default=0.0)
    time_name: str = field(
        metadata=_meaning("How its times are called, such as BTJD."), default="time"
    )
    time_zero: float = field(
        metadata=_meaning("Julian date from which they count, 0 where that is unknown."),
        default=0.0,
    )
    scatter: float = field(
        metadata=_meaning("Of a point without the trend, relative flux."), default=0.0
    )
    averaged: float = field(
        metadata=_meaning(
            "Over how long the drawn points are averages [d]; 0: they are the curve's own."
        ),
        default=0.0,
    )
    time: list[float] = field(metadata=_meaning("Of the drawn points [d]."), default_factory=list)
    flux: list[float] = field(
        metadata=_meaning("Relative to each stretch's median."), default_factory=list
    )
    trend: list[float] = field(metadata=_meaning("What was divided out."), default_factory=list)
    kept: list[bool] = field(
        metadata=_meaning("Whether the search used the point."), default_factory=list
    )
    periods: list[float] = field(
        metadata=_meaning(
            "Of the first search [d], ascending; empty where an ephemeris was given."
        ),
        default_factory=list,
    )
    strengths: list[float] = field(
        metadata=_meaning("Of the strongest signal at each of them, correlated noise considered."),
        default_factory=list,
    )
    limit: float = field(metadata=_meaning("Strength from which a signal is told of."), default=0.0)
    numbers: list[int] = field(
        metadata=_meaning("Of its signals, among the session's objects."), default_factory=list
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalRecord:
    """A signal's folds as they are drawn, and what was measured of it.

    Phases near the transit are in hours, over the whole orbit in periods; fluxes are relative,
    less the level out of transit. Lists of one prefix are of one length.
    """

    number: int = field(metadata=_meaning("Among the session's objects, from 1."))
    star: int = field(metadata=_meaning("Number of its star."))
    of_star: int = field(metadata=_meaning("Its number among the star's signals, from 1."))
    given: bool = field(metadata=_meaning("Whether its ephemeris was given, and not found."))
    detected: bool = field(
        metadata=_meaning(
            "Whether it is stronger than the limit; else it is merely the strongest peak."
        )
    )
    period: float = field(metadata=_meaning("[d]."))
    epoch: float = field(metadata=_meaning("In the curve's own times [d]."))
    duration: float = field(metadata=_meaning("[h]."))
    depth: float = field(metadata=_meaning("[ppm]."))
    strength: float = field(metadata=_meaning("Depth over its error, correlated noise considered."))
    false_alarm: float | None = field(
        metadata=_meaning(
            "Probability that noise alone makes so strong a peak; null where it cannot be told."
        ),
        default=None,
    )
    measured: list[str] = field(
        metadata=_meaning("Names of what the vetting tests measured."), default_factory=list
    )
    values: list[float] = field(
        metadata=_meaning("Their values; null where they could not be measured."),
        default_factory=list,
    )
    shorter: list[float] = field(
        metadata=_meaning("Shorter periods that fit as well [d]."), default_factory=list
    )
    periods: list[float] = field(
        metadata=_meaning("Of the search that found it [d], stronger signals hidden."),
        default_factory=list,
    )
    strengths: list[float] = field(
        metadata=_meaning("Strength at each of the periods."), default_factory=list
    )
    points_phase: list[float] = field(
        metadata=_meaning("Single points near the transit; of many, some."), default_factory=list
    )
    points_flux: list[float] = field(metadata=_meaning("Their flux."), default_factory=list)
    near_phase: list[float] = field(
        metadata=_meaning("Of bins near the transit [h]."), default_factory=list
    )
    near_flux: list[float] = field(
        metadata=_meaning("Mean flux of each bin."), default_factory=list
    )
    near_error: list[float] = field(metadata=_meaning("Its standard error."), default_factory=list)
    near_model: list[float] = field(
        metadata=_meaning("The trapezoid that fits best, at the same phases."), default_factory=list
    )
    whole_phase: list[float] = field(
        metadata=_meaning("Of bins over the whole orbit [periods]."), default_factory=list
    )
    whole_flux: list[float] = field(
        metadata=_meaning("Mean flux of each bin."), default_factory=list
    )
    whole_error: list[float] = field(metadata=_meaning("Its standard error."), default_factory=list)
    odd_phase: list[float] = field(
        metadata=_meaning("Of bins of odd transits [h]."), default_factory=list
    )
    odd_flux: list[float] = field(metadata=_meaning("Mean flux of each bin."), default_factory=list)
    odd_error: list[float] = field(metadata=_meaning("Its standard error."), default_factory=list)
    even_phase: list[float] = field(
        metadata=_meaning("Of bins of even transits [h]."), default_factory=list
    )
    even_flux: list[float] = field(
        metadata=_meaning("Mean flux of each bin."), default_factory=list
    )
    even_error: list[float] = field(metadata=_meaning("Its standard error."), default_factory=list)
    secondary_at: float | None = field(
        metadata=_meaning("Phase of the strongest other event [periods]."), default=None
    )
    secondary_phase: list[float] = field(metadata=_meaning("Hours from it."), default_factory=list)
    secondary_flux: list[float] = field(
        metadata=_meaning("Mean flux of each bin."), default_factory=list
    )
    secondary_error: list[float] = field(
        metadata=_meaning("Its standard error."), default_factory=list
    )
    transit_number: list[int] = field(
        metadata=_meaning("Of each transit with points, 0 at the epoch."), default_factory=list
    )
    transit_time: list[float] = field(metadata=_meaning("Mid-time [d]."), default_factory=list)
    transit_depth: list[float] = field(metadata=_meaning("Relative flux."), default_factory=list)
    transit_error: list[float] = field(
        metadata=_meaning("Standard error of the depth."), default_factory=list
    )
    each_number: list[int] = field(
        metadata=_meaning("Number of the transit of each point below: of many transits, some."),
        default_factory=list,
    )
    each_phase: list[float] = field(
        metadata=_meaning("Hours from its mid-transit."), default_factory=list
    )
    each_flux: list[float] = field(metadata=_meaning("Its flux."), default_factory=list)
    centroid_phase: list[float] = field(
        metadata=_meaning("Empty where the file has no centroids."), default_factory=list
    )
    centroid_column: list[float] = field(
        metadata=_meaning("Against the centroid beside the transit [millipixel]."),
        default_factory=list,
    )
    centroid_row: list[float] = field(metadata=_meaning("Likewise."), default_factory=list)
    stretch_name: list[str] = field(
        metadata=_meaning("Of each stretch of the fold that was replaced."),
        default_factory=list,
    )
    stretch_begin: list[float] = field(
        metadata=_meaning("Where each begins [periods from mid-transit]."), default_factory=list
    )
    stretch_end: list[float] = field(
        metadata=_meaning("Where it ends; beyond 0.5 it goes on at -0.5."), default_factory=list
    )
    remeasured: list[float] = field(
        metadata=_meaning(
            "What the tests would measure were a stretch as a planet's curve is: all of"
            " `measured` for the first stretch, then for the next."
        ),
        default_factory=list,
    )
    catalogue_object: str = field(
        metadata=_meaning(
            "Row of the star's own catalogue that the signal is; empty where it is none."
        ),
        default="",
    )
    catalogue_mission: str = field(
        metadata=_meaning("kepler, k2 or tess: whose catalogue it is."), default=""
    )
    catalogue_disposition: str = field(
        metadata=_meaning("What the catalogue states of it; no model sees that."), default=""
    )
    catalogue_period: float | None = field(metadata=_meaning("Of the row [d]."), default=None)
    catalogue_by_epoch: bool = field(
        metadata=_meaning("Whether the row's epoch was compared, and not its period alone."),
        default=False,
    )
    catalogue_probability: float | None = field(
        metadata=_meaning(
            "Probability of a planet by the catalogue's row; null where no model can say it."
        ),
        default=None,
    )
    catalogue_model: str = field(
        metadata=_meaning(
            "Published model that stated it; empty: models of other stars, fitted for the carried"
            " rows."
        ),
        default="",
    )
    catalogue_in_sample: bool = field(
        metadata=_meaning("Whether that model was trained on objects of the star."), default=False
    )
    other_object: str = field(
        metadata=_meaning(
            "Object of another star nearby that has its events at the same times; empty: none."
        ),
        default="",
    )
    other_star: str = field(metadata=_meaning("Of that object."), default="")
    other_separation: float | None = field(
        metadata=_meaning("How far that star is [arcsec]."), default=None
    )


def row_of(record: Any) -> dict[str, Any]:
    """Return a record's fields by name, with its own lists: to copy them takes long."""
    return {one.name: getattr(record, one.name) for one in fields(record)}
