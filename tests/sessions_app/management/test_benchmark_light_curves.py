"""`manage.py benchmark lightcurves` on a few real stars."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

if TYPE_CHECKING:
    from pathlib import Path

LINES = 46
MAPS, CELLS = 2, 32
FEW = 3
EVENTS = 40


@pytest.fixture(scope="module")
def collections(light_curve_samples: Path) -> Path:
    """Return the folder with the collections, beside the samples."""
    folder = light_curve_samples.parent
    if not (folder / "kepler_flattened.parquet").is_file():
        pytest.skip("the folder of light curves has no collections")
    return folder


def printed(
    tables: Path, curves: Path | None, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> Any:
    from django.conf import settings

    monkeypatch.setattr(settings, "EXOPLANET_LIGHTCURVE_DIR", curves)
    out = io.StringIO()
    call_command(
        "benchmark",
        "lightcurves",
        folder=tables,
        quick=True,
        json=True,
        stdout=out,
        stderr=io.StringIO(),
        **options,
    )
    return json.loads(out.getvalue(), parse_constant=pytest.fail)


def cut(collections: Path, folder: Path, stars: int) -> Path:
    for name in ("kepler_flattened", "folded"):
        whole = pd.read_parquet(collections / f"{name}.parquet")
        parts = [whole] if "mission" not in whole else [g for _, g in whole.groupby("mission")]
        few = pd.concat([part.head(stars) for part in parts], ignore_index=True)
        few.to_parquet(folder / f"{name}.parquet")
    views = pd.read_parquet(collections / "tess_views.parquet")
    views.groupby(["split", "disposition"]).head(EVENTS).to_parquet(folder / "tess_views.parquet")
    (folder / "samples").symlink_to(collections / "samples")
    return folder


def test_a_folder_without_collections_says_of_each_line_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(tmp_path, tmp_path, monkeypatch)
    assert len(lines) == LINES
    # Its curve is made, and needs no folder.
    lacking = [line for line in lines if line["name"] != "seconds-four-years"]
    assert all(line["value"] is None for line in lacking)
    assert {line["note"] for line in lacking} == {
        f"Not measured: the folder lacks {what}."
        for what in (
            "kepler_flattened.parquet",
            "folded.parquet",
            "kepler_flattened.parquet and the Kepler tables",
            "folded.parquet and the TESS table toi",
            "tess_views.parquet",
            "samples/EPIC201367065.csv or its star's table",
            "samples/kplr011442793-*_llc.fits or its star's table",
            "samples/tess*0000000260271203*_lc.fits or its star's table",
            "samples/tess*0000000260271203*_lc.fits",
        )
    }
    assert all(line["holds"] is (None if line["bar"] is None else False) for line in lacking)


def test_without_a_folder_of_light_curves_it_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=r"^Name the folder with the collections of light"):
        printed(tmp_path, None, monkeypatch)


@pytest.mark.long
def test_a_search_takes_less_than_astropys_and_finds_the_same_periods(
    collections: Path, archive_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = printed(archive_dir, cut(collections, tmp_path, 1), monkeypatch, only=["time"])
    by_name = {row["name"]: row for row in rows}
    # A ratio of two times of one run; the bar of a third is the benchmark's.
    assert 0 < by_name["against-astropy"]["value"] < 1
    # Of this star one period is clearly the strongest, which either search has to prefer.
    assert by_name["as-astropy"]["value"] == 1
    assert by_name["seconds-flattened"]["rows"] == 1


def test_folded_events_are_measured(
    collections: Path, archive_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = printed(archive_dir, cut(collections, tmp_path, FEW), monkeypatch, only=["tess_views"])
    by_name = {row["name"]: row for row in rows}
    for name in ("tess-views-triage", "tess-views-vetting"):
        row = by_name[name]
        assert row["rows"] == 3 * EVENTS
        low, high = row["interval"]
        assert 0 < low <= row["value"] <= high <= 1


@pytest.mark.long
def test_known_stars_are_measured_and_what_is_not_found_says_why(
    collections: Path, archive_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = printed(archive_dir, cut(collections, tmp_path, FEW), monkeypatch, only=["samples"])
    by_name = {row["name"]: row for row in rows}
    samples = [row for row in rows if row["name"].startswith("samples-")]
    assert [row["rows"] for row in samples] == [3, 8, 1]
    # Of two months, in a short run; TOI 207.01 is deep.
    assert by_name["samples-toi-207"]["value"] == 1
    note = by_name["samples-kepler-90"]["note"]
    assert "331.6 d: 0 transits in the data, from which no period follows" in note


@pytest.mark.long
def test_every_line_is_measured_on_a_hundred_stars(
    collections: Path, archive_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = printed(archive_dir, cut(collections, tmp_path, 100), monkeypatch)
    # Each map is one line where nothing is measured.
    assert len(rows) == LINES + MAPS * (CELLS - 1)
    assert sum(row["cell"] is not None for row in rows) == MAPS * CELLS
    for row in rows:
        assert list(row)[:7] == [
            *("task", "features", "metric", "value", "interval", "bar", "holds")
        ]
        empty = row["cell"] is not None or row["name"] in {"as-astropy", "injected-weak"}
        assert row["value"] is not None or empty
        if row["interval"] is not None:
            low, high = row["interval"]
            assert low <= row["value"] <= high
    names = [(row["name"], row["metric"]) for row in rows]
    assert len(set(names)) == len(names)
