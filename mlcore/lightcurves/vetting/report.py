"""From a light curve to its signals, each with the tests that a vetter does."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlcore.datasets.missions.light_curves.known_signals import KNOWN
from mlcore.datasets.missions.light_curves.registry import results
from mlcore.errors import DataError
from mlcore.lightcurves.catalogues.coincidence import Span
from mlcore.lightcurves.catalogues.own_row import own_row
from mlcore.lightcurves.catalogues.row import called
from mlcore.lightcurves.catalogues.surroundings import surroundings_of
from mlcore.lightcurves.catalogues.told import InCatalogues
from mlcore.lightcurves.search.transits import search_transits
from mlcore.lightcurves.vetting.known_signals import known_near, nearest_known
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.star_search import search_star, told
from mlcore.lightcurves.vetting.vet import candidate_of
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.missions.light_curves.spec import TestResult
    from mlcore.lightcurves.catalogues.carried import CatalogueRows
    from mlcore.lightcurves.catalogues.own_row import OwnRow
    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.transits import TransitSearch, TransitSignal
    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
    from mlcore.progress import ProgressCallback

__all__ = ["VettedSignal", "vet_curve", "vet_signals"]

_STAGES = {"searching": 3.0, "vetting": 2.0}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class VettedSignal:
    """A signal of a light curve, and how the tests ended."""

    ephemeris: Ephemeris
    values: Mapping[str, float] = field(repr=False)
    """What the tests measured, by name; NaN where they could not."""
    tests: tuple[TestResult, ...] = field(repr=False)
    """How those with a limit ended."""
    candidate: Candidate = field(repr=False)
    """What they looked at, for plots."""
    found: TransitSignal | None = field(default=None, repr=False)
    """What the search found; None where the ephemeris was given."""
    own: OwnRow | None = field(default=None, repr=False)
    """The row of the star's own catalogue that the signal is; None where it is none. It is no
    evidence of a test: what the catalogue states, the tests do not see."""

    @property
    def other(self) -> KnownEphemeris | None:
        """The other star that has its events when this one dips; None where none has."""
        nearest = nearest_known(self.candidate)
        return None if nearest is None or nearest[1] >= KNOWN.least else nearest[0]

    @property
    def in_catalogues(self) -> InCatalogues:
        """Both, as they are told."""
        told: dict[str, Any] = {}
        if self.own is not None:
            row = self.own.row
            told = {
                "catalogue_object": called(row.name),
                "catalogue_mission": row.mission,
                "catalogue_disposition": row.disposition,
                "catalogue_period": row.period,
                "catalogue_by_epoch": self.own.by_epoch,
                "catalogue_probability": row.planet if math.isfinite(row.planet) else None,
                "catalogue_model": row.model,
                "catalogue_in_sample": row.in_sample,
            }
        if (other := self.other) is not None:
            told |= {
                "other_object": called(other.name),
                "other_star": other.star,
                "other_separation": other.separation,
            }
        return InCatalogues(**told)


def vet_curve(
    curve: LightCurve,
    *,
    ephemerides: Sequence[Ephemeris] = (),
    known: Sequence[KnownEphemeris] | None = None,
    report: ProgressCallback = silent,
) -> tuple[VettedSignal, ...]:
    """Test the transit signals of a light curve.

    Parameters
    ----------
    curve
        As it was read.
    ephemerides
        Of the star's signals, in the curve's own times; they are tested as they are. Without any
        those that a search finds.
    known
        Signals of other stars nearby, whose light may fall on this one; by default those that the
        catalogues have within four arcminutes, where the star's place or number is known.
    report
        Told how far it has come.

    Returns
    -------
    tuple of VettedSignal
        In the order of the ephemerides, or the strongest first; empty where nothing was found.

    Raises
    ------
    DataError
        When the curve has no trend, or a known signal fewer than two points in transit.
    """
    progress = Progress(_STAGES, report)
    with progress.stage("searching") as stage:
        search = search_star(curve, report=stage.nested)
    signals: Sequence[TransitSignal | None] = [None] * len(ephemerides)
    own = list(ephemerides)
    if not own:
        if search is None:
            # It says why.
            search = search_transits(curve)
        signals = told(search)
        own = [signal.ephemeris for signal in signals if signal is not None]
    with progress.stage("vetting") as stage:
        vetted = vet_signals(curve, own, signals, search=search, known=known, report=stage)
    tested = []
    for one in vetted:
        if isinstance(one, DataError):
            raise one
        tested.append(one)
    return tuple(tested)


def vet_signals(
    curve: LightCurve,
    ephemerides: Sequence[Ephemeris],
    found: Sequence[TransitSignal | None],
    *,
    search: TransitSearch | None,
    known: Sequence[KnownEphemeris] | None = None,
    rows: CatalogueRows | None = None,
    report: ProgressCallback = silent,
) -> tuple[VettedSignal | DataError, ...]:
    """Test signals of a curve that was searched already; see `vet_curve`.

    Parameters
    ----------
    curve, ephemerides, known, report
        As `vet_curve` takes them.
    found
        Of each ephemeris what the search found; None where it was given.
    search
        Of the whole curve; None where it cannot be searched.
    rows
        Of the catalogues that signals are looked up in; None: those that the package carries.

    Returns
    -------
    tuple of VettedSignal or DataError
        In the order of the ephemerides; an error for each that cannot be tested, which `vet_curve`
        raises: others of the star can be.
    """
    vetted: list[VettedSignal | DataError] = []
    around = surroundings_of(curve.star, rows=rows)
    span = Span(first=float(curve.time[0]), last=float(curve.time[-1]), time_zero=curve.time_zero)
    near = known_near(around) if known is None else known
    for place, (ephemeris, signal) in enumerate(zip(ephemerides, found, strict=True)):
        report(place / len(ephemerides), f"signal {place + 1} of {len(ephemerides)}")
        try:
            candidate = candidate_of(
                curve,
                ephemeris,
                hidden=[other for other in ephemerides if other is not ephemeris],
                search=search,
                known=near,
                searched=signal is not None,
            )
        except DataError as error:
            vetted.append(error)
            continue
        values = measure(candidate)
        vetted.append(
            VettedSignal(
                ephemeris=ephemeris,
                values=values,
                tests=results(values),
                candidate=candidate,
                found=signal,
                own=own_row(around.own, ephemeris, span),
            )
        )
    return tuple(vetted)
