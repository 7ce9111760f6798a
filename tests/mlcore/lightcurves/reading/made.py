"""Light curves made by hand, and files of them in the missions' shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["NOISE", "csv", "flux_of", "kepler_file", "qlp_file", "tess_file", "times"]

NOISE = 2e-4


def times(start: float = 131.5, *, days: float = 20.0, cadence: float = 0.0204) -> NDArray[Any]:
    return start + np.arange(0, days, cadence)


def flux_of(time: NDArray[Any], *, level: float = 1.0, depth: float = 0.002) -> NDArray[Any]:
    """Return the flux of a star with a transit of 4 hours every 5 days."""
    noise = np.random.default_rng(1).normal(0, NOISE, len(time))
    in_transit = abs((time - time[0] + 2.5) % 5 - 2.5) < 2 / 24
    return level * (1 + noise - depth * in_transit)


def csv(path: Path, names: str, *columns: Any) -> Path:
    rows = [",".join(str(cell) for cell in row) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([*([names] if names else []), *rows]) + "\n")
    return path


def kepler_file(
    path: Path,
    *,
    quarter: int = 3,
    start: float = 260.2,
    kepid: int = 11442793,
    level: float = 40000.0,
    quality: dict[int, int] | None = None,
    **cards: Any,
) -> Path:
    """Write a file as Kepler's pipeline does; `quality` has flags by place."""
    time = times(start)
    flags = np.zeros(len(time), dtype=np.int32)
    for place, value in (quality or {}).items():
        flags[place] = value
    drift = np.linspace(0, 0.1, len(time))
    columns = [
        _column("TIME", "D", time, "BJD - 2454833"),
        _column("TIMECORR", "E", time * 0, "d"),
        _column("CADENCENO", "J", np.arange(len(time))),
        _column("SAP_FLUX", "E", flux_of(time, level=level / 2), "e-/s"),
        _column("SAP_FLUX_ERR", "E", np.full(len(time), level * NOISE / 2), "e-/s"),
        _column("PDCSAP_FLUX", "E", flux_of(time, level=level), "e-/s"),
        _column("PDCSAP_FLUX_ERR", "E", np.full(len(time), level * NOISE), "e-/s"),
        _column("SAP_QUALITY", "J", flags),
        _column("PSF_CENTR1", "D", time * np.nan, "pixel"),
        _column("PSF_CENTR2", "D", time * np.nan, "pixel"),
        _column("MOM_CENTR1", "D", 472 + drift, "pixel"),
        _column("MOM_CENTR2", "D", 481 - drift, "pixel"),
        _column("POS_CORR1", "E", drift, "pixels"),
        _column("POS_CORR2", "E", -drift, "pixels"),
    ]
    head = {
        "TELESCOP": "Kepler",
        "MISSION": "Kepler",
        "OBJECT": f"KIC {kepid}",
        "KEPLERID": kepid,
        "QUARTER": quarter,
        "TEFF": 5970,
        "LOGG": 4.317,
        "RADIUS": 1.2,
        "KEPMAG": 13.804,
    }
    table = {"BJDREFI": 2454833, "BJDREFF": 0.0, "TIMEUNIT": "d"}
    return _written(path, columns, head | cards, table)


def tess_file(path: Path, *, sector: int = 1, cadence: float = 2 / 1440, **cards: Any) -> Path:
    """Write a file as TESS's pipeline does, some cadences without a time."""
    time = times(1325.3, days=3, cadence=cadence)
    flux = flux_of(time, level=640.0)
    time[:10] = np.nan
    flux[10:15] = np.nan
    flags = np.zeros(len(time), dtype=np.int32)
    flags[20:23], flags[30] = 16384, 64
    columns = [
        _column("TIME", "D", time, "BJD - 2457000, days"),
        _column("SAP_FLUX", "E", flux / 2, "e-/s"),
        _column("PDCSAP_FLUX", "E", flux, "e-/s"),
        _column("PDCSAP_FLUX_ERR", "E", np.full(len(time), 640 * NOISE), "e-/s"),
        _column("QUALITY", "J", flags),
    ]
    head = {
        "TELESCOP": "TESS",
        "OBJECT": "TIC 260271203",
        "TICID": 260271203,
        "SECTOR": sector,
        "ORIGIN": "NASA/Ames",
        "TESSMAG": 13.42,
        "TEFF": 5963.0,
        "LOGG": 4.311,
        "RADIUS": 1.21,
    }
    return _written(path, columns, head | cards, {"BJDREFI": 2457000, "BJDREFF": 0.0})


def qlp_file(path: Path, *, flux_name: str = "KSPSAP_FLUX") -> Path:
    """Write a file as the Quick-Look Pipeline does."""
    time = times(1411.0, days=25, cadence=0.0208)
    flags = np.zeros(len(time), dtype=np.int32)
    flags[:7], flags[7:9] = 4096, 16384
    columns = [
        _column("TIME", "D", time, "BJD-2457000, days"),
        _column("SAP_FLUX", "E", flux_of(time) * 1.1),
        _column(flux_name, "E", flux_of(time)),
        _column(f"{flux_name}_ERR", "E", np.full(len(time), NOISE)),
        _column("QUALITY", "J", flags),
        _column("SAP_X", "E", time * 0 + 5),
        _column("SAP_Y", "E", time * 0 + 6),
    ]
    head = {
        "TELESCOP": "TESS",
        "OBJECT": "TIC 1234567",
        "TICID": 1234567,
        "SECTOR": 4,
        "ORIGIN": "MIT/QLP",
    }
    return _written(path, columns, head, {"BJDREFI": 2457000, "BJDREFF": 0.0})


def _column(name: str, kind: str, values: Any, unit: str | None = None) -> fits.Column:
    return fits.Column(name=name, format=kind, array=values, unit=unit)


def _written(path: Path, columns: Any, head: dict[str, Any], table: dict[str, Any]) -> Path:
    primary = fits.PrimaryHDU()
    primary.header.update(head)
    curve = fits.BinTableHDU.from_columns(columns, name="LIGHTCURVE")
    curve.header.update(table)
    aperture = fits.ImageHDU(np.zeros((5, 4), dtype=np.int32), name="APERTURE")
    fits.HDUList([primary, curve, aperture]).writeto(path)
    return path
