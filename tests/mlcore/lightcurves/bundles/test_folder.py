"""Which stars' light curves are in a folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from mlcore.lightcurves.bundles.bundle import bundle_in
from mlcore.lightcurves.bundles.folder import bundle_of_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_is_read_with_those_in_it(tmp_path: Path) -> None:
    # Also where the folder itself lies in a hidden one.
    folder = tmp_path / ".cache" / "curves"
    for name in ("kplr000000005-1_llc.fits", "x/kplr000000005-2_llc.fits", "x/.hidden/a", ".b"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    (folder / "stars.csv").write_text("kepid,disposition\n5,CONFIRMED\n")
    bundle = bundle_of_folder(folder)
    assert [(star.name, star.files) for star in bundle.stars] == [
        ("KIC 5", ("kplr000000005-1_llc.fits", "x/kplr000000005-2_llc.fits"))
    ]
    assert [row.disposition for row in bundle.stars[0].listed] == ["CONFIRMED"]
    assert bundle.contents(bundle.stars[0]) == (
        ("kplr000000005-1_llc.fits", b"kplr000000005-1_llc.fits"),
        ("kplr000000005-2_llc.fits", b"x/kplr000000005-2_llc.fits"),
    )


def test_a_folder_of_files_may_be_packed_again_and_mean_the_same(
    light_curve_samples: Path, tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "a"), "zip", light_curve_samples)
    archive = bundle_in(tmp_path / packed, "a.zip")
    folder = bundle_of_folder(light_curve_samples)
    assert archive.stars == folder.stars
    for star in folder.stars:
        assert archive.contents(star) == folder.contents(star)
