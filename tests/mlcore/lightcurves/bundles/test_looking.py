"""What is plainly no light curve is told by how it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.lightcurves.bundles.bundle import bundle_in
from mlcore.lightcurves.bundles.looking import unlike_light_curves
from tests.mlcore.lightcurves.bundles.made_files import csv_of, zipped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "unlike"),
    [
        # Longer than what is read of it.
        (csv_of(days=60), False),
        (b"SIMPLE  =                    T", False),
        (b"PAR1", False),
        (b"", True),
        (b"%PDF-1.7", True),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", True),
        (b"kepoi_name,koi_period\nK00001.01,3\n", True),
        (b"x" * 40_000, True),
    ],
)
def test_a_member_is_judged_by_its_beginning(content: bytes, unlike: bool, tmp_path: Path) -> None:
    bundle = bundle_in(zipped(tmp_path / "upload", {"a.csv": csv_of(), "b": content}), "a.zip")
    assert unlike_light_curves(bundle, bundle.stars) == (("b",) if unlike else ())


def test_a_single_file_is_read_whole_by_others(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"kepoi_name,koi_period\nK00001.01,3\n")
    bundle = bundle_in(path, "a.csv")
    assert unlike_light_curves(bundle, bundle.stars) == ()


def test_a_damaged_member_is_unlike_a_light_curve(tmp_path: Path) -> None:
    path = zipped(tmp_path / "upload", {"a.csv": csv_of(), "b.csv": csv_of(seed=1)})
    content = path.read_bytes()
    place = content.index(b"b.csv") + 200
    path.write_bytes(content[:place] + bytes(100) + content[place + 100 :])
    bundle = bundle_in(path, "a.zip")
    assert unlike_light_curves(bundle, bundle.stars) == ("b.csv",)
