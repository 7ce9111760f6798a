"""What brightness is measured in: a wrong guess would scale every transit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import NOISE, csv, flux_of, times

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.lightcurves.light_curve import LightCurve

TIME = times()
FLUX = flux_of(TIME) / np.median(flux_of(TIME))


def read(folder: Path, heading: str, flux: Any, error: Any = None) -> LightCurve:
    headings, errors = (
        (f"time,{heading}", ())
        if error is None
        else (
            f"time,{heading},error",
            (np.broadcast_to(error, len(TIME)),),
        )
    )
    return read_light_curve([csv(folder / "curve", headings, TIME, flux, *errors)])


@pytest.mark.parametrize(
    ("heading", "flux", "error"),
    [
        ("flux", FLUX, NOISE),
        ("flux", 5e5 * FLUX, 5e5 * NOISE),
        ("flux", 3e-12 * FLUX, 3e-12 * NOISE),
        ("flux (e-/s)", 640 * FLUX, 640 * NOISE),
        ("flux [electron / s]", 640 * FLUX, 640 * NOISE),
        ("flux (ppm)", 1e6 * (FLUX - 1), 1e6 * NOISE),
        ("flux (ppm)", 1e6 * FLUX, 1e6 * NOISE),
        ("flux_ppm", 1e6 * (FLUX - 1), 1e6 * NOISE),
        ("flux (percent)", 100 * (FLUX - 1), 100 * NOISE),
        ("flux (%)", 100 * FLUX, 100 * NOISE),
        ("flux (ppt)", 1e3 * (FLUX - 1), 1e3 * NOISE),
        ("flux (relative)", FLUX - 1, NOISE),
        ("flux", FLUX - 1, NOISE),
        ("mag", 12.3 - 2.5 * np.log10(FLUX), 2.5 / np.log(10) * NOISE),
        ("flux (mag)", -2.5 * np.log10(FLUX), 2.5 / np.log(10) * NOISE),
        ("flux (mmag)", -2500 * np.log10(FLUX), 2500 / np.log(10) * NOISE),
    ],
)
def test_every_scale_means_the_same_relative_flux(
    tmp_path: Path, heading: str, flux: Any, error: float
) -> None:
    curve = read(tmp_path, heading, flux, error)
    assert curve.flux == pytest.approx(FLUX, abs=1e-7)
    assert curve.error == pytest.approx(np.full(len(TIME), NOISE), rel=0.01)


def test_what_was_taken_for_granted_is_said(tmp_path: Path) -> None:
    assert (
        "The fluxes lie around 0 and were taken for relative differences: 1 was added."
        in read(tmp_path, "flux", FLUX - 1).notes
    )
    assert "Magnitudes were converted to relative fluxes." in read(tmp_path, "mag", FLUX).notes
    note = "The fluxes are in ppm, around 0: 1 was added."
    assert note in read(tmp_path, "flux (ppm)", 1e6 * (FLUX - 1)).notes


@pytest.mark.parametrize("scale", [1e2, 1e6])
def test_differences_in_a_unit_that_nothing_says_are_asked_for(
    tmp_path: Path, scale: float
) -> None:
    with pytest.raises(DataError, match=r"lie around 0, from .* and nothing says in what unit: "):
        read(tmp_path, "flux", scale * (FLUX - 1))


def test_a_star_that_varies_much_is_no_difference_from_1(tmp_path: Path) -> None:
    varying = FLUX * (1 + 0.6 * np.sin(TIME))
    curve = read(tmp_path, "flux", varying)
    assert np.ptp(curve.flux) == pytest.approx(np.ptp(varying) / np.median(varying), rel=1e-6)


def test_a_flux_below_nothing_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='"flux \\(e-/s\\)" have the median -3, and so cannot be'):
        read(tmp_path, "flux (e-/s)", FLUX - 4)


def test_a_constant_flux_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^The flux is the same at all times"):
        read(tmp_path, "flux", np.ones(len(TIME)))


@pytest.mark.parametrize("error", [0.0, np.nan, NOISE / 30, NOISE * 30])
def test_errors_that_cannot_be_are_estimated(tmp_path: Path, error: float) -> None:
    curve = read(tmp_path, "flux", FLUX, error)
    assert np.median(curve.error) == pytest.approx(NOISE, rel=0.1)
    assert curve.notes[-1].endswith("estimated from the scatter between neighbouring points.")


def test_single_errors_that_cannot_be_are_estimated_alone(tmp_path: Path) -> None:
    error = np.full(len(TIME), NOISE * 1.5)
    error[:3] = 0
    curve = read(tmp_path, "flux", FLUX, error)
    assert curve.error[3] == pytest.approx(NOISE * 1.5)
    assert curve.error[0] == pytest.approx(NOISE, rel=0.1)
    assert curve.notes[-1].startswith("3 errors that cannot be right, estimated")


def test_a_trend_does_not_make_the_errors_larger(tmp_path: Path) -> None:
    curve = read(tmp_path, "flux", FLUX + 0.005 * np.sin(TIME))
    assert np.median(curve.error) == pytest.approx(NOISE, rel=0.3)
