"""From the curve alone: searched, found and judged, no ephemeris given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.benchmark.light_curves.chances import LIKELY, made_of, planet_chances, signals_of
from mlcore.benchmark.light_curves.separated import STRONG
from mlcore.benchmark.light_curves.shares import share
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.datasets.spec import Disposition
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["found_and_judged"]

_FOUND = Aim(
    name="found-planets",
    task=f"Confirmed KOIs of strength above {STRONG:g}: found at the period, twice or half of it",
    features="search of the curve",
    bars=(Bar(metric="found_share", value=0.90),),
    needs="kepler_flattened.parquet",
    note="Periods of more than half the curve are not searched, and count as not found.",
)
_CALLED = Aim(
    name="judged-planets",
    task="Of these found: called likely planet",
    features="search, then vetting tests",
    bars=(Bar(metric="likely_share", value=0.85),),
    needs="kepler_flattened.parquet",
    note="By models of other stars, which learn from the catalogue's signals, from what the"
    " search finds in their curves, and from what it finds in curves turned over, scrambled or with"
    " a transit put into them.",
)
_FALSE = Aim(
    name="judged-false-positives",
    task="False positives of that strength, found: called likely false positive or undecided",
    features="search, then vetting tests",
    bars=(Bar(metric="not_likely_share", value=0.75),),
    needs="kepler_flattened.parquet",
    note=_CALLED.note,
)
_FOUND_FALSE = Aim(
    name="found-false-positives",
    task="False positives of that strength: found",
    features="search of the curve",
    bars=(Bar(metric="found_share"),),
    needs="kepler_flattened.parquet",
)


def found_and_judged(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure how much of the catalogue a search finds, and what is said of it."""
    aims = (_FOUND, _CALLED, _FOUND_FALSE, _FALSE)
    if not collections.flattened:
        return tuple(line for aim in aims for line in unmeasured(aim))
    known, found = signals_of(
        collections, cores=cores, progress=lambda done, step: progress(0.4 * done, step)
    )
    made = made_of(
        collections,
        effort,
        cores=cores,
        progress=lambda done, step: progress(0.4 + 0.2 * done, step),
    )
    progress(0.6, "fitting")
    probability = _probability(known, found, made, effort)
    lines: list[BenchmarkRow] = []
    for kind, of_found, of_called in (
        (PLANET, _FOUND, _CALLED),
        (Disposition.FALSE_POSITIVE, _FOUND_FALSE, _FALSE),
    ):
        strong = [
            signal
            for signal in known
            if signal.label is kind and signal.values["strength"] > STRONG
        ]
        stated = [probability.get((signal.host, signal.name)) for signal in strong]
        told = [
            (signal.host, chance)
            for signal, chance in zip(strong, stated, strict=True)
            if chance is not None
        ]
        lines.append(
            share(
                of_found,
                [chance is not None for chance in stated],
                [signal.host for signal in strong],
            )
        )
        lines.append(
            share(
                of_called,
                [(chance >= LIKELY) is (kind is PLANET) for _, chance in told],
                [host for host, _ in told],
            )
        )
    return tuple(lines)


def _probability(
    known: Sequence[MeasuredSignal],
    found: Sequence[MeasuredSignal],
    made: Sequence[MeasuredSignal],
    effort: Effort,
) -> dict[tuple[str, str], float]:
    """Return the probability of being a planet of what was found of the catalogue, by name.

    Of several signals at one period the strongest counts, which was found first. The mean over the
    seeds.
    """
    # Of the catalogue's signals those are learnt from that are decided; no other is judged.
    signals = [*(signal for signal in known if signal.label in VETTING.classes), *found]
    chances = planet_chances(signals, effort, made=made)
    stated: dict[tuple[str, str], float] = {}
    for signal, chance in zip(signals, chances, strict=True):
        if signal.found and signal.name:
            stated.setdefault((signal.host, signal.name), float(chance))
    return stated
