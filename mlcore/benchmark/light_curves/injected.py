"""How complete search and verdict are: transits injected into real curves, found and judged.

As Kepler's last catalogue measured its completeness (Thompson et al. 2018, ApJS 235, 38), in the
curves' own noise. A signal counts where the search finds it at its period and the verdict on it is
"likely planet".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.altered import quiet_stars
from mlcore.benchmark.light_curves.chances import LIKELY, made_of, planet_chances, signals_of
from mlcore.benchmark.light_curves.drawn import SCORED, with_transit
from mlcore.benchmark.light_curves.map_bins import Measured, cells, in_cell
from mlcore.benchmark.light_curves.shares import share
from mlcore.benchmark.light_curves.vetted import vetted_found, vetted_stars
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.benchmark.light_curves.collections import Collections, FlattenedStar
    from mlcore.benchmark.light_curves.transit_model import InjectedTransit
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["injected_and_judged"]

_STRONG = 10.0
"""Strength at the injected ephemeris, from which a signal has to be found."""
_WITHIN = 0.01
"""Relative error of a period that is right."""

_ALL = Aim(
    name="injected",
    task=f"Transits injected into Kepler stars, of strength above {_STRONG:g}: found at their"
    " period and called likely planet",
    features="search, then vetting tests and views",
    bars=(Bar(metric="completeness", value=0.90),),
    needs="kepler_flattened.parquet",
    note="Injected into light that somebody has flattened and binned already: what flattening takes"
    " of a transit is not in it. Known signals are taken out before, the project's own trend is"
    " found after. The verdict is of models of other stars, which learn from other transits"
    " injected into theirs. LEO-Vetter states 0.91 for its vetting alone, the"
    " Robovetter above 0.85.",
)
_FOUND = replace(
    _ALL,
    name="injected-found",
    task="Of the same: found at their period",
    features="search of the curve",
    bars=(Bar(metric="found_share"),),
)
_CALLED = replace(
    _ALL,
    name="injected-called",
    task="Of these found: called likely planet",
    bars=(Bar(metric="likely_share"),),
)
_WEAK = replace(
    _ALL,
    name="injected-weak",
    task=f"Injected transits of strength up to {_STRONG:g}: found and called likely planet",
    bars=(Bar(metric="completeness"),),
)
_MAP = replace(
    _ALL,
    name="injected-map",
    task="Injected transits of any strength",
    bars=(Bar(metric="completeness"),),
    note="",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    host: str
    strength: float
    transit: InjectedTransit
    found: bool
    called: bool


def injected_and_judged(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure the completeness of search and verdict, with its maps."""
    if not collections.flattened:
        return tuple(
            line for aim in (_ALL, _FOUND, _CALLED, _WEAK, _MAP) for line in unmeasured(aim)
        )
    outcomes = _outcomes(collections, effort, cores, progress)
    strong = [one for one in outcomes if one.strength > _STRONG]
    found = [one for one in strong if one.found]
    weak = [one for one in outcomes if one.strength <= _STRONG]
    lines = [
        share(_ALL, [one.called for one in strong], [one.host for one in strong]),
        share(_FOUND, [one.found for one in strong], [one.host for one in strong]),
        share(_CALLED, [one.called for one in found], [one.host for one in found]),
        share(_WEAK, [one.called for one in weak], [one.host for one in weak]),
    ]
    where = Measured(
        period=np.array([one.transit.ephemeris.period for one in outcomes]),
        depth=np.array([one.transit.depth for one in outcomes]) * 1e6,
        duration=np.array([one.transit.ephemeris.duration for one in outcomes]) * 24,
    )
    for cell in cells(where):
        here = [outcomes[place] for place in np.flatnonzero(cell.inside[0]).tolist()]
        aim = in_cell(_MAP, cell)
        lines.append(
            share(aim, [one.called for one in here], [one.host for one in here], cell=cell.place)
        )
    return tuple(lines)


def _outcomes(
    collections: Collections, effort: Effort, cores: Cores, progress: ProgressCallback
) -> list[_Outcome]:
    known, found = signals_of(
        collections, cores=cores, progress=lambda done, step: progress(0.3 * done, step)
    )
    made = made_of(
        collections,
        effort,
        cores=cores,
        progress=lambda done, step: progress(0.3 + 0.2 * done, step),
    )
    pairs = [
        with_transit(star, SCORED) for star in quiet_stars(collections.flattened, effort.curves)
    ]
    stars = [star for star, _ in pairs]
    strength = {
        signal.host: signal.values["strength"] for signal in vetted_stars(stars, cores=cores)
    }
    searched = [
        replace(signal, label=None)
        for signal in vetted_found(
            stars, cores=cores, progress=lambda done, step: progress(0.5 + 0.2 * done, step)
        )
    ]
    progress(0.7, "fitting")
    learnt = [signal for signal in (*known, *found) if signal.label in VETTING.classes]
    chances = planet_chances([*learnt, *searched], effort, made=made)[len(learnt) :]
    stated = _at_their_periods(searched, chances.tolist(), dict(_periods(pairs)))
    return [
        _Outcome(
            host=star.host,
            strength=strength[star.host],
            transit=transit,
            found=star.host in stated,
            called=stated.get(star.host, 0.0) >= LIKELY,
        )
        for star, transit in pairs
        # Of the others no two points are in transit.
        if star.host in strength
    ]


def _periods(pairs: Sequence[tuple[FlattenedStar, InjectedTransit]]) -> list[tuple[str, float]]:
    return [(star.host, transit.ephemeris.period) for star, transit in pairs]


def _at_their_periods(
    searched: Sequence[MeasuredSignal], chances: Sequence[float], periods: dict[str, float]
) -> dict[str, float]:
    """Return the chance of what was found at the injected period, by host."""
    stated: dict[str, float] = {}
    for signal, chance in zip(searched, chances, strict=True):
        if abs(signal.values["period"] / periods[signal.host] - 1) < _WITHIN:
            # The strongest was found first.
            stated.setdefault(signal.host, chance)
    return stated
