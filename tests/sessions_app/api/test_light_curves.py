"""Light curves in, signals with their vetting tests out."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
from sessions_app.execution import worker
from sessions_app.models import DatasetSnapshot, PredictionSession, Session, TrainingSession
from sessions_app.services.repeating import repeat
from tests.mlcore.lightcurves.bundles.made_files import (
    PLANET,
    TOO_FEW,
    csv_of,
    labelled,
    zipped,
)
from tests.sessions_app.snapshots import koi_snapshot

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

CURVES, PREDICTION = "/api/v1/lightcurves", "/api/v1/prediction-sessions"
TRAINING = "/api/v1/training-sessions"
KNOWN = {"period": PLANET.period, "epoch": PLANET.epoch, "duration": 24 * PLANET.duration}
TWELVE = "time,flux,error\n" + "".join(f"{place / 10},1.0,0.001\n" for place in range(12))
NEEDED = (
    "The light curve has 12 points over 1.1 days; a search for transits needs at least 100 points"
    " over at least 1 day."
)


def file_of(content: bytes, name: str = "KIC 5.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(address: str = CURVES, **fields: Any) -> PredictionSession:
    answer = APIClient().post(address, fields, format="multipart")
    assert answer.status_code == 202, answer.json()
    session = PredictionSession.objects.get(pk=answer.json()["id"])
    assert (session.mission, session.task) == ("lightcurves", "triage")
    return session


def refused(address: str = CURVES, **fields: Any) -> tuple[str, str]:
    before = Session.objects.count()
    answer = APIClient().post(address, fields, format="multipart")
    assert answer.status_code == 400, answer.json()
    assert Session.objects.count() == before
    return answer.json()["field"], answer.json()["detail"]


def completed(session: PredictionSession) -> PredictionSession:
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == "completed", session.error
    return session


def got(session: PredictionSession, place: str, status: int = 200) -> Any:
    answer = APIClient().get(f"{CURVES}/{session.pk}/{place}")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_light_curve_becomes_a_star_its_signals_and_their_tests(
    judge: TrainingSession, jobs: None
) -> None:
    session = sent(file=file_of(csv_of()), name="my star")
    assert (session.name, session.published_model_id) == ("my star", judge.pk)
    for place in ("stars", "stars/1", "signals/1"):
        waiting = got(session, place, 409)
        assert waiting["detail"] == "The session has no result yet: it is queued."
    completed(session)

    (summary,) = got(session, "stars")
    star = got(session, "stars/1")
    assert (summary["name"], summary["file"], summary["numbers"]) == ("KIC 5", "KIC 5.csv", [1])
    assert not {"time", "flux", "periods"} & set(summary)
    assert {name: star[name] for name in summary} == summary
    assert len(star["time"]) == len(star["flux"]) == star["points"]

    signal = got(session, "signals/1")
    assert (signal["star"], signal["given"], signal["detected"]) == (1, False, True)
    assert signal["period"] == pytest.approx(PLANET.period, abs=2e-3)
    assert len(signal["near_phase"]) == len(signal["near_flux"]) == len(signal["near_model"])
    declared = APIClient().get(f"{CURVES}/tests").json()
    assert [test["name"] for test in declared] == [
        name for name, test in VETTING_TESTS.items() if test.decides is not None
    ]
    assert {test["title"] for test in signal["vetting"]} == {test["title"] for test in declared}
    assert {test["outcome"] for test in signal["vetting"]} <= {"passed", "failed", "not possible"}

    assert {one["sentence"].partition(" ")[0] for one in signal["stretches"]} >= {"Before", "After"}
    for one in signal["stretches"]:
        assert signal["stretch_name"].count(one["stretch"]) == 1
        assert 0 <= one["probability"] <= 1

    for place in ("stars/2", "stars/0", "signals/2", "signals/0"):
        got(session, place, 404)
    # It is a prediction session like any other.
    result = json.loads(
        APIClient().get(f"{PREDICTION}/{session.pk}/result?include=predictions").getvalue()
    )
    assert [row["name"] for row in result["predictions"]] == ["KIC 5 signal 1"]
    listed = APIClient().get(f"{PREDICTION}/{session.pk}/predictions").json()["results"]
    assert [row["stretches"] for row in listed] == [signal["stretches"]]


def test_known_signals_are_measured_in_place_of_found_ones_and_again_when_it_is_repeated(
    judge: TrainingSession, jobs: None
) -> None:
    koi = {"kepid": 5, "period": PLANET.period, "epoch": PLANET.epoch}
    loaded = koi_snapshot("K09998.01", **koi, dated=date(2026, 6, 1))
    accepted = sent(file=file_of(csv_of()), known_signals=json.dumps([KNOWN]))
    # A session keeps to the tables that were current when it was accepted.
    DatasetSnapshot.objects.update(is_current=False)
    koi_snapshot("K09999.01", **koi, dated=date(2026, 7, 1))
    session = completed(accepted)
    assert session.report["notes"][-1] == (
        "Signals are looked up in the catalogues of Kepler of 2026-06-01, as loaded; of K2 and TESS"
        " of 2025-10-04, as carried."
    )
    signal = got(session, "signals/1")
    assert (signal["catalogue_object"], signal["catalogue_disposition"]) == (
        "KOI-9998.01",
        "candidate",
    )
    assert (signal["given"], signal["period"], signal["epoch"]) == (
        True,
        PLANET.period,
        PLANET.epoch,
    )
    assert got(session, "stars/1")["periods"] == []

    answer = APIClient().get(f"{PREDICTION}/{session.pk}/manifest")
    manifest = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert manifest["request"]["known_signals"] == [KNOWN]
    again = PredictionSession.objects.get(pk=repeat(manifest).pk)
    assert again.pk != session.pk
    assert [one["file_sha256"] for one in manifest["catalogues"]] == [loaded.file_sha256]
    assert list(again.catalogues.all()) == [loaded]
    assert again.known_signals == session.known_signals == [KNOWN]
    completed(again)
    told = got(again, "signals/1")
    assert {name: told[name] for name in told if name != "vetting"} == {
        name: signal[name] for name in signal if name != "vetting"
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "nonsense",
        "{}",
        "[1]",
        '[{"period": 2.1, "epoch": 132.2}]',
        '[{"period": 2.1, "epoch": 132.2, "duration": 2, "depth": 1}]',
        '[{"period": "2.1", "epoch": 132.2, "duration": 2}]',
        '[{"period": true, "epoch": 132.2, "duration": 2}]',
    ],
)
def test_known_signals_of_another_form_are_refused_with_an_example(
    wrong: str, judge: TrainingSession
) -> None:
    field, sentence = refused(file=file_of(csv_of()), known_signals=wrong)
    assert field == "known_signals"
    assert sentence.endswith(
        "must be a JSON list of objects with period [d], epoch [d] and duration [h], such as"
        ' [{"period": 10.05, "epoch": 2456813.42, "duration": 2.6}].'
    )


def test_a_known_signal_that_cannot_be_is_refused_by_its_value(judge: TrainingSession) -> None:
    for changed, sentence in (
        ({"period": -2.1}, "known_signals: period must be a number of days above 0."),
        ({"duration": 60}, "known_signals: duration [h] must be shorter than the period [d]."),
    ):
        answer = refused(file=file_of(csv_of()), known_signals=json.dumps([KNOWN | changed]))
        assert answer == ("known_signals", sentence)


def test_known_signals_are_not_of_many_stars(judge: TrainingSession, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"a.csv": csv_of(), "b.csv": csv_of()})
    field, sentence = refused(
        file=file_of(path.read_bytes(), "a.zip"), known_signals=json.dumps([KNOWN])
    )
    assert field == "file"
    assert sentence.startswith("file: The request names signals of one star, and the archive has")


def test_a_file_of_twelve_points_is_told_what_it_needs(judge: TrainingSession) -> None:
    assert refused(file=file_of(TWELVE.encode())) == ("file", f"file: {NEEDED}")
    fields = {"data_source": "user", "mission": "kepler"}
    assert refused(PREDICTION, testing_file=file_of(TWELVE.encode()), **fields) == (
        "testing_file",
        f"testing_file: {NEEDED}",
    )


def test_without_a_file_nothing_is_started(judge: TrainingSession) -> None:
    assert refused()[0] == "file"


def test_a_light_curve_that_comes_as_a_kepler_table_is_taken_for_what_it_is(
    judge: TrainingSession, jobs: None
) -> None:
    session = sent(
        PREDICTION,
        data_source="user",
        mission="kepler",
        testing_file=file_of(csv_of()),
        known_signals=json.dumps([KNOWN]),
    )
    assert session.published_model_id == judge.pk
    assert got(completed(session), "signals/1")["given"]


def test_of_an_archive_with_a_broken_member_the_others_are_judged(
    judge: TrainingSession, jobs: None, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "a", {"a.csv": csv_of(), "b.csv": csv_of(seed=1), "few.csv": TOO_FEW})
    content = bytearray(path.read_bytes())
    begin = content.index(b"a.csv") + len(b"a.csv")
    content[begin : begin + 40] = b"\xff" * 40
    session = completed(sent(file=file_of(bytes(content), "stars.zip")))
    stars = got(session, "stars")
    assert [(star["name"], star["numbers"]) for star in stars] == [
        ("a", []),
        ("b", [1]),
        ("few", []),
    ]
    assert stars[0]["refusal"] == "The archive is damaged where this light curve is."
    assert stars[1]["refusal"] == ""
    assert (
        "In the testing file: 2 of 3 light curves were left out. a.csv: The archive is damaged"
        f" where this light curve is. few.csv: {stars[2]['refusal']}"
    ) in session.warnings


def test_of_known_signals_that_which_never_transits_in_the_curve_is_named_and_left_out(
    judge: TrainingSession, jobs: None
) -> None:
    unseen = {"period": 500, "epoch": 400, "duration": 3}
    session = completed(sent(file=file_of(csv_of()), known_signals=json.dumps([unseen, KNOWN])))
    (star,) = got(session, "stars")
    (why,) = star["untested"]
    assert "2 points in transit at a period of 500 d" in why
    assert star["numbers"] == [1]
    assert got(session, "signals/1")["period"] == KNOWN["period"]
    assert any(
        f"1 known signal was left out. {star['name']}: {why}" in one for one in session.warnings
    )


def test_signals_that_came_as_a_table_have_no_light_curves(signals: TrainingSession) -> None:
    answer = APIClient().get(f"{CURVES}/{signals.pk}/stars")
    assert answer.status_code == 404


def test_training_needs_dispositions_and_says_where_to_put_them(judge: TrainingSession) -> None:
    fields = {"data_source": "user", "model_type": "decision_tree"}
    files = {name: csv_of() for name in ("training_file", "testing_file")}
    for mission, sentence in (
        (
            "lightcurves",
            (
                "training_file: The light curves have no dispositions, which training needs: put a"
                " table in the archive that is called signals.csv, with the columns file and"
                " disposition (CONFIRMED, CANDIDATE, FALSE POSITIVE)."
            ),
        ),
        (
            "kepler",
            (
                "training_file: This is a light curve, and no table of Kepler objects of interest:"
                " send it with mission lightcurves."
            ),
        ),
    ):
        uploads = {name: file_of(content) for name, content in files.items()}
        answer = refused(TRAINING, mission=mission, **fields, **uploads)
        assert answer == ("training_file", sentence)


def test_a_model_is_trained_on_labelled_light_curves(
    media: Path, jobs: None, tmp_path: Path
) -> None:
    training = labelled(tmp_path / "training", range(10)).read_bytes()
    testing = labelled(tmp_path / "testing", range(20, 22)).read_bytes()
    answer = APIClient().post(
        TRAINING,
        {
            "data_source": "user",
            "mission": "lightcurves",
            "model_type": "decision_tree",
            "feature_set": "measured",
            "training_file": file_of(training, "training.zip"),
            "testing_file": file_of(testing, "testing.zip"),
        },
        format="multipart",
    )
    assert answer.status_code == 202, answer.json()
    session = TrainingSession.objects.get(pk=answer.json()["id"])
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == "completed", session.error
    assert (session.model["train_rows"], session.model["test_rows"]) == (20, 4)
