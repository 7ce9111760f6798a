"""How long a light curve has to be, and how long it may be, declared in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CURVE_LIMITS", "CurveLimits"]


def _limit(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveLimits:
    """What a light curve is refused below and beyond."""

    min_points: int = _limit(100, "Points that a search for transits needs.")
    min_span: float = _limit(1.0, "Days from the first to the last point that it needs.")
    max_points: int = _limit(5_000_000, "Points of all files of a star together.")
    max_files: int = _limit(100, "Files of one star.")
    max_span: float = _limit(20_000.0, "Days from the first to the last point.")
    min_cadence: float = _limit(1 / 86_400, "Days from one point to the next, as a rule.")
    max_cadence: float = _limit(0.25, "Days from one point to the next, as a rule.")
    max_stars: int = _limit(1_000, "Stars of an archive of light curves.")
    star_bytes: int = _limit(200 * 10**6, "Bytes of a star's files in an archive, unpacked.")
    npz_bytes: int = _limit(200 * 10**6, "Bytes of an NPZ file's arrays, unpacked.")


CURVE_LIMITS = CurveLimits()
