"""Places on the sky as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets import KEPLER, TESS, read_table

if TYPE_CHECKING:
    from pathlib import Path


def places(tmp_path: Path, ra: str, dec: str, heading: str = "ra") -> pd.DataFrame:
    frame = pd.DataFrame({"pl_orbper": [3.5, 4.5], "ra": [ra, None], "dec": [dec, None]})
    frame.rename(columns={"ra": heading}).to_csv(tmp_path / "table.csv", index=False)
    table = read_table(tmp_path / "table.csv", TESS, require_labels=False)
    assert any("sexagesimal notation" in warning for warning in table.warnings)
    return table.frame


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        ("12:30:00.0", "-70:09:00.0"),
        ("12h30m00s", "-70d09m00s"),
        ("12 30 00", "-70 09 00"),
        ("12H30M", "−70°09′00″"),
    ],
)
def test_hours_and_degrees_minutes_and_seconds_are_degrees(
    tmp_path: Path, ra: str, dec: str
) -> None:
    frame = places(tmp_path, ra, dec)
    assert frame["ra"].iloc[0] == 187.5
    assert frame["dec"].iloc[0] == -70.15
    assert frame[["ra", "dec"]].iloc[1].isna().all()


def test_hours_in_the_heading_are_not_counted_twice(tmp_path: Path) -> None:
    assert places(tmp_path, "12:30:00", "1:30:00", "RA (hours)")["ra"].iloc[0] == pytest.approx(
        187.5
    )


def test_what_is_no_place_is_missing(tmp_path: Path) -> None:
    for ra in ("25:99:00", "north"):
        (tmp_path / "table.csv").write_text(f"kepid,koi_period,ra\n1,9.5,{ra}\n")
        table = read_table(tmp_path / "table.csv", KEPLER, require_labels=False)
        assert table.frame["ra"].isna().all()
