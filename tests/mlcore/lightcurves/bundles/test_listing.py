"""The table beside light curves: what is known of which star."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.bundles.listing import Listed, is_list, read_list
from mlcore.lightcurves.known import KnownSignal

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = KnownSignal(period=2.5, epoch=132.2, duration=3.0)
NAME = "archive/signals.csv"


def read(folder: Path, text: str) -> tuple[Listed, ...]:
    path = folder / "table"
    path.write_text(text)
    return read_list(path, NAME)


@pytest.mark.parametrize(
    "name", ["signals.csv", "a/b/Labels.XLSX", "ephemerides.csv.gz", "catalogue", "list.txt"]
)
def test_a_table_is_told_by_its_name_whatever_its_format_and_folder(name: str) -> None:
    assert is_list(name)


@pytest.mark.parametrize("name", ["signal.csv", "signals/a.csv", "kic1_signals.csv", ".csv"])
def test_a_light_curve_is_not_called_like_such_a_table(name: str) -> None:
    assert not is_list(name)


@pytest.mark.parametrize(
    "heading",
    [
        "file,period,epoch,duration",
        "file,period [d],epoch [d],duration [h]",
        "Filename,Period (days),T0 [BJD],Duration_hours",
        "path,koi_period,t0,koi_duration",
        "file,pl_orbper,pl_tranmid,pl_trandurh",
    ],
)
def test_a_known_signal_is_read_under_the_headings_that_people_use(
    heading: str, tmp_path: Path
) -> None:
    assert read(tmp_path, f"{heading}\na.csv,2.5,132.2,3\n") == (Listed(file="a.csv", known=KNOWN),)


@pytest.mark.parametrize("heading", ["duration_d", "duration_days", "duration [d]"])
def test_a_duration_in_days_is_told_in_hours(heading: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"file,period,epoch,{heading}\na.csv,2.5,132.2,0.125\n")
    assert row.known == KNOWN


def test_hours_count_where_there_are_both_units(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "file,period,epoch,duration_d,duration\na.csv,2.5,132.2,9,3\n")
    assert row.known == KNOWN


@pytest.mark.parametrize(
    ("heading", "cell", "star"),
    [
        ("kepid", "11442793", "KIC 11442793"),
        ("tic_id", "260271203", "TIC 260271203"),
        ("epic", "201367065", "EPIC 201367065"),
        ("star", "tic-260271203", "TIC 260271203"),
        ("target", "HD 209458", "HD 209458"),
    ],
)
def test_a_star_is_called_as_its_catalogue_does(
    heading: str, cell: str, star: str, tmp_path: Path
) -> None:
    assert read(tmp_path, f"{heading},note\n{cell},bright\n") == (Listed(star=star),)


@pytest.mark.parametrize(
    ("word", "disposition"),
    [
        ("CONFIRMED", "CONFIRMED"),
        ("kp", "CONFIRMED"),
        ("Planet", "CONFIRMED"),
        ("PC", "CANDIDATE"),
        ("false_positive", "FALSE POSITIVE"),
        (" false  positive ", "FALSE POSITIVE"),
        ("fa", "FALSE POSITIVE"),
        ("", ""),
    ],
)
def test_dispositions_are_the_missions_words(word: str, disposition: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"file,label,note\na.csv,{word},x\n")
    assert row == Listed(file="a.csv", disposition=disposition)


def test_a_row_without_an_ephemeris_knows_only_its_word(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        "file,period,epoch,duration,disposition\n"
        "a.csv,2.5,132.2,3,CONFIRMED\n"
        "b.csv,,,,FALSE POSITIVE\n",
    )
    assert rows == (
        Listed(file="a.csv", disposition="CONFIRMED", known=KNOWN),
        Listed(file="b.csv", disposition="FALSE POSITIVE"),
    )


def test_a_workbook_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "signals.xlsx"
    frame = pd.DataFrame(
        {"file": ["a.csv"], "period": [2.5], "epoch": [132.2], "duration": [3], "kepid": [5]}
    )
    frame.to_excel(path, index=False)
    assert read_list(path, "signals.xlsx") == (Listed(file="a.csv", star="KIC 5", known=KNOWN),)


NEEDED = "a known signal takes a period [d], an epoch [d] and a duration [h]; here"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a.csv,2.5,,3,", f"{NEEDED} epoch is missing."),
        ("a.csv,,,3,", f"{NEEDED} period, epoch are missing."),
        ("a.csv,long,132,3,", "period is 'long', which is no number."),
        ("a.csv,-2,132,3,", "period must be a number of days above 0."),
        ("a.csv,2.5,132,0,", "duration must be a number of hours above 0."),
        ("a.csv,2.5,132,60,", "duration [h] must be shorter than the period [d]."),
        (
            "a.csv,,,,maybe",
            (
                "the disposition is 'MAYBE', but it must be one of CONFIRMED, CANDIDATE, FALSE"
                " POSITIVE."
            ),
        ),
        (",2.5,132,3,", "it names neither a file nor a star."),
    ],
)
def test_a_wrong_row_is_refused_in_one_sentence_with_its_place(
    row: str, sentence: str, tmp_path: Path
) -> None:
    text = f"file,period,epoch,duration,disposition\na.csv,2.5,132.2,3,\n{row}\n"
    with pytest.raises(DataError) as refused:
        read(tmp_path, text)
    assert str(refused.value) == f"{NAME}, row 2: {sentence}"


def test_a_table_of_no_light_curve_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, "period,epoch,duration\n2.5,132.2,3\n")
    assert str(refused.value) == (
        f"{NAME} has neither a column file nor a column star: it says of no light curve what is"
        " known of it."
    )
    with pytest.raises(DataError, match=rf"^{NAME}: The file is empty; expected CSV"):
        read(tmp_path, "")
