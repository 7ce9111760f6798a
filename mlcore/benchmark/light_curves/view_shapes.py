"""Numbers that say what the folded views of many events look like, all events at once.

Views are scaled to a median of 0 and a depth of 1: the global one is the whole orbit, the local and
the secondary one are four durations around the transit and around what is deepest elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["close_shapes", "orbit_shapes"]

_NARROWEST = 0.012
"""Of the orbit, on either side of the transit, that is never counted as outside."""
_ZONES = {
    "core": (0.0, 0.2),
    "middle": (0.2, 0.35),
    "edge": (0.35, 0.5),
    "contact": (0.5, 0.65),
    "shoulder": (0.65, 0.85),
    "beside": (0.85, 1.2),
    "far": (1.2, 2.1),
}
"""Distances from the middle of a close view [durations]."""
_OUTSIDE = 0.8
"""Distance from which a close view shows no transit [durations]."""
_PERCENTILES = (1, 5, 25, 75, 95, 99)
_WAVES = (1, 2, 3, 4)
"""Waves an orbit that are fitted to what is outside the transit."""
_POWERS = {"slow": (1, 4), "quick": (4, 15), "quickest": (50, None)}
"""Waves an orbit whose power is added up."""
_DURATIONS = 0.4 * 1.17 ** np.arange(11)
_INGRESSES = np.array([0.01, 0.05, 0.1, 0.18, 0.27, 0.37, 0.5])
"""As shares of the duration; a half is a V."""
_MOVED = np.array([-0.16, -0.08, 0.0, 0.08, 0.16])
"""By how many durations the dip may be off the middle."""
_LEAST = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Trapezoids:
    """Dips of many shapes, on the points of a close view."""

    duration: NDArray[np.float64]
    ingress: NDArray[np.float64]
    moved: NDArray[np.float64]
    shape: NDArray[np.float64]
    """Of unit depth, mean taken off, shape ``(k, m)``."""


def orbit_shapes(
    view: NDArray[np.float64], duty: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return what the whole orbit looks like: scatter, other dips, waves, likeness to itself.

    Parameters
    ----------
    view
        Flux along the orbit, transit in the middle, shape ``(n, m)``.
    duty
        Share of the orbit that the transit takes, shape ``(n,)``.
    """
    points = view.shape[1]
    phase = (np.arange(points) + 0.5) / points - 0.5
    away = np.abs(phase)[None, :]
    outside = away > np.maximum(1.2 * duty, _NARROWEST)[:, None]
    outside[outside.sum(axis=1) < points // 7] = np.abs(phase) > 0.2
    count = outside.sum(axis=1)
    rest = np.where(outside, view, np.nan)
    level = np.nanmedian(rest, axis=1)
    quiet = np.where(outside, view - level[:, None], 0.0)
    spread = np.sqrt((quiet**2).sum(axis=1) / count)
    numbers = {
        "level": level,
        "deviation": _robust(rest),
        "spread": spread,
        "from_point_to_point": _robust(np.diff(view, axis=1)) / np.sqrt(2),
        "highest": view.max(axis=1),
        "lowest": view.min(axis=1),
        "half_deep": (view < -0.5).mean(axis=1),
        "third_deep": (view < -0.3).mean(axis=1),
        "half_high": (view > 0.5).mean(axis=1),
        "skewness": (quiet**3).sum(axis=1) / count / np.maximum(spread**3, _LEAST),
        "kurtosis": (quiet**4).sum(axis=1) / count / np.maximum(spread**4, _LEAST),
        "mirrored": _likeness(view, view[:, ::-1]),
        "mirrored_outside": _likeness(quiet, quiet[:, ::-1]),
        "half_an_orbit_outside": _likeness(quiet, np.roll(quiet, points // 2, axis=1)),
    }
    numbers["deep_in_transits"] = numbers["half_deep"] / np.maximum(duty, 0.005)
    for percent in _PERCENTILES:
        numbers[f"percentile_{percent}"] = np.percentile(view, percent, axis=1)
    for part in (2, 3, 4):
        numbers[f"turned_{part}"] = _likeness(view, np.roll(view, points // part, axis=1))
    for lag in (1, 3, 10):
        numbers[f"lag_{lag}"] = _likeness(view[:, lag:], view[:, :-lag])
        numbers[f"lag_{lag}_outside"] = _likeness(quiet[:, lag:], quiet[:, :-lag])
    for wave in _WAVES:
        cosine, sine = (
            2 * (quiet * turn(2 * np.pi * wave * phase)).sum(axis=1) / count
            for turn in (np.cos, np.sin)
        )
        numbers[f"cosine_{wave}"], numbers[f"sine_{wave}"] = cosine, np.abs(sine)
        numbers[f"wave_{wave}"] = np.hypot(cosine, sine) / np.maximum(spread, 1e-3)
    power = np.abs(np.fft.rfft(view - view.mean(axis=1, keepdims=True), axis=1)) ** 2
    total = np.maximum(power.sum(axis=1), _LEAST)
    for name, (low, high) in _POWERS.items():
        numbers[f"power_{name}"] = power[:, low:high].sum(axis=1) / total
    numbers["power_even"] = power[:, 2::2].sum(axis=1) / total
    numbers["power_peak"] = power[:, 1:].max(axis=1) / total
    numbers["waves_of_peak"] = power[:, 1:].argmax(axis=1) + 1.0
    return numbers | _dips(view, duty, phase, outside)


def _dips(
    view: NDArray[np.float64],
    duty: NDArray[np.float64],
    phase: NDArray[np.float64],
    outside: NDArray[np.bool_],
) -> dict[str, NDArray[np.float64]]:
    """Return the deepest dips of a duration: the transit's, the next one's, the one's after it."""
    smooth = _smoothed(view, np.maximum(1, np.round(duty * view.shape[1])).astype(np.int64))
    kept = np.where(outside, smooth, np.nan)
    noise = np.maximum(_robust(kept), 1e-3)
    away = np.abs(phase)[None, :]
    inside = away <= np.maximum(0.5 * duty, 0.006)[:, None]
    far = away > np.maximum(1.5 * duty, 0.02)[:, None]
    rows = np.arange(len(view))
    first = -np.where(inside, smooth, np.inf).min(axis=1)
    place = np.where(far, smooth, np.inf).argmin(axis=1)
    some = np.asarray(far.any(axis=1))
    second = np.where(some, -smooth[rows, place], np.nan)
    apart = np.abs((phase[None, :] - phase[place][:, None] + 0.5) % 1 - 0.5)
    others = far & (apart > np.maximum(1.5 * duty, 0.02)[:, None])
    third = _where(np.asarray(others.any(axis=1)), -np.where(others, smooth, np.inf).min(axis=1))
    bump = _where(some, np.where(far, smooth, -np.inf).max(axis=1))
    near_half = away > 0.5 - np.maximum(duty / 2, 0.008)[:, None]
    return {
        "noise_of_averages": noise,
        "first": first,
        "first_strength": first / noise,
        "second": second,
        "second_strength": second / noise,
        "second_phase": np.abs(phase[place]),
        "third": third,
        "second_beyond_third": second - third,
        "second_beyond_third_strength": (second - third) / noise,
        "bump": bump,
        "bump_strength": bump / noise,
        "uniqueness": (first - np.fmax(np.fmax(third, 0.0), bump)) / noise,
        "half_an_orbit_later": -np.where(near_half, view, 0.0).sum(axis=1) / near_half.sum(axis=1),
    }


def close_shapes(view: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return what a dip looks like: its zones, its sides, and the trapezoid that fits it best.

    Parameters
    ----------
    view
        Flux within two durations of the middle, shape ``(n, m)``.
    """
    points = view.shape[1]
    at = np.linspace(-2, 2, points)
    away = np.abs(at)
    around = view[:, away > _OUTSIDE]
    spread = np.maximum(around.std(axis=1), _LEAST)
    numbers = {
        "deviation": _robust(around),
        "spread": spread,
        "from_point_to_point": _robust(np.diff(view, axis=1)) / np.sqrt(2),
        "highest": view.max(axis=1),
        "lowest": view.min(axis=1),
        "lowest_at": away[view.argmin(axis=1)],
        "lag_1": _likeness(view[:, 1:], view[:, :-1]),
        "mirrored": _likeness(view, view[:, ::-1]),
        "skewness": ((around - around.mean(axis=1, keepdims=True)) ** 3).mean(axis=1) / spread**3,
    }
    for name, (low, high) in _ZONES.items():
        zone = (away >= low) & (away < high)
        numbers[name] = view[:, zone].mean(axis=1)
        sides = [view[:, zone & side].mean(axis=1) for side in (at < 0, at > 0)]
        numbers[f"{name}_asymmetry"] = np.abs(sides[0] - sides[1])
    curved, sloped, _ = np.polyfit(at[away > _OUTSIDE], around.T, 2)
    numbers["slope"], numbers["curvature"] = np.abs(sloped), curved
    width = {share: (view < -share).mean(axis=1) for share in (0.25, 0.5, 0.75)}
    for share, part in width.items():
        numbers[f"width_{share:g}"] = part
    numbers["boxiness"] = (width[0.75] + 0.01) / (width[0.25] + 0.01)
    return numbers | _best_trapezoid(view, at)


def _best_trapezoid(
    view: NDArray[np.float64], at: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return the trapezoid of least squares, its depth and level free."""
    dips = _trapezoids(at)
    centred = view - view.mean(axis=1, keepdims=True)
    squares = (dips.shape**2).sum(axis=1)
    along = centred @ dips.shape.T
    # No dip fits better upside down.
    gain = np.where(along < 0, along**2, 0.0) / squares
    best = gain.argmax(axis=1)
    rows = np.arange(len(view))
    depth = -along[rows, best] / squares[best]
    whole = (centred**2).sum(axis=1)
    left = np.maximum(whole - gain[rows, best], 0.0)
    error = np.sqrt(left / view.shape[1])
    duration, ingress = dips.duration[best], dips.ingress[best]
    return {
        "trapezoid_duration": duration,
        "trapezoid_ingress": ingress,
        "trapezoid_ingress_time": ingress * duration,
        "trapezoid_floor": duration * (1 - 2 * ingress),
        "trapezoid_depth": depth,
        "trapezoid_moved": np.abs(dips.moved[best]),
        "trapezoid_left": left / np.maximum(whole, _LEAST),
        "trapezoid_error": error,
        "trapezoid_strength": depth / np.maximum(error, 1e-3),
    }


def _trapezoids(at: NDArray[np.float64]) -> _Trapezoids:
    duration, ingress, moved = (
        part.ravel() for part in np.meshgrid(_DURATIONS, _INGRESSES, _MOVED, indexing="ij")
    )
    from_contact = duration[:, None] / 2 - np.abs(at[None, :] - moved[:, None])
    shape = np.clip(from_contact / (ingress * duration)[:, None], 0.0, 1.0)
    return _Trapezoids(
        duration=duration,
        ingress=ingress,
        moved=moved,
        shape=shape - shape.mean(axis=1, keepdims=True),
    )


def _smoothed(view: NDArray[np.float64], width: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return running means over each row's own width, once around the orbit."""
    points = view.shape[1]
    sums = np.cumsum(np.hstack([np.zeros((len(view), 1)), view, view, view]), axis=1)
    begin = points + np.arange(points)[None, :] - (width // 2)[:, None]
    upper = np.take_along_axis(sums, begin + width[:, None], axis=1)
    return np.asarray((upper - np.take_along_axis(sums, begin, axis=1)) / width[:, None])


def _robust(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scaled median deviation of each row, NaN left out."""
    middle = np.nanmedian(values, axis=1, keepdims=True)
    return np.asarray(1.4826 * np.nanmedian(np.abs(values - middle), axis=1))


def _likeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of each row with the other's."""
    one, other = (part - part.mean(axis=1, keepdims=True) for part in (one, other))
    both = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(both, _LEAST))


def _where(known: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(known, values, np.nan)
