"""How reliable a verdict "likely planet" is against false alarms of noise and spacecraft.

Curves are turned over, or their seasons exchanged: what the search finds in them is no planet. The
share of it that is not called planet is the effectiveness E, and the reliability of what is called
planet in the real curves follows from it as in Thompson et al. 2018, ApJS 235, 38:

    E = N(not called, altered) / N(found, altered)
    R = 1 - N(not called, real) / N(called, real) * (1 - E) / E

since the real curves' false alarms are about N(not called, real) / E, of which the part 1 - E is
called planet. Eclipsing stars among N(not called, real) are counted as false alarms, as they are
there, so that R is rather too low.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.altered import inverted, quiet_stars, scrambled
from mlcore.benchmark.light_curves.chances import LIKELY, made_of, planet_chances, signals_of
from mlcore.benchmark.light_curves.map_bins import Measured, cells, in_cell
from mlcore.benchmark.light_curves.shares import line_of, share
from mlcore.benchmark.light_curves.vetted import vetted_found
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.metrics.resampling import StarResamples
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["alarms_judged", "reliability"]

_RELIABILITY = Aim(
    name="reliability",
    task="Signals called likely planet in the real curves: no false alarms",
    features="search, then vetting tests and views",
    bars=(Bar(metric="reliability", value=0.97),),
    needs="kepler_flattened.parquet",
    note="From what is called planet in curves turned over and in curves whose eighths are"
    " exchanged, known signals taken out before, scaled as Thompson et al. 2018 do; the light was"
    " flattened before. Models of other stars learn from such signals of theirs, of eighths in"
    " another order. LEO-Vetter states 0.97, the Robovetter 0.98.",
)
_MAP = replace(
    _RELIABILITY,
    name="reliability-map",
    task="Reliability of what is called likely planet",
    bars=(Bar(metric="reliability"),),
    note="",
)
_ALTERED: dict[str, tuple[Callable[[LightCurve], LightCurve], Aim]] = {
    name: (
        alter,
        Aim(
            name=f"{name}-called",
            task=f"Signals found in {words}: called likely planet",
            features=_RELIABILITY.features,
            bars=(Bar(metric="likely_share"),),
            needs=_RELIABILITY.needs,
            note="The verdict is of models of other stars.",
        ),
    )
    for name, alter, words in (
        ("inverted", inverted, "curves turned over"),
        ("scrambled", scrambled, "curves whose eighths are exchanged"),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Called:
    """Signals that a search found, with the verdict on each."""

    signals: Sequence[MeasuredSignal]
    called: NDArray[np.bool_]

    @property
    def hosts(self) -> list[str]:
        return [signal.host for signal in self.signals]

    @property
    def where(self) -> Measured:
        of = {
            name: np.array([signal.values[name] for signal in self.signals], dtype=np.float64)
            for name in ("period", "depth", "duration")
        }
        return Measured(**of)

    def take(self, mask: NDArray[np.bool_]) -> _Called:
        chosen = [self.signals[place] for place in np.flatnonzero(mask).tolist()]
        return _Called(signals=chosen, called=self.called[mask])


def alarms_judged(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure what is called planet in altered curves, and the reliability that follows."""
    if not collections.flattened:
        aims = (_RELIABILITY, *(aim for _, aim in _ALTERED.values()), _MAP)
        return tuple(line for aim in aims for line in unmeasured(aim))
    real, *altered = _verdicts(collections, effort, cores, progress)
    both = _Called(
        signals=[signal for part in altered for signal in part.signals],
        called=np.concatenate([part.called for part in altered]),
    )
    lines = [_reliable(_RELIABILITY, both, real)]
    for part, (_, aim) in zip(altered, _ALTERED.values(), strict=True):
        lines.append(share(aim, part.called, part.hosts))
    for cell in cells(both.where, real.where):
        false, true = cell.inside
        aim = in_cell(_MAP, cell)
        lines.append(_reliable(aim, both.take(false), real.take(true), cell=cell.place))
    return tuple(lines)


def reliability(
    altered: NDArray[np.float64],
    altered_called: NDArray[np.float64],
    real: NDArray[np.float64],
    real_called: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return 1 - N(not called, real) / N(called, real) * (1 - E) / E, at least 0.

    Thompson et al. 2018, ApJS 235, 38; E is the share of the altered curves'
    signals that is not called planet.

    Parameters
    ----------
    altered, altered_called
        How many signals were found in altered curves, and how many of them are called planet, of
        one shape.
    real, real_called
        The same in the real curves.

    Returns
    -------
    ndarray
        NaN where nothing was found in the altered curves, or nothing real is called planet.

    Examples
    --------
    >>> import numpy as np
    >>> numbers = [np.array([float(n)]) for n in (100, 2, 200, 100)]
    >>> reliability(*numbers).round(4)
    array([0.9796])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        effectiveness = 1 - altered_called / altered
        false = (real - real_called) / real_called * (1 - effectiveness) / effectiveness
        return np.where(real_called > 0, np.maximum(1 - false, 0.0), np.nan)


def _reliable(
    aim: Aim, altered: _Called, real: _Called, *, cell: tuple[str, str] | None = None
) -> BenchmarkRow:
    """Return the line of a reliability, stars drawn with replacement."""
    count = len(altered.called)
    if not count or not real.called.any():
        return line_of(aim, None, 0, cell=cell)
    called = np.concatenate([altered.called, real.called]).astype(np.float64)
    of_altered = np.arange(len(called)) < count

    def measured(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = [
            (weights * part).sum(axis=1)
            for part in (of_altered, of_altered * called, ~of_altered, ~of_altered * called)
        ]
        return reliability(*sums)[:, None]

    resampled = StarResamples([*altered.hosts, *real.hosts], seed=0).figures(measured)
    value = float(resampled.values[0])
    low, high = (float(bound[0]) for bound in resampled.bounds())
    return line_of(
        aim,
        value if np.isfinite(value) else None,
        count,
        interval=(low, high) if np.isfinite([low, high]).all() else None,
        cell=cell,
    )


def _verdicts(
    collections: Collections, effort: Effort, cores: Cores, progress: ProgressCallback
) -> list[_Called]:
    """Return what is found and called planet in the real curves, and in each kind of altered."""
    known, found = signals_of(
        collections, cores=cores, progress=lambda done, step: progress(0.2 * done, step)
    )
    made = made_of(
        collections,
        effort,
        cores=cores,
        progress=lambda done, step: progress(0.2 + 0.2 * done, step),
    )
    stars = quiet_stars(collections.flattened, effort.curves)
    parts: list[Sequence[MeasuredSignal]] = []
    for place, (alter, _) in enumerate(_ALTERED.values()):
        altered = [replace(star, curve=alter(star.curve)) for star in stars]

        def report(done: float, step: str, place: int = place) -> None:
            progress(0.4 + 0.2 * (place + done), step)

        signals = vetted_found(altered, cores=cores, progress=report)
        parts.append([replace(signal, label=None) for signal in signals])
    progress(0.8, "fitting")
    learnt = [signal for signal in known if signal.label in VETTING.classes]
    sets = [found, *parts]
    judged = [*learnt, *(signal for part in sets for signal in part)]
    chances = planet_chances(judged, effort, made=made)
    ends = np.cumsum([len(learnt), *(len(part) for part in sets)])
    return [
        _Called(signals=part, called=chances[begin : begin + len(part)] >= LIKELY)
        for part, begin in zip(sets, ends[:-1], strict=True)
    ]
