"""Files that are damaged, claim what they do not have, or are something else."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from mlcore.datasets import NotATableError
from mlcore.errors import DataError
from mlcore.lightcurves.reading.columns import NotALightCurveError
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import csv, flux_of, kepler_file, times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIME = times()


def npz(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, stored in members.items():
            archive.writestr(f"{name}.npy", stored)
    return path


def npy(array: object) -> bytes:
    stored = io.BytesIO()
    np.save(stored, array, allow_pickle=True)
    return stored.getvalue()


def header(shape: str, kind: str = "<f8") -> bytes:
    said = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    said = said.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(said).to_bytes(2, "little") + said


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_a_truncated_fits_file_is_damaged(tmp_path: Path, share: float) -> None:
    whole = kepler_file(tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(share * 60000)])
    with pytest.raises(NotATableError, match=r"^The FITS file (is damaged|has no table)"):
        read_light_curve([tmp_path / "cut"])


def test_a_fits_file_of_images_has_no_light_curve(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((20, 20))).writeto(tmp_path / "image")
    with pytest.raises(NotATableError, match=r"^The FITS file has no table extension"):
        read_light_curve([tmp_path / "image"])


def test_a_fits_table_that_claims_more_rows_than_it_has_is_damaged(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "curve")
    stored = path.read_bytes()
    at = stored.index(b"NAXIS2  =")
    claimed = b"NAXIS2  =               900000"
    path.write_bytes(stored[:at] + claimed + stored[at + len(claimed) :])
    with pytest.raises(NotATableError, match=r"^The FITS file is damaged"):
        read_light_curve([path])


def test_a_pickle_in_an_npz_file_is_never_loaded(tmp_path: Path) -> None:
    touched = tmp_path / "touched"

    class Harmful:
        def __reduce__(self) -> tuple[object, ...]:
            return type(touched).touch, (touched,)

    objects = np.array([Harmful()] * 3, dtype=object)
    path = npz(tmp_path / "curve", time=npy(TIME), flux=npy(objects))
    with pytest.raises(DataError) as refused:
        read_light_curve([path])
    assert str(refused.value) == (
        'The array "flux" of the NPZ file holds Python objects; allowed are numbers.'
    )
    assert not touched.exists()


def test_an_array_that_claims_to_be_endless_is_not_made(tmp_path: Path) -> None:
    path = npz(tmp_path / "curve", time=npy(TIME), flux=header("(1000000000000,)"))
    with pytest.raises(
        DataError, match='"flux" of the NPZ file has more than the 5,000,000 points'
    ):
        read_light_curve([path])


@pytest.fixture
def few_bytes() -> Iterator[None]:
    before = CURVE_LIMITS.npz_bytes
    object.__setattr__(CURVE_LIMITS, "npz_bytes", 10**5)
    yield
    object.__setattr__(CURVE_LIMITS, "npz_bytes", before)


@pytest.mark.usefixtures("few_bytes")
def test_arrays_that_unpack_to_too_much_are_not_unpacked(tmp_path: Path) -> None:
    path = npz(tmp_path / "curve", time=npy(np.zeros(10**6)), flux=npy(np.zeros(10**6)))
    assert path.stat().st_size < 10**5
    with pytest.raises(DataError, match=r"are larger than the 0.1 MB that they may be"):
        read_light_curve([path])


@pytest.mark.parametrize(
    ("flux", "sentence"),
    [
        (npy(TIME)[:-50], "The NPZ file is damaged: its arrays cannot be read."),
        (b"nothing", "The NPZ file is damaged: its arrays cannot be read."),
        (header("(-1,)"), "The NPZ file is damaged: its arrays cannot be read."),
        (
            header("(5,)", "<U99999"),
            'The array "flux" of the NPZ file has words that are too long.',
        ),
        (
            npy(TIME[:-1]),
            "The arrays of the light curve have different lengths: time 981, flux 980.",
        ),
        (
            npy(np.ones((3, 3))),
            'The array "flux" of the NPZ file has the shape (3, 3); allowed is one number',
        ),
        (npy(TIME * 1j), 'The array "flux" of the NPZ file holds values of the type complex128;'),
    ],
    ids=["cut", "no array", "negative", "words", "shorter", "square", "complex"],
)
def test_what_is_wrong_with_an_array_is_said(tmp_path: Path, flux: bytes, sentence: str) -> None:
    path = npz(tmp_path / "curve", time=npy(TIME), flux=flux)
    with pytest.raises(DataError) as refused:
        read_light_curve([path])
    assert str(refused.value).startswith(sentence)


def test_a_catalogue_is_called_one(tmp_path: Path) -> None:
    path = csv(tmp_path / "koi.csv", "kepid,koi_period,koi_depth", [1, 2], [3.5, 4.5], [100, 200])
    with pytest.raises(NotALightCurveError) as refused:
        read_light_curve([path])
    assert str(refused.value) == (
        'This is a table of objects (column "koi_period") rather than a light curve, which has a'
        " row for each time, with columns such as time and flux."
    )


def test_a_catalogue_under_a_comment_is_not_taken_for_times(tmp_path: Path) -> None:
    (tmp_path / "koi").write_text("# period depth\n" + "".join(f"{n} 5\n" for n in range(200)))
    with pytest.raises(NotALightCurveError, match=r"^This is a table of objects \(column"):
        read_light_curve([tmp_path / "koi"])


def test_a_catalogue_without_periods_is_called_one_too(tmp_path: Path) -> None:
    path = csv(tmp_path / "stars.csv", "kepid,teff,radius", [1, 2], [5000, 6000], [1, 2])
    with pytest.raises(NotALightCurveError, match=r"^This is a table of objects rather than "):
        read_light_curve([path])


@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        ("when,flux", "The file has no column of times, such as time, BJD, BTJD or MJD, which"),
        ("time,temperature", "The file has no column of brightness, such as flux or mag, which"),
    ],
)
def test_a_column_that_is_missing_is_named(tmp_path: Path, headings: str, sentence: str) -> None:
    (tmp_path / "c").write_text(f"{headings}\nnow,1\nthen,2\n")
    with pytest.raises(DataError) as refused:
        read_light_curve([tmp_path / "c"])
    assert str(refused.value).startswith(sentence)
    assert str(refused.value).endswith(f"its columns are {headings.replace(',', ', ')}.")


def test_light_curves_in_rows_are_asked_for_one_with_times(tmp_path: Path) -> None:
    names = ",".join(["LABEL", *(f"FLUX.{number}" for number in range(1, 3198))])
    (tmp_path / "c").write_text(f"{names}\n{','.join(['2', *['0.5'] * 3197])}\n")
    with pytest.raises(DataError, match=r"^This is a light curve in each row \(3,197 columns .*"):
        read_light_curve([tmp_path / "c"])


def test_a_name_in_a_header_may_be_anything(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "curve")
    path.write_bytes(path.read_bytes().replace(b"EXTVER  =", b"E*(VER  =", 1))
    assert read_light_curve([path]).star.name == "KIC 11442793"


def test_an_encoding_that_nobody_knows_is_damage(tmp_path: Path) -> None:
    stored = "<?xml version='1.0' encoding='Rtf-8'?><VOTABLE version='1.4'></VOTABLE>"
    (tmp_path / "c").write_text(stored)
    with pytest.raises(NotATableError, match="damaged"):
        read_light_curve([tmp_path / "c"])


def test_a_web_page_is_none(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("<!doctype html><html><body>404</body></html>")
    with pytest.raises(NotATableError, match="is a web page"):
        read_light_curve([tmp_path / "c"])


def test_an_empty_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"")
    with pytest.raises(NotATableError, match="is empty"):
        read_light_curve([tmp_path / "c"])


def test_headings_without_rows_are_none(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("time,flux\n")
    with pytest.raises(DataError, match="no points"):
        read_light_curve([tmp_path / "c"])


def test_words_instead_of_fluxes_are_no_points(tmp_path: Path) -> None:
    csv(tmp_path / "c", "time,flux", TIME, ["bright"] * len(flux_of(TIME)))
    with pytest.raises(DataError, match="No point of the light curve has a time and a flux"):
        read_light_curve([tmp_path / "c"])
