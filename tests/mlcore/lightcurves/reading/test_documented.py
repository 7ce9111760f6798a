"""Each line of the page about light curves is read as the page says."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mlcore.lightcurves.reading.columns import times_of
from mlcore.lightcurves.reading.limits import CURVE_LIMITS
from mlcore.lightcurves.reading.read import read_light_curve
from tests.mlcore.lightcurves.reading.made import NOISE, csv, flux_of, times

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "light-curves-that-are-read.md"
ROW = re.compile(
    r"^\| (?P<whose>[^|]+) \| `(?P<headings>[^`]+)` \| (?P<first>[^|]+) \| (?P<flux>[^|]+)"
    r" \| (?P<times>[^|]+) \|$"
)
LIMIT = re.compile(r"^\| (?P<meaning>[^|]+\.) \| (?P<value>[\d,]+) \|$")
LINES = PAGE.read_text(encoding="utf-8").splitlines()
ROWS = [row.groupdict() for line in LINES if (row := ROW.match(line))]
OTHERS = {"KEPLERID": 11442793, "TICID": 307210830, "EPIC": 201367065, "Band": "V"}


def test_the_page_has_examples() -> None:
    assert len(ROWS) == sum("`" in line for line in LINES if line.startswith("| "))
    assert len(ROWS) > 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["whose"])
def test_a_light_curve_is_read_as_the_page_says(tmp_path: Path, row: dict[str, str]) -> None:
    headings = row["headings"].split(",")
    elapsed = times(0.0)
    flux = flux_of(elapsed, depth=0.02)
    columns = {name: np.full(len(elapsed), OTHERS.get(name, NOISE)) for name in headings}
    time = headings[times_of(headings)[0]]
    if "-" in row["first"]:
        begin = datetime.fromisoformat(row["first"])
        stamps = [(begin + timedelta(days=float(day))).isoformat() for day in elapsed]
        columns[time] = np.array(stamps)
    else:
        columns[time] = float(row["first"]) + elapsed
    magnitudes = row["flux"] in {"TFA1", "Magnitude", "mag"}
    columns[row["flux"]] = 12 - 2.5 * np.log10(flux) if magnitudes else flux
    curve = read_light_curve(csv(tmp_path / "curve", row["headings"], *columns.values()))
    assert f'The brightness is that of the column "{row["flux"]}".' in curve.notes
    assert curve.time_name == row["times"]
    # A transit dims the star, whatever its brightness is measured in.
    assert curve.flux.min() == pytest.approx(0.98, abs=5 * NOISE)


def test_the_pages_limits_are_those_that_hold() -> None:
    said = {row["meaning"]: row["value"] for line in LINES if (row := LIMIT.match(line))}
    held = {
        field.metadata["help"]: f"{getattr(CURVE_LIMITS, field.name):,.0f}"
        for field in fields(CURVE_LIMITS)
    }
    assert len(said) == 5
    assert said.items() <= held.items()
