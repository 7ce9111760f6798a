"""Which stars' light curves a file or a folder holds."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import NotATableError
from mlcore.errors import DataError
from mlcore.lightcurves.bundles import bundle as bundles
from mlcore.lightcurves.bundles.bundle import (
    StarFiles,
    bundle_in,
    curve_of,
    grouped,
    holds_light_curves,
)
from mlcore.lightcurves.bundles.listing import Listed
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from tests.mlcore.lightcurves.bundles.made_files import csv_of, zipped

if TYPE_CHECKING:
    from pathlib import Path

CURVE = csv_of()
KEPLER_90 = tuple(
    f"kplr011442793-{quarter}_llc.fits"
    for quarter in ("2009350155506", "2010009091648", "2010174085026")
)


def test_a_file_is_one_stars_light_curve(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(CURVE)
    bundle = bundle_in(path, "my star.csv.gz")
    assert bundle.stars == (StarFiles(name="my star", files=("my star.csv.gz",)),)
    assert not bundle.packed
    assert bundle.contents(bundle.stars[0]) == (("my star.csv.gz", CURVE),)


def test_a_file_of_a_mission_is_called_by_its_star(light_curve_samples: Path) -> None:
    for name, star in (
        (KEPLER_90[0], "KIC 11442793"),
        ("EPIC201367065.csv", "EPIC 201367065"),
        ("tess2018206045859-s0001-0000000260271203-0120-s_lc.fits", "TIC 260271203"),
    ):
        assert holds_light_curves(light_curve_samples / name)
        assert [one.name for one in bundle_in(light_curve_samples / name, name).stars] == [star]


def test_all_files_of_a_star_are_one_light_curve(light_curve_samples: Path, tmp_path: Path) -> None:
    members = {f"q/{name}": (light_curve_samples / name).read_bytes() for name in KEPLER_90}
    path = zipped(tmp_path / "upload", members | {"EPIC201367065.csv": CURVE})
    assert holds_light_curves(path)
    bundle = bundle_in(path, "stars.zip")
    assert bundle.packed
    assert bundle.stars == (
        StarFiles(name="EPIC 201367065", files=("EPIC201367065.csv",)),
        StarFiles(name="KIC 11442793", files=tuple(f"q/{name}" for name in KEPLER_90)),
    )
    curve = curve_of(bundle.contents(bundle.stars[1]))
    assert (curve.star.name, curve.mission) == ("KIC 11442793", "Kepler")
    # They are quarters 3, 4 and 5, with a gap between each two.
    assert len(np.unique(curve.segment)) >= 3


def test_files_without_a_stars_name_are_each_of_a_star_of_their_own() -> None:
    stars = grouped(["a/curve.csv", "b/curve.csv", "b/other.fits.gz"])
    assert [(star.name, star.files) for star in stars] == [
        ("curve", ("a/curve.csv",)),
        ("curve", ("b/curve.csv",)),
        ("other", ("b/other.fits.gz",)),
    ]


def test_the_table_beside_them_says_which_files_are_of_one_star() -> None:
    rows = [
        Listed(file="one.csv", star="HD 1", disposition="CANDIDATE"),
        Listed(file="b/two.csv", star="HD 1"),
        Listed(file="three.csv", disposition="CONFIRMED"),
        Listed(star="four"),
    ]
    stars = grouped(["a/one.csv", "b/two.csv", "three.csv", "four.dat", "signals.csv"], rows)
    assert stars == (
        StarFiles(name="HD 1", files=("a/one.csv", "b/two.csv"), listed=(rows[0], rows[1])),
        StarFiles(name="three", files=("three.csv",), listed=(rows[2],)),
        StarFiles(name="four", files=("four.dat",), listed=(rows[3],)),
    )


def test_a_row_of_a_light_curve_that_is_not_there_is_refused() -> None:
    for row, named in ((Listed(file="b.csv"), "b.csv"), (Listed(star="KIC 5"), "KIC 5")):
        with pytest.raises(DataError) as refused:
            grouped(["a.csv"], [row])
        assert str(refused.value) == f"No light curve is there of {named}."


def test_an_archives_table_goes_to_its_stars(tmp_path: Path) -> None:
    table = "file,disposition\na.csv,CONFIRMED\nb.csv,FP\n"
    path = zipped(tmp_path / "a", {"x/a.csv": CURVE, "x/b.csv": CURVE, "x/labels.csv": table})
    assert [[row.disposition for row in star.listed] for star in bundle_in(path, "a").stars] == [
        ["CONFIRMED"],
        ["FALSE POSITIVE"],
    ]
    wrong = zipped(tmp_path / "b", {"a.csv": CURVE, "signals.csv": "file,label\na.csv,maybe\n"})
    with pytest.raises(DataError, match=r"^signals.csv, row 1: the disposition is 'MAYBE'"):
        bundle_in(wrong, "b.zip")


def test_what_operating_systems_leave_behind_is_no_star(tmp_path: Path) -> None:
    junk = ("__MACOSX/._a.csv", ".DS_Store", "x/.DS_Store", "x/._a.csv", "Thumbs.db", "desktop.ini")
    path = zipped(tmp_path / "a", {"x/": b"", "x/a.csv": CURVE} | dict.fromkeys(junk, b"junk"))
    assert [star.files for star in bundle_in(path, "a.zip").stars] == [("x/a.csv",)]
    with pytest.raises(NotATableError, match=r"^The file is an archive with nothing in it; "):
        bundle_in(zipped(tmp_path / "b", dict.fromkeys(junk, b"junk")), "b.zip")


def test_a_table_alone_is_no_light_curve(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^There is no light curve in it\.$"):
        bundle_in(zipped(tmp_path / "a", {"signals.csv": "star\nKIC 5\n"}), "a.zip")


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"a.csv": CURVE})
    content = bytearray(path.read_bytes())
    # What says so is the first bit of the flags, here and in the archive's list.
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert not holds_light_curves(path)
    with pytest.raises(NotATableError, match=r"^The archive is protected by a password"):
        bundle_in(path, "a.zip")


@pytest.mark.parametrize("at", [0, 3, 200])
def test_a_damaged_member_leaves_the_others(at: int, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"a.csv": CURVE, "b.csv": CURVE})
    content = bytearray(path.read_bytes())
    begin = content.index(b"a.csv") + len(b"a.csv")
    content[begin + at : begin + at + 60] = b"\xff" * 60
    path.write_bytes(content)
    assert holds_light_curves(path)
    bundle = bundle_in(path, "a.zip")
    with pytest.raises(DataError) as refused:
        bundle.contents(bundle.stars[0])
    assert str(refused.value) == "The archive is damaged where this light curve is."
    assert bundle.contents(bundle.stars[1]) == (("b.csv", CURVE),)


def test_a_damaged_table_is_told_by_its_name(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"a.csv": CURVE, "signals.csv": "file\na.csv\n"})
    content = bytearray(path.read_bytes())
    begin = content.index(b"signals.csv") + len(b"signals.csv")
    content[begin : begin + 5] = b"\xff" * 5
    path.write_bytes(content)
    with pytest.raises(DataError) as refused:
        bundle_in(path, "a.zip")
    assert str(refused.value) == "The archive is damaged where the table signals.csv is."


def test_half_an_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"a.csv": CURVE})
    path.write_bytes(path.read_bytes()[:-30])
    assert not holds_light_curves(path)
    with pytest.raises(NotATableError, match="damaged"):
        bundle_in(path, "a.zip")


def test_more_stars_than_a_session_searches_are_refused(tmp_path: Path) -> None:
    names = [f"{number}.csv" for number in range(CURVE_LIMITS.max_stars + 1)]
    path = zipped(tmp_path / "a", dict.fromkeys(names, b""))
    with pytest.raises(DataError) as refused:
        bundle_in(path, "a.zip")
    assert str(refused.value) == (
        "There are light curves of 1,001 stars in it; at most 1,000 are searched in one session."
    )
    assert len(grouped(names, most=None)) == CURVE_LIMITS.max_stars + 1


def test_a_star_of_too_many_bytes_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "CURVE_LIMITS", replace(CURVE_LIMITS, star_bytes=1000))
    path = zipped(tmp_path / "a", {"kic 5 a.csv": b" " * 600, "kic 5 b.csv": b" " * 600})
    bundle = bundle_in(path, "a.zip")
    with pytest.raises(DataError) as refused:
        bundle.contents(bundle.stars[0])
    assert str(refused.value) == "The files of this star are larger than 0.001 MB unpacked."
    assert not holds_light_curves(zipped(tmp_path / "b", {"a.csv": CURVE}))


def test_only_light_curves_are_taken_for_some(tmp_path: Path) -> None:
    table = "kepid,koi_period,koi_depth\n1,2,3\n"
    frame = pd.DataFrame({"kepid": [1], "koi_period": [2.0]})
    workbook = io.BytesIO()
    frame.to_excel(workbook, index=False)
    arrays = io.BytesIO()
    np.savez(arrays, time=np.arange(200.0), flux=np.ones(200))
    others = io.BytesIO()
    np.savez(others, weights=np.ones(3))
    for content, whether in (
        (CURVE, True),
        (arrays.getvalue(), True),
        (others.getvalue(), False),
        (table.encode(), False),
        (workbook.getvalue(), False),
        (b"", False),
        (b"\x89PNG", False),
    ):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert holds_light_curves(path) is whether
        assert holds_light_curves(zipped(tmp_path / "zip", {"a": content, "b": "x"})) is whether
    assert not holds_light_curves(tmp_path / "nothing")
