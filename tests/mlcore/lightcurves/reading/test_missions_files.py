"""Files in the shapes of MAST's archive, and the real ones where they are at hand."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from mlcore.errors import DataError
from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import (
    NOISE,
    flux_of,
    kepler_file,
    qlp_file,
    tess_file,
    times,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_keplers_quarters_are_stitched_each_relative_to_its_median(tmp_path: Path) -> None:
    paths = [
        kepler_file(tmp_path / "later", quarter=4, start=352.4, level=60000),
        kepler_file(tmp_path / "earlier", quarter=3, start=260.2, level=40000),
    ]
    curve = read_light_curve(paths)
    assert curve.segment_names == ("quarter 3", "quarter 4")
    assert (np.diff(curve.time) > 0).all()
    assert (np.diff(curve.segment) >= 0).all()
    for code in (0, 1):
        assert np.median(curve.flux[curve.segment == code]) == pytest.approx(1, abs=1e-7)
    assert curve.error == pytest.approx(np.full(len(curve.time), NOISE), rel=1e-3)
    assert (curve.time_zero, curve.time_name) == (2454833, "BKJD")
    assert curve.mission == "Kepler"
    assert curve.star == Star(
        name="KIC 11442793", teff=5970, log_g=4.317, radius=1.2, magnitude=13.804
    )
    assert curve.cadence == pytest.approx(0.0204)
    assert 'The brightness is that of the column "PDCSAP_FLUX".' in curve.notes


def test_the_motion_that_all_stars_share_is_no_centroids(tmp_path: Path) -> None:
    centroid = read_light_curve([kepler_file(tmp_path / "one")]).centroid
    assert centroid is not None
    assert centroid.column == pytest.approx(np.full(len(centroid.column), 472), abs=1e-6)
    assert centroid.row == pytest.approx(np.full(len(centroid.row), 481), abs=1e-6)


def test_keplers_flags_leave_out_what_is_useless_and_nothing_else(tmp_path: Path) -> None:
    # Of the bits that follow, a cosmic ray and a rolling band are no reason.
    path = kepler_file(tmp_path / "one", quality={3: 1, 4: 16384, 5: 1 << 20, 6: 128, 7: 1 << 17})
    curve = read_light_curve([path])
    whole = read_light_curve([kepler_file(tmp_path / "whole")])
    assert len(whole.time) - len(curve.time) == 3
    (note,) = curve.notes[1:]
    assert note == (
        "3 points that Kepler flags as useless left out: attitude tweak 1, detector anomaly 1 and"
        " thruster firing 1."
    )


def test_tess_two_minute_data_keep_their_precision(tmp_path: Path) -> None:
    curve = read_light_curve([tess_file(tmp_path / "lc")])
    assert curve.cadence == pytest.approx(2 / 1440)
    assert (curve.time_zero, curve.time_name, curve.mission) == (2457000, "BTJD", "TESS")
    assert curve.segment_names == ("sector 1",)
    assert curve.star.name == "TIC 260271203"
    assert curve.star.magnitude == pytest.approx(13.42)
    assert curve.notes[1:] == (
        "15 points without a time or a flux left out.",
        "3 points that TESS flags as useless left out: bad calibration 3.",
    )


def test_twenty_seconds_beside_two_minutes_of_one_sector_are_used_once(tmp_path: Path) -> None:
    slow = tess_file(tmp_path / "slow")
    fast = tess_file(tmp_path / "fast", cadence=20 / 86400)
    curve = read_light_curve([slow, fast])
    assert (np.diff(curve.time) > 0).all()
    alone = read_light_curve([slow])
    assert len(curve.time) > len(alone.time)
    assert any("another file has the same times" in note for note in curve.notes)


def test_a_file_that_was_sent_twice_counts_once(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "one")
    curve = read_light_curve([path, path], names=["a.fits", "b.fits"])
    alone = read_light_curve([path])
    assert np.array_equal(curve.flux, alone.flux)
    assert curve.segment_names == ("quarter 3",)
    assert (
        f"{len(alone.time)} points of b.fits left out: another file has the same times."
        in curve.notes
    )


@pytest.mark.parametrize("flux_name", ["KSPSAP_FLUX", "DET_FLUX"])
def test_the_quick_look_pipeline_has_a_flag_of_its_own(tmp_path: Path, flux_name: str) -> None:
    curve = read_light_curve([qlp_file(tmp_path / "qlp", flux_name=flux_name)])
    assert f'The brightness is that of the column "{flux_name}".' in curve.notes
    assert (
        "7 points that the Quick-Look Pipeline flags as useless left out: low precision 7."
        in curve.notes
    )
    assert curve.error[0] == pytest.approx(NOISE, rel=1e-3)
    assert curve.centroid is not None


def test_k2_is_told_by_its_mission_and_its_campaign(tmp_path: Path) -> None:
    path = kepler_file(
        *(tmp_path / "k2",),
        MISSION="K2",
        OBJECT="EPIC 201367065",
        CAMPAIGN=1,
        start=1977.2,
        quarter=-1,
        kepid=201367065,
    )
    curve = read_light_curve([path])
    assert (curve.mission, curve.star.name) == ("K2", "EPIC 201367065")
    assert (curve.time_name, curve.segment_names) == ("BKJD", ("campaign 1",))


def test_a_packed_file_is_read_as_the_file_in_it(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "one")
    (tmp_path / "packed").write_bytes(gzip.compress(path.read_bytes()))
    packed = read_light_curve([tmp_path / "packed"])
    assert np.array_equal(packed.flux, read_light_curve([path]).flux)


def test_two_stars_are_no_light_curve(tmp_path: Path) -> None:
    paths = [
        kepler_file(tmp_path / "a"),
        kepler_file(tmp_path / "b", kepid=757076, quarter=4, start=400),
    ]
    with pytest.raises(DataError) as refused:
        read_light_curve(paths)
    assert str(refused.value) == (
        "The files are of 2 stars, KIC 11442793, KIC 757076: send those of one star."
    )


def test_what_is_wrong_with_one_of_several_files_is_said_of_that_file(tmp_path: Path) -> None:
    good = kepler_file(tmp_path / "good")
    (tmp_path / "bad").write_text("kepid,koi_period\n1,2\n")
    with pytest.raises(DataError, match=r"^mine\.csv: This is a table of objects \(column "):
        read_light_curve([good, tmp_path / "bad"], names=["good.fits", "mine.csv"])


def test_kepler_90_is_read_from_masts_own_files(light_curve_samples: Path) -> None:
    curve = read_light_curve(sorted(light_curve_samples.glob("kplr*.fits")))
    assert len(curve.time) == 9628
    assert curve.segment_names == ("quarter 3", "quarter 4", "quarter 5")
    assert curve.star.name == "KIC 11442793"
    assert curve.star.density == pytest.approx(0.63, abs=0.01)
    # A transit of one of its giants.
    assert curve.flux.min() < 0.994
    assert curve.centroid is not None


def test_a_sector_is_read_from_masts_own_file(light_curve_samples: Path) -> None:
    curve = read_light_curve(list(light_curve_samples.glob("tess*.fits")))
    assert (len(curve.time), curve.segment_names) == (18100, ("sector 1",))
    assert curve.notes[-1] == ("4 points that TESS flags as useless left out: impulsive outlier 4.")


def test_k2_3_is_read_from_numbers_without_headings(light_curve_samples: Path) -> None:
    curve = read_light_curve([light_curve_samples / "EPIC201367065.csv"])
    assert (curve.star.name, curve.mission, curve.time_name) == ("EPIC 201367065", "K2", "BKJD")
    assert len(curve.time) == 3632
    assert np.median(curve.error) == pytest.approx(5.6e-5, rel=0.01)


@pytest.mark.parametrize(
    ("number", "star"),
    [
        (307210830, "TIC 307210830"),
        ("307210830", "TIC 307210830"),
        # More digits than Python makes a whole number of.
        ("9" * 5000, None),
    ],
    ids=["number", "digits", "too many digits"],
)
def test_eleanors_star_is_one_of_tess(tmp_path: Path, number: object, star: str | None) -> None:
    time = times(1350.0)
    columns = [
        fits.Column(name="TIME", format="D", array=time),
        fits.Column(name="CORR_FLUX", format="D", array=flux_of(time, level=900)),
    ]
    primary = fits.PrimaryHDU()
    primary.header["TIC_ID"], primary.header["SECTOR"] = number, 2
    table = fits.BinTableHDU.from_columns(columns)
    fits.HDUList([primary, table]).writeto(tmp_path / "lc")
    curve = read_light_curve(tmp_path / "lc")
    assert (curve.star.name, curve.time_name) == (star, "BTJD" if star else "time")
    assert curve.segment_names == ("sector 2",)
