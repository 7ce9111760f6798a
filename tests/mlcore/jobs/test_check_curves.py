"""Whether light curves can be used is told before the session is accepted."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.errors import DataError
from mlcore.jobs import check_curves
from mlcore.jobs.check_curves import CurvesFound, curves_job, look_at_curves
from mlcore.jobs.check_upload import UploadCheck, check_upload
from mlcore.tasks import find_task
from tests.mlcore.lightcurves.bundles.made_files import PLANET, TOO_FEW, csv_of, zipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CURVE = csv_of()
KNOWN = {"period": PLANET.period, "epoch": PLANET.epoch, "duration": 24 * PLANET.duration}
TRIAGE = find_task("triage")


def sent(folder: Path, members: Mapping[str, bytes | str]) -> Path:
    """Return a file, or where there are more an archive."""
    if len(members) > 1:
        return zipped(folder / "upload", members)
    path = folder / "upload"
    path.write_bytes(next(iter(members.values())))  # type: ignore[arg-type]
    return path


def looked(
    folder: Path, members: Mapping[str, bytes | str], *known: dict[str, float], train: bool = False
) -> CurvesFound:
    return look_at_curves(
        sent(folder, members),
        next(iter(members)),
        task=TRIAGE,
        to_train_on=train,
        known_signals=known,
    )


def refused(folder: Path, members: Mapping[str, bytes | str], **asked: Any) -> str:
    with pytest.raises(DataError) as error:
        looked(folder, members, **asked)
    return str(error.value)


def checked(folder: Path, members: Mapping[str, bytes | str], **asked: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "path": str(sent(folder, members)),
        "dataset": "lightcurves",
        "task": "triage",
        "to_train_on": False,
        "label_derived": [],
        "name": next(iter(members)),
    }
    return check_upload(asdict(UploadCheck(**usual | asked)), lambda _: None)


def stars_of(words: Mapping[str, int]) -> dict[str, bytes | str]:
    """Return so many stars of each disposition, of which the first can be read."""
    names = [f"{word}-{place}.csv" for word, count in words.items() for place in range(count)]
    rows = [f"{name},{name.split('-')[0]}" for name in names]
    table = "\n".join(["file,disposition", *rows])
    return dict.fromkeys(names, CURVE) | {"signals.csv": table}


def test_a_file_is_asked_whether_it_is_a_light_curve(tmp_path: Path) -> None:
    path = sent(tmp_path, {"a.csv": CURVE})
    assert curves_job({"path": str(path)}, lambda _: None) == {"light_curves": True}
    path.write_text("koi_period\n3\n")
    assert curves_job({"path": str(path)}, lambda _: None) == {"light_curves": False}


def test_one_light_curve_tells_how_it_was_understood(tmp_path: Path) -> None:
    found = looked(tmp_path, {"a.csv": CURVE}, KNOWN)
    assert (found.stars, found.labelled, found.warnings) == (1, 0, ())
    assert found.notes[0] == 'The brightness is that of the column "flux".'


def test_many_are_counted_and_the_first_of_them_are_read(tmp_path: Path) -> None:
    few = check_curves._READ_AT_ONCE
    names = [f"{place}.csv" for place in range(few + 2)]
    found = looked(tmp_path, dict.fromkeys(names, CURVE))
    assert found.stars == few + 2
    assert found.notes[0] == f"Light curves of {few + 2} stars."
    assert {note.split(":")[0] for note in found.notes[1:]} == {str(n) for n in range(few)}


def test_a_broken_one_is_warned_of_and_the_others_are_used(tmp_path: Path) -> None:
    found = looked(tmp_path, {"a.csv": CURVE, "few.csv": TOO_FEW})
    (warning,) = found.warnings
    assert warning.startswith("few: ")
    alone = refused(tmp_path, {"few.csv": TOO_FEW})
    assert warning == f"few: {alone}"
    assert refused(tmp_path, {"a.csv": TOO_FEW, "b.csv": TOO_FEW}) == f"a: {alone}"


def test_of_the_others_those_that_begin_like_no_light_curve_are_named(tmp_path: Path) -> None:
    few = check_curves._READ_AT_ONCE
    first: dict[str, bytes | str] = {f"0{place}.csv": CURVE for place in range(few)}
    others: dict[str, bytes | str] = {"flux.csv": CURVE, "short.csv": TOO_FEW}
    assert looked(tmp_path, first | others).warnings == ()
    others |= {"notes.txt": "Dear all,\nthese are the curves.\n"}
    assert looked(tmp_path, first | others).warnings == (
        "1 file does not begin like a light curve, and may be left out: notes.txt.",
    )
    others |= {f"z{place}.pdf": b"%PDF-1.7" for place in range(5)}
    assert looked(tmp_path, first | others).warnings == (
        (
            "6 files do not begin like light curves, and may be left out: notes.txt, z0.pdf,"
            " z1.pdf, z2.pdf, z3.pdf and 1 more."
        ),
    )


def test_known_signals_are_of_one_star(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        looked(tmp_path, {"a.csv": CURVE, "b.csv": CURVE}, KNOWN)
    assert str(error.value) == (
        "The request names signals of one star, and the archive has light curves of 2: put a table"
        " into it that is called signals.csv, with the columns file, period [d], epoch [d] and"
        " duration [h]."
    )


def test_training_needs_dispositions(tmp_path: Path) -> None:
    assert refused(tmp_path, {"a.csv": CURVE}, train=True) == (
        "The light curves have no dispositions, which training needs: put a table in the archive"
        " that is called signals.csv, with the columns file and disposition (CONFIRMED, CANDIDATE,"
        " FALSE POSITIVE)."
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            {"CONFIRMED": 20, "FALSE POSITIVE": 4},
            (
                "The light curves that are {false} are of 4 stars; training needs at least 5 for"
                " each disposition."
            ),
        ),
        (
            {"CONFIRMED": 9, "FALSE POSITIVE": 10},
            "19 light curves have a disposition; training needs at least 20.",
        ),
    ],
)
def test_training_needs_enough_stars_of_each_disposition(
    words: dict[str, int], sentence: str, tmp_path: Path
) -> None:
    false = LIGHT_CURVES.labels["FALSE POSITIVE"].words
    assert refused(tmp_path, stars_of(words), train=True) == sentence.format(false=false)


def test_enough_of_each_are_counted(tmp_path: Path) -> None:
    found = looked(tmp_path, stars_of({"CONFIRMED": 10, "FALSE POSITIVE": 10}), train=True)
    assert (found.stars, found.labelled) == (20, 20)


def test_an_upload_of_light_curves_is_one_of_stars(tmp_path: Path) -> None:
    verdict = checked(tmp_path, {"a.csv": CURVE, "few.csv": TOO_FEW})
    assert (verdict["light_curves"], verdict["rows"], verdict["refusal"]) == (True, 2, "")
    assert verdict["given_columns"] == LIGHT_CURVES.column_names
    assert verdict["missing_columns"] == ()
    assert verdict["reading"]["notes"][0] == "Light curves of 2 stars."
    assert len(verdict["warnings"]) == 1


def test_one_without_labels_may_be_one_to_predict(tmp_path: Path) -> None:
    verdict = checked(tmp_path, {"a.csv": CURVE}, to_train_on=True, or_to_predict=True)
    assert (verdict["refusal"], verdict["to_predict"]) == ("", True)
    verdict = checked(tmp_path, {"a.csv": CURVE}, to_train_on=True)
    assert verdict["refusal"].startswith("The light curves have no dispositions")


def test_it_is_no_table_of_another_mission(tmp_path: Path) -> None:
    verdict = checked(tmp_path, {"a.csv": CURVE}, dataset="kepler", mission_field="data_format")
    assert verdict["light_curves"]
    assert verdict["refusal"].startswith("This is a light curve, and no table of ")
    assert verdict["refusal"].endswith(": send it with data_format lightcurves.")


def test_it_has_no_column_of_a_second_opinion(tmp_path: Path) -> None:
    verdict = checked(tmp_path, {"a.csv": CURVE}, second_opinion={"column": "score"})
    assert (verdict["about"], verdict["light_curves"]) == ("second_opinion", True)
    assert verdict["refusal"].startswith("second_opinion: a light curve has no column of")


def test_too_short_a_curve_is_told_what_it_needs(tmp_path: Path) -> None:
    rows = "".join(f"{place / 10},1.0,0.001\n" for place in range(12))
    verdict = checked(tmp_path, {"a.csv": f"time,flux,error\n{rows}".encode()})
    assert verdict["light_curves"]
    assert not verdict["unreadable"]
    assert "12 points" in verdict["refusal"]
    assert "100" in verdict["refusal"]
