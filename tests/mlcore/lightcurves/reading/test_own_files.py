"""Light curves as people save them: text with and without headings, workbooks, arrays."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units
from astropy.table import Table

from mlcore.errors import DataError
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import NOISE, csv, flux_of, times

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TIME = times()
FLUX = flux_of(TIME)
FRAME = pd.DataFrame({"time": TIME, "flux": FLUX, "flux_err": np.full(len(TIME), NOISE)})


def _as_list_parquet(path: Path) -> None:
    columns = {"kepid": [11442793], **{name: [FRAME[name].tolist()] for name in FRAME}}
    pq.write_table(pa.table(columns), path)


def _as_npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, time=TIME, flux=FLUX, flux_err=FRAME["flux_err"])


def _as_compressed_npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, time=TIME, flux=FLUX.reshape(-1, 1), error=FRAME["flux_err"])


def _as_ecsv(path: Path) -> None:
    table = Table.from_pandas(FRAME)
    table["time"].unit = units.d
    table.write(path, format="ascii.ecsv")


WRITERS: dict[str, Callable[[Path], object]] = {
    "CSV": lambda path: FRAME.to_csv(path, index=False),
    "CSV with a comment": lambda path: path.write_text(
        "# made by hand\n" + FRAME.to_csv(index=False)
    ),
    "CSV without headings": lambda path: FRAME.to_csv(path, index=False, header=False),
    "TSV": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "blanks": lambda path: FRAME.to_csv(path, index=False, sep=" "),
    "blanks without headings": lambda path: FRAME.to_csv(path, index=False, sep=" ", header=False),
    "names in a comment": lambda path: path.write_text(
        "# time flux flux_err\n" + FRAME.to_csv(index=False, sep=" ", header=False)
    ),
    "words in a comment": lambda path: path.write_text(
        "# three words here\n" + FRAME.to_csv(index=False, sep=" ", header=False)
    ),
    "German CSV": lambda path: FRAME.to_csv(path, index=False, sep=";", decimal=","),
    "ECSV": _as_ecsv,
    "JSON": lambda path: FRAME.to_json(path, orient="records", double_precision=15),
    "JSON columns": lambda path: FRAME.to_json(path, orient="columns", double_precision=15),
    "Parquet": FRAME.to_parquet,
    "Parquet of lists": _as_list_parquet,
    "XLSX": lambda path: FRAME.to_excel(path, index=False, engine="openpyxl"),
    "VOTable": lambda path: Table.from_pandas(FRAME).write(path, format="votable"),
    "FITS table": lambda path: Table.from_pandas(FRAME).write(path, format="fits"),
    "NPZ": _as_npz,
    "compressed NPZ": _as_compressed_npz,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_one_light_curve_is_read_from_every_format(tmp_path: Path, kind: str) -> None:
    WRITERS[kind](tmp_path / "curve")
    curve = read_light_curve([tmp_path / "curve"])
    assert curve.time == pytest.approx(TIME, abs=1e-9)
    assert curve.flux == pytest.approx(FLUX / np.median(FLUX), abs=1e-9)
    assert curve.error == pytest.approx(np.full(len(TIME), NOISE), rel=1e-3)
    assert curve.segment_names == ("all",)


def test_a_zip_of_one_table_is_that_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "curve", "w") as archive:
        archive.writestr("curve.csv", FRAME.to_csv(index=False))
    assert len(read_light_curve([tmp_path / "curve"]).time) == len(TIME)


def test_a_workbooks_dates_are_times(tmp_path: Path) -> None:
    stamps = pd.to_datetime("2019-03-01") + pd.to_timedelta(TIME - TIME[0], unit="D")
    frame = FRAME.assign(time=stamps.round("s"))
    frame.to_excel(tmp_path / "curve", index=False, engine="openpyxl")
    curve = read_light_curve([tmp_path / "curve"])
    assert curve.time_zero == 2457000
    assert curve.time[0] == pytest.approx(2458543.5 - 2457000 + 69.184 / 86400, abs=1e-6)


def test_numbers_without_headings_are_said_to_be_taken_for_what(tmp_path: Path) -> None:
    curve = read_light_curve([csv(tmp_path / "curve", "", TIME, FLUX)])
    assert curve.notes[0] == ("The file has no headings: its columns were taken for time and flux.")
    assert curve.notes[-1] == (
        "The errors are not stated and were estimated from the scatter between neighbouring points."
    )
    assert np.median(curve.error) == pytest.approx(NOISE, rel=0.1)


def test_numbers_whose_first_column_is_no_time_are_not_guessed_at(tmp_path: Path) -> None:
    csv(tmp_path / "curve", "", FLUX, TIME)
    with pytest.raises(DataError, match="its first column does not ascend as times do"):
        read_light_curve([tmp_path / "curve"])


def test_numbers_that_may_be_magnitudes_need_names(tmp_path: Path) -> None:
    magnitudes = 12.3 - 2.5 * np.log10(FLUX)
    with pytest.raises(DataError, match=r"lies around 12.3, which may be magnitudes or fluxes"):
        read_light_curve(csv(tmp_path / "curve", "", TIME, magnitudes))
    with pytest.raises(DataError, match=r'"brightness" lies around 12.3, which may be magnitudes'):
        read_light_curve(csv(tmp_path / "curve", "time,brightness", TIME, magnitudes))
    called = read_light_curve(csv(tmp_path / "curve", "time,mag", TIME, magnitudes))
    assert called.flux == pytest.approx(FLUX / np.median(FLUX), abs=1e-9)


def test_of_two_columns_of_times_the_one_with_times_counts(tmp_path: Path) -> None:
    nothing = np.full(len(TIME), "")
    path = csv(tmp_path / "curve", "JD,mag,HJD", TIME + 2457000, FLUX, nothing)
    curve = read_light_curve(path)
    assert (len(curve.time), curve.time_name) == (len(TIME), "JD − 2457000")
    with pytest.raises(DataError, match='The column of times, "HJD", is empty'):
        read_light_curve(csv(tmp_path / "none", "JD,mag,HJD", nothing, FLUX, nothing))


def test_the_errors_of_a_flux_are_found_within_its_name(tmp_path: Path) -> None:
    errors = np.full(len(TIME), 1.2 * NOISE)
    headings = "BJD_TDB,rel_flux_T1,rel_flux_err_C2,rel_flux_err_T1"
    curve = read_light_curve(csv(tmp_path / "c", headings, TIME, FLUX, 1.1 * errors, errors))
    assert np.median(curve.error) == pytest.approx(1.2 * NOISE, rel=1e-3)


def test_a_flux_among_several_of_unknown_names_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column of brightness"):
        read_light_curve(csv(tmp_path / "c", "time,flux_of_a,flux_of_b", TIME, FLUX, FLUX))


def test_one_file_may_be_given_by_its_path_alone(tmp_path: Path) -> None:
    path = csv(tmp_path / "curve", "time,flux", TIME, FLUX)
    assert list(read_light_curve(str(path)).time) == list(read_light_curve([path]).time)


def test_four_columns_need_names(tmp_path: Path) -> None:
    csv(tmp_path / "curve", "", TIME, FLUX, FLUX, FLUX)
    with pytest.raises(DataError, match="may have two or three columns of numbers: time, flux and"):
        read_light_curve([tmp_path / "curve"])


@pytest.mark.parametrize(
    ("headings", "flux"),
    [
        ("TIME,SAP_FLUX,PDCSAP_FLUX", "PDCSAP_FLUX"),
        ("time,flux,sap_flux", "flux"),
        ("Time (BJD - 2457000),Normalised flux,x", "Normalised flux"),
        ("BJD - 2457000,flux_norm,e_flux_norm", "flux_norm"),
        ("t,f,e", "f"),
        ("HJD,dmag,mag_err", "dmag"),
        ("bjd_tdb,rel_flux,sigma", "rel_flux"),
        ("BJD_TDB,rel_flux_T1,rel_flux_C2", "rel_flux_T1"),
        ("BJD - 2454833,Corrected Flux,x", "Corrected Flux"),
        ("time,sky_flux_3,flux_of_my_star", "flux_of_my_star"),
    ],
)
def test_headings_are_known_as_people_write_them(tmp_path: Path, headings: str, flux: str) -> None:
    place = headings.split(",").index(flux)
    columns: list[Any] = [TIME, np.full(len(TIME), NOISE), np.full(len(TIME), NOISE)]
    columns[place] = FLUX
    curve = read_light_curve([csv(tmp_path / "curve", headings, *columns)])
    assert f'The brightness is that of the column "{flux}".' in curve.notes


def test_quarters_in_a_column_are_segments(tmp_path: Path) -> None:
    quarter = np.where(TIME[400] > TIME, 3, 4)
    flux = np.where(quarter == 3, 1.0, 1.7) * FLUX
    curve = read_light_curve([csv(tmp_path / "c", "time,flux,quarter", TIME, flux, quarter)])
    assert curve.segment_names == ("quarter 3", "quarter 4")
    assert np.median(curve.flux[curve.segment == 1]) == pytest.approx(1)


def test_a_segment_for_each_point_is_none(tmp_path: Path) -> None:
    number = np.arange(len(TIME))
    curve = read_light_curve([csv(tmp_path / "c", "time,flux,segment", TIME, FLUX, number)])
    assert curve.segment_names == ("all",)
    assert curve.notes[-2] == (
        'The column "segment" was not used: its segments have fewer than 20 points each.'
    )


def test_several_stars_in_one_file_are_named(tmp_path: Path) -> None:
    kepid = np.where(TIME[400] > TIME, 757076, 757099)
    csv(tmp_path / "c", "kepid,time,flux", kepid, TIME, FLUX)
    with pytest.raises(DataError) as refused:
        read_light_curve([tmp_path / "c"])
    assert str(refused.value) == (
        "The file has the light curves of 2 stars: KIC 757076, KIC 757099; send those of one star."
    )


def test_a_light_curve_in_each_row_is_asked_for_one_of_them(tmp_path: Path) -> None:
    rows = [TIME.tolist(), TIME.tolist()]
    pq.write_table(pa.table({"time": rows, "flux": rows}), tmp_path / "c")
    with pytest.raises(DataError, match="has 2 light curves, one in each row: send one of them"):
        read_light_curve([tmp_path / "c"])


def test_a_centroid_in_a_table_is_read(tmp_path: Path) -> None:
    names = "time,flux,centroid_col,centroid_row"
    curve = read_light_curve([csv(tmp_path / "c", names, TIME, FLUX, TIME * 0 + 5, TIME)])
    assert curve.centroid is not None
    assert curve.centroid.row == pytest.approx(TIME)
