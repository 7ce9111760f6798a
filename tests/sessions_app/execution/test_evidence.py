"""What deepens a first answer follows it by itself, part by part, and keeps nobody waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessions_app import lifecycle, selectors, services
from sessions_app.access.ownership import Owner
from sessions_app.exceptions import ConflictError
from sessions_app.execution import worker
from sessions_app.execution.evidence import keep_part
from sessions_app.execution.job_arguments import job_of
from sessions_app.files import storage
from sessions_app.lifecycle import IllegalMoveError, Status
from sessions_app.models import EVIDENCE, AnalysisSession, Session
from sessions_app.queue.lanes import Lane
from sessions_app.queue.turns import next_in_turn
from tests.sessions_app.execution.running import created, rows_of, trained

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import DatasetSnapshot

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("jobs", "kepler"),
]

PARTS = ["slices", "row_split", "permutation_importance", "score_intervals"]
ADA = Owner(key="anonymous:ada", counted_as="anonymous:ada")


def evidence_behind(session: Session) -> AnalysisSession:
    return AnalysisSession.objects.get(of=session, analysis=EVIDENCE)


def states(session: Session) -> dict[str, str]:
    return {part["part"]: part["state"] for part in selectors.evidence_of(session)["parts"]}


def test_a_first_answer_is_deepened_by_itself_and_keeps_its_rows() -> None:
    session = trained(owner=ADA)
    evidence = evidence_behind(session)
    assert (session.status, evidence.status) == ("completed", "queued")
    assert (evidence.owner_key, evidence.in_background) == (ADA.key, True)
    assert states(session) == dict.fromkeys(PARTS, "coming")
    assert (session.report["slices"], session.report["importance"]["permutation"]) == ([], None)
    before = rows_of(session)
    assert "10 times" in before[0]["judgement"]["score_interval_sentence"]

    worker.execute_next(Lane.EVIDENCE)

    session.refresh_from_db()
    evidence.refresh_from_db()
    assert (evidence.status, evidence.error) == ("completed", "")
    assert states(session) == dict.fromkeys(PARTS, "there")
    assert selectors.evidence_of(session)["complete"]
    report = session.report
    assert len(report["slices"]) > 3
    assert report["importance"]["permutation"]["losses"]
    assert report["probes"]["probes"][-1]["name"] == "row_split"
    moved = 0
    for one, other in zip(before, rows_of(session), strict=True):
        first, deepened = one.pop("judgement"), other.pop("judgement")
        assert one == other
        assert "50 times" in deepened.pop("score_interval_sentence")
        assert "10 times" in first.pop("score_interval_sentence")
        moved += first.pop("score_interval") != deepened.pop("score_interval")
        assert first == deepened
    # Most objects of so few rows stay in the leaf of a tree that they are in.
    assert moved


def test_whoever_waits_for_an_answer_is_never_behind_evidence() -> None:
    session = trained()
    assert next_in_turn() is None
    assert next_in_turn(lane=Lane.EVIDENCE) == evidence_behind(session).pk
    another = created()
    assert next_in_turn() == another.pk
    assert next_in_turn(lane=Lane.EVIDENCE) == evidence_behind(session).pk


def test_a_session_that_waits_for_its_evidence_has_everything_when_it_completes() -> None:
    session = trained(waits_for_evidence=True)
    assert not AnalysisSession.objects.exists()
    assert selectors.evidence_of(session)["session"] is None
    assert states(session) == dict.fromkeys(PARTS, "there")
    assert session.report["slices"]
    assert session.report["importance"]["permutation"]
    assert "50 times" in rows_of(session)[0]["judgement"]["score_interval_sentence"]


def test_what_was_waited_for_lists_the_further_protocols_too() -> None:
    session = created(waits_for_evidence=True)
    session.protocols = ["cross_validated", "time_forward"]
    session.save(update_fields=["protocols"])
    session.model = {"model_type": "decision_tree", "test_rows": 1}
    session.metrics = {"rows": 1}
    assert states(session) == dict.fromkeys([*PARTS, "protocols"], "there")


@pytest.mark.long
def test_evidence_is_the_same_whether_it_was_waited_for_or_not() -> None:
    whole, session = trained(waits_for_evidence=True), trained()
    worker.execute_next(Lane.EVIDENCE)
    session.refresh_from_db()
    assert session.report == whole.report
    assert rows_of(session) == rows_of(whole)


def test_after_an_interruption_only_the_missing_parts_are_gathered(tmp_path: Path) -> None:
    session = trained()
    evidence = evidence_behind(session)
    number = lifecycle.claim(Session.objects.all(), evidence.pk)
    this_attempt = Session.objects.filter(attempts=number)
    found = {"findings": [[["slices"], [{"name": "period"}]]], "warnings": [], "notes": []}
    keep_part(this_attempt, evidence.pk, {"part": "slices", **found}, tmp_path)
    assert lifecycle.interrupt(Session.objects.all(), evidence.pk) == Status.QUEUED
    # The attempt that was given up lives on, and finds that it is late.
    late = {"part": "row_split", "findings": [[["probes"], {}]], "warnings": [], "notes": []}
    with pytest.raises(IllegalMoveError):
        keep_part(this_attempt, evidence.pk, late, tmp_path)
    evidence.refresh_from_db()
    assert job_of(evidence, tmp_path)[1]["parts"] == PARTS[1:]
    session.refresh_from_db()
    assert session.report["slices"] == [{"name": "period"}]
    assert states(session)["slices"] == "there"

    worker.execute_next(Lane.EVIDENCE)

    session.refresh_from_db()
    assert session.report["slices"] == [{"name": "period"}]
    assert session.report["importance"]["permutation"]
    assert states(session) == dict.fromkeys(PARTS, "there")


@pytest.mark.long
def test_a_part_that_failed_says_why_and_what_it_found_stands_behind_the_rest(
    tmp_path: Path,
) -> None:
    session = trained()
    evidence = evidence_behind(session)
    number = lifecycle.claim(Session.objects.all(), evidence.pk)
    this_attempt = Session.objects.filter(attempts=number)
    keep_part(this_attempt, evidence.pk, {"part": "slices", "failed": "There is none."}, tmp_path)
    told = {"warnings": ["It rests on a shortcut."], "notes": ["Not tested."]}
    protocols = [[["protocols", "+"], [{"protocol": "time_forward"}]]]
    event = {"part": "row_split", "findings": protocols, **told}
    keep_part(this_attempt, evidence.pk, event, tmp_path)
    before = len(session.report["protocols"])
    session.refresh_from_db()
    assert session.warnings[-1] == "It rests on a shortcut."
    assert session.report["notes"][-1] == "Not tested."
    assert session.report["protocols"][before:] == [{"protocol": "time_forward"}]
    parts = {part["part"]: part for part in selectors.evidence_of(session)["parts"]}
    assert (parts["slices"]["state"], parts["slices"]["note"]) == ("failed", "There is none.")


@pytest.mark.long
def test_the_page_of_a_session_and_that_of_its_evidence_tell_what_is_there(client: Client) -> None:
    session = trained(owner=ADA)
    here, behind = (f"/sessions/{row.pk}" for row in (session, evidence_behind(session)))
    shown = client.get(here).content.decode()
    assert "Still being measured" in shown
    assert "The figures by kind of object." in shown
    assert "Permutation importance" not in client.get(f"{here}/figures").content.decode()
    assert client.get(behind).status_code == 200
    # Nobody asked for it, so that no list shows it.
    assert str(evidence_behind(session).pk) not in client.get("/sessions").content.decode()

    worker.execute_next(Lane.EVIDENCE)

    shown = client.get(here).content.decode()
    assert "Still being measured" not in shown
    assert "Permutation importance" in client.get(f"{here}/figures").content.decode()
    told = client.get(behind).content.decode()
    assert "The figures by kind of object. It is there." in told


@pytest.mark.long
def test_evidence_that_was_ended_is_not_said_to_be_coming() -> None:
    session = trained()
    services.cancel_session(evidence_behind(session).pk)
    known = selectors.evidence_of(session)
    assert known["complete"]
    assert {part["state"] for part in known["parts"]} == {"failed"}
    assert known["parts"][0]["note"] == "It was not gathered: The session was cancelled."
    services.retry_session(evidence_behind(session).pk)
    assert states(session) == dict.fromkeys(PARTS, "coming")


@pytest.mark.long
def test_evidence_takes_nobodys_place_among_the_active_sessions(settings: Any) -> None:
    settings.EXOPLANET_ACTIVE_SESSIONS = 1
    session = trained(owner=ADA)
    assert evidence_behind(session).status == "queued"
    assert created(owner=ADA).status == "queued"


@pytest.mark.long
def test_a_session_can_be_deleted_while_its_evidence_waits() -> None:
    session = trained()
    services.delete_session(session)
    assert not Session.objects.exists()
    assert not storage.results_folder(session.pk).exists()


@pytest.mark.long
def test_a_session_that_cannot_be_deleted_keeps_its_evidence(published: Session) -> None:
    session = trained()
    services.start_analysis(session.pk, "needed_columns")
    with pytest.raises(ConflictError):
        services.delete_session(session)
    assert evidence_behind(session).status == "queued"
    with pytest.raises(ConflictError):
        services.delete_session(published)
    assert evidence_behind(published).status == "queued"


@pytest.mark.long
def test_two_sessions_on_one_table_compute_what_is_the_same_once(
    kepler: DatasetSnapshot, media: Path
) -> None:
    trained()
    kept = {path.name: path.stat().st_mtime_ns for path in (media / "computed").iterdir()}
    kinds = {name.split("-")[0] for name in kept}
    assert kinds == {"checked", "features", "folds", "probe", "drawn"}
    trained(model_type="linear_regression")
    # Nothing was written anew; what was used was touched.
    assert {path.name for path in (media / "computed").iterdir()} == set(kept)
    for path in (media / "computed").iterdir():
        assert path.stat().st_mtime_ns > kept[path.name]
