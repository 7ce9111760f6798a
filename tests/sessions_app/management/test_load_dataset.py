from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from sessions_app.models import DatasetSnapshot
from tests.sessions_app.real_rows import drawn, kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "no_network")]


def load(*arguments: object) -> tuple[list[str], list[str]]:
    """Run the command with no folder unless one is given; return what it said on each stream."""
    out, err = StringIO(), StringIO()
    given = {} if "--folder" in arguments else {"folder": None}
    try:
        call_command("load_dataset", *map(str, arguments), stdout=out, stderr=err, **given)
    finally:
        load.said = out.getvalue().splitlines(), err.getvalue().splitlines()
    return load.said


def refused(*arguments: object) -> tuple[str, list[str], list[str]]:
    with pytest.raises(CommandError) as error:
        load(*arguments)
    return (str(error.value), *load.said)


def missions() -> list[str]:
    return list(DatasetSnapshot.objects.values_list("mission", flat=True))


def test_it_says_what_it_does_and_what_it_loaded_from_a_file(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "mine.csv")
    said, complained = load("kepler", "--file", path)
    words = drawn("a")["koi_disposition"].value_counts()
    assert said == [
        "kepler:   0% Reading mine.csv",
        "kepler: 100% Read mine.csv",
        (
            "kepler: loaded, from file the file mine.csv, dated 2025-10-03:"
            f" {len(drawn('a'))} objects ({words['CANDIDATE']} candidate,"
            f" {words['FALSE POSITIVE']} false positive, {words['CONFIRMED']} confirmed)."
        ),
    ]
    assert complained == []


def test_a_second_time_it_says_that_it_was_loaded_before(tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "mine.csv")
    load("kepler", "--file", path)
    said, _ = load("kepler", "--file", path)
    assert said[-1].startswith("kepler: was loaded before and is current, from file ")
    assert missions() == ["kepler"]


def test_it_says_why_the_sources_before_the_one_it_took_failed() -> None:
    said, _ = load("kepler")
    assert said == [
        "kepler:   0% Looking through the folder",
        "kepler:  33% Asking the NASA Exoplanet Archive",
        "kepler:  67% Reading the carried table",
        "kepler: 100% Read the carried Kepler Q1-Q17 DR25 table of 2017",
        "kepler: No folder with tables of the archive is set.",
        "kepler: The NASA Exoplanet Archive cannot be reached.",
        (
            "kepler: loaded, from carried the carried Kepler Q1-Q17 DR25 table of 2017,"
            " dated 2017-07-19: 8054 objects (1797 candidate, 3976 false positive,"
            " 2281 confirmed)."
        ),
    ]


def test_the_folder_is_the_archives_by_default(
    archive_dir: Path, settings: SettingsWrapper
) -> None:
    said, _ = load("k2", "--folder", archive_dir)
    assert said[-1] == (
        "k2: loaded, from folder the file k2pandc_2025.10.04_default94.csv, dated 2025-10-04:"
        " 1806 objects (976 candidate, 250 false positive, 580 confirmed)."
    )


def test_a_mission_that_cannot_be_had_is_an_error_after_the_others_were_loaded() -> None:
    error, _, complained = refused("all")
    assert error == "Not loaded: k2, tess."
    assert missions() == ["kepler"]
    assert [line.split(" ")[0] for line in complained] == ["k2", "tess"]
    assert complained[0].startswith(
        "k2 is not loaded. K2 planets and candidates cannot be loaded. "
    )
    assert complained[0].endswith("Load a file with: manage.py load_dataset k2 --file PATH")


def test_missing_leaves_alone_what_is_loaded_and_forgives_what_cannot_be_had(
    tmp_path: Path,
) -> None:
    load("kepler", "--file", kepler_file(tmp_path / "mine.csv"))
    said, complained = load("all", "--missing")
    assert missions() == ["kepler"]
    assert not any(line.startswith("kepler") for line in said)
    assert [line.split(" ")[0] for line in complained] == ["k2", "tess"]


def test_missing_loads_what_is_missing() -> None:
    load("all", "--missing")
    assert missions() == ["kepler"]


def test_one_file_cannot_be_every_mission(tmp_path: Path) -> None:
    error, said, _ = refused("all", "--file", kepler_file(tmp_path / "mine.csv"))
    assert error == "--file holds one mission's table: name the mission instead of all."
    assert said == []
    assert missions() == []


def test_a_file_that_cannot_be_used_is_an_error_that_says_why(
    tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    error, _, complained = refused("tess", "--file", kepler_file(tmp_path / "mine.csv"))
    assert error == "Not loaded: tess."
    assert complained == [
        "tess is not loaded. This looks like a Kepler table; choose Kepler (data_format kepler)."
    ]
    error, _, complained = refused("kepler", "--file", tmp_path / "gone.csv")
    assert complained == [
        "kepler is not loaded. The file gone.csv cannot be opened: it does not exist."
    ]
    assert missions() == []
    assert kept() == []


def test_an_unknown_mission_is_an_error_that_names_the_known_ones() -> None:
    error, _, _ = refused("corot")
    known = "'kepler', 'k2', 'tess', 'tce', 'lightcurves', 'all'"
    assert f"invalid choice: 'corot' (choose from {known})" in error
