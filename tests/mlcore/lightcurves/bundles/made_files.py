"""Files of light curves as people send them, of curves that are known exactly."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from mlcore.lightcurves.ephemeris import Ephemeris
from tests.mlcore.lightcurves.made_curves import dip, noise_of, times, triangle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PLANET", "TOO_FEW", "binary_of", "csv_of", "labelled", "zipped"]

PLANET = Ephemeris(period=2.1, epoch=132.2, duration=0.12)
TOO_FEW = b"time [BKJD],flux\n1,1\n2,1\n3,1\n"
"""A light curve that is too short for everything."""


def csv_of(
    planet: Ephemeris | None = PLANET, *, depth: float = 5e-3, days: float = 12, seed: int = 0
) -> bytes:
    """Return a light curve as text, with a planet or with noise alone."""
    time = times(days)
    flux = 1 + noise_of(time, seed)
    if planet is not None:
        flux -= dip(time, planet, depth)
    return _in_text(time, flux)


def binary_of(seed: int) -> bytes:
    """Return the light curve of two stars that graze each other."""
    time = times(12)
    return _in_text(time, 1 + noise_of(time, seed) - triangle(time, PLANET, 2e-2 + 1e-4 * seed))


def _in_text(time: NDArray[np.float64], flux: NDArray[np.float64]) -> bytes:
    rows = (f"{at:.6f},{of:.7f}" for at, of in zip(time, flux, strict=True))
    return "\n".join(["time [BKJD],flux", *rows, ""]).encode()


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """Write an archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def labelled(path: Path, seeds: range) -> Path:
    """Write an archive of planets and as many binaries, with their dispositions."""
    members: dict[str, bytes | str] = {}
    rows = ["file,period,epoch,duration,disposition"]
    for seed in seeds:
        for kind, word in (("planet", "CONFIRMED"), ("binary", "FALSE POSITIVE")):
            name = f"{kind}-{seed}.csv"
            planet = kind == "planet"
            members[name] = (
                csv_of(seed=seed, depth=5e-3 + 1e-4 * seed) if planet else binary_of(seed)
            )
            rows.append(f"{name},2.1,132.2,2.88,{word}")
    return zipped(path, members | {"signals.csv": "\n".join(rows)})
