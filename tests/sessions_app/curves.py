"""Records of stars and signals made by hand from curves that are known exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.record_files import SIGNALS, STARS, RecordWriter
from mlcore.lightcurves.records import SignalRecord, StarRecord
from sessions_app.files import storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sessions_app.models import Session

__all__ = [
    "DEPTH",
    "EPOCH",
    "PERIOD",
    "a_refused_star",
    "a_signal",
    "a_star",
    "keep_records",
    "write_records",
]

PERIOD, EPOCH, DURATION, DEPTH = 3.5, 1.2, 3.0, 900.0
"""Of the signal [d], [d], [h], [ppm]."""
_NOISE, _CADENCE, _DAYS = 2e-4, 0.02, 27.0
_GAP = (12.5, 14.5)


def _curve() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return times, fluxes and the trend of a curve with a gap in its middle."""
    time = np.arange(0, _DAYS, _CADENCE)
    time = time[(time < _GAP[0]) | (time > _GAP[1])]
    trend = 1 + 2e-3 * np.sin(time / 4)
    noise = np.random.default_rng(1).normal(0, _NOISE, len(time))
    return time, trend * (1 + noise - _dip(_phase(time) * 24)), trend


def _phase(time: NDArray[np.float64], period: float = PERIOD) -> NDArray[np.float64]:
    return np.asarray((time - EPOCH + period / 2) % period - period / 2)


def _dip(hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a trapezoid whose ingress is a fifth of its duration."""
    return DEPTH * 1e-6 * np.clip((DURATION / 2 - abs(hours)) / (DURATION / 5), 0, 1)


def _bins(
    prefix: str, phase: NDArray[np.float64], flux: NDArray[np.float64], reach: float, count: int
) -> dict[str, Any]:
    """Return means with their errors in bins from one reach to the other."""
    edges = np.linspace(-reach, reach, count + 1)
    place = np.digitize(phase, edges) - 1
    there = [n for n in range(count) if np.any(place == n)]
    middles = (edges[:-1] + edges[1:]) / 2
    return {
        f"{prefix}_phase": [float(middles[n]) for n in there],
        f"{prefix}_flux": [float(flux[place == n].mean()) for n in there],
        f"{prefix}_error": [float(_NOISE / np.sqrt((place == n).sum())) for n in there],
    }


def _strengths(period: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    periods = np.geomspace(0.5, 14, 3000)
    noise = np.random.default_rng(2).gumbel(3, 0.4, len(periods))
    peaks = [(1, 24.0), (0.5, 12.0), (2, 15.0)]
    shapes = [high * np.exp(-((np.log(periods / period / n) / 0.004) ** 2)) for n, high in peaks]
    return periods, noise + np.sum(shapes, axis=0)


def a_star(number: int = 1, **fields: Any) -> StarRecord:
    """Return a star of whose curve each point is kept but one."""
    time, flux, trend = _curve()
    kept = np.ones(len(time), dtype=bool)
    kept[100] = False
    periods, strengths = _strengths(PERIOD)
    star = StarRecord(
        number=number,
        name=f"TIC {1000 + number}",
        file=f"star-{number}.fits",
        notes=["Times are read as BTJD.", "Points with a quality flag are left out: 12 of 1262."],
        points=len(time),
        span=float(time[-1] - time[0]),
        cadence=_CADENCE,
        time_name="BTJD",
        time_zero=2457000.0,
        scatter=_NOISE,
        time=time.tolist(),
        flux=flux.tolist(),
        trend=trend.tolist(),
        kept=kept.tolist(),
        periods=periods.tolist(),
        strengths=strengths.tolist(),
        limit=7.0,
        numbers=[number],
    )
    return replace(star, **fields)


def a_refused_star(number: int, refusal: str = "It has only 3 points.") -> StarRecord:
    """Return a star whose curve could not be used."""
    return StarRecord(number=number, name=f"TIC {1000 + number}", file="few.csv", refusal=refusal)


def a_signal(number: int = 1, star: int = 1, **fields: Any) -> SignalRecord:
    """Return a signal with all that is drawn of one."""
    time, flux, trend = _curve()
    flat, phase = flux / trend - 1, _phase(time)
    hours, transit = phase * 24, np.round((time - EPOCH) / PERIOD).astype(int)
    near, inside = abs(hours) < 3 * DURATION, abs(hours) < 0.4 * DURATION
    odd = transit % 2 == 1
    periods, strengths = _strengths(PERIOD)
    folded = _bins("near", hours[near], flat[near], 3 * DURATION, 45)
    there = sorted({int(n) for n in transit[inside]})
    shift = np.where(abs(np.array(folded["near_phase"])) < DURATION / 2, 4.0, 0.0)
    signal = SignalRecord(
        number=number,
        star=star,
        of_star=1,
        given=False,
        detected=True,
        period=PERIOD,
        epoch=EPOCH,
        duration=DURATION,
        depth=DEPTH,
        strength=24.0,
        false_alarm=1e-6,
        shorter=[PERIOD / 3],
        periods=periods.tolist(),
        strengths=strengths.tolist(),
        points_phase=hours[near].tolist(),
        points_flux=flat[near].tolist(),
        **folded,
        near_model=(-_dip(np.array(folded["near_phase"]))).tolist(),
        **_bins("whole", phase / PERIOD, flat, 0.5, 120),
        **_bins("odd", hours[near & odd], flat[near & odd], 3 * DURATION, 45),
        **_bins("even", hours[near & ~odd], flat[near & ~odd], 3 * DURATION, 45),
        secondary_at=0.4,
        **_bins("secondary", hours[near], flat[::-1][: near.sum()], 3 * DURATION, 45),
        transit_number=there,
        transit_time=[EPOCH + n * PERIOD for n in there],
        transit_depth=[float(-flat[inside & (transit == n)].mean()) for n in there],
        transit_error=[float(_NOISE / np.sqrt((inside & (transit == n)).sum())) for n in there],
        each_number=transit[near].tolist(),
        each_phase=hours[near].tolist(),
        each_flux=flat[near].tolist(),
        centroid_phase=folded["near_phase"],
        centroid_column=shift.tolist(),
        centroid_row=(-0.5 * shift).tolist(),
    )
    return replace(signal, **fields)


def keep_records(
    session: Session, stars: Sequence[StarRecord], signals: Sequence[SignalRecord]
) -> None:
    """Let a completed session have found these signals in the curves of these stars."""
    write_records(storage.results_folder(session.pk), stars, signals)


def write_records(
    folder: Path, stars: Sequence[StarRecord], signals: Sequence[SignalRecord]
) -> None:
    """Write records into the folder of a result."""
    with RecordWriter(folder / STARS, StarRecord) as writer:
        writer.write(stars)
    with RecordWriter(folder / SIGNALS, SignalRecord) as writer:
        writer.write(signals)
