"""A transit signal with all that the tests look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.vetting.each_transit import fitted_transits, single_transits
from mlcore.lightcurves.vetting.means import FAR, NEARLY_NOTHING, mean_in
from mlcore.lightcurves.vetting.phase_events import phase_events
from mlcore.lightcurves.vetting.phase_scan import scan_phases
from mlcore.lightcurves.vetting.trapezoid import fit_trapezoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.search.transits import TransitSearch
    from mlcore.lightcurves.vetting.each_transit import FittedTransits, SingleTransits
    from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
    from mlcore.lightcurves.vetting.observed import Observed
    from mlcore.lightcurves.vetting.phase_events import PhaseEvents
    from mlcore.lightcurves.vetting.phase_scan import PhaseScan
    from mlcore.lightcurves.vetting.trapezoid import TrapezoidFit

__all__ = ["Candidate"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """One signal of a star's light curve."""

    folded: Fold
    """The curve without trend, in which the star's other signals are hidden."""
    in_time: bool = True
    """Whether the points have times; a curve that was folded by somebody else has none."""
    searched: bool | None = None
    """Whether a search chose the ephemeris; False where somebody stated it, None of a fold."""
    star: Star = field(default_factory=Star)
    search: TransitSearch | None = None
    """What a search of the whole curve found that knew of no signal; None where none was done."""
    observed: Observed | None = None
    """When and how the star was observed; None where a fold has no times."""
    known: tuple[KnownEphemeris, ...] | None = ()
    """Signals of other stars that are known, whose light may fall on this one; None where nobody
    knows which stars are near."""

    @cached_property
    def depth(self) -> float:
        """Mean dip within the duration against the flux beside it, relative flux."""
        beside = self.folded.between(1.0, FAR)
        depth = mean_in(self.folded, beside) - mean_in(self.folded, self.inside)
        return depth or NEARLY_NOTHING

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which points lie in transit."""
        return self.folded.between(0.0, 0.5)

    @cached_property
    def outside(self) -> NDArray[np.bool_]:
        """Which points lie well outside."""
        return self.folded.between(1.2, np.inf)

    @cached_property
    def scan(self) -> PhaseScan:
        """The depth of a box of the transit's duration at every phase."""
        return scan_phases(self.folded)

    @cached_property
    def events(self) -> PhaseEvents:
        """The strongest events of the orbit."""
        return phase_events(self.folded, self.scan)

    @cached_property
    def trapezoid(self) -> TrapezoidFit | None:
        """The trapezoid that fits best, as the exposures smear it; None of too few points."""
        return fit_trapezoid(self.folded)

    @cached_property
    def transits(self) -> SingleTransits:
        """Each transit's depth as a box."""
        return single_transits(self.folded)

    @cached_property
    def fitted_transits(self) -> FittedTransits | None:
        """Each transit's depth as the trapezoid; None where there is none."""
        return None if self.trapezoid is None else fitted_transits(self.folded, self.trapezoid)

    @property
    def noise_factor(self) -> float:
        """How many times more boxes scatter than white noise."""
        return self.scan.noise_factor
