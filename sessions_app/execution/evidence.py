"""What deepens a session's first answer: begun with it, kept part by part in its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from mlcore.evaluation.evidence import EvidencePart, PartState
from mlcore.jobs.messages import RESULTS
from sessions_app.files import storage
from sessions_app.lifecycle import IllegalMoveError, Status
from sessions_app.models import EVIDENCE, AnalysisSession, Session, SessionKind
from sessions_app.models.evidence import recorded_parts
from sessions_app.queue.turns import enqueue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["begin_evidence", "keep_part", "parts_that_are_missing"]


def begin_evidence(session: Session, result: Mapping[str, Any]) -> None:
    """Queue what deepens the first answer of a session, within the transaction that completes it.

    What a job returned says which parts there are; it may be none.
    """
    parts = recorded_parts(
        session, result["model"], PartState.COMING, measured=result["metrics"] is not None
    )
    if not parts:
        return
    copied = ("owner_id", "owner_key", "counted_as", "address_key", "mission", "task", "seed")
    copied += ("data_source", "snapshot_id", "reference_id")
    evidence = AnalysisSession.objects.create(
        **{name: getattr(session, name) for name in copied},
        kind=SessionKind.ANALYSIS,
        of=session,
        analysis=EVIDENCE,
        in_background=True,
        answer={"parts": parts},
    )
    enqueue(evidence.pk)


def parts_that_are_missing(evidence: AnalysisSession) -> list[EvidencePart]:
    """Return the parts that are still to be gathered, in their order."""
    parts = (evidence.answer or {}).get("parts", [])
    return [EvidencePart(part["part"]) for part in parts if part["state"] == PartState.COMING]


def keep_part(this_attempt: Any, evidence_id: Any, event: Mapping[str, Any], folder: Path) -> None:
    """Write a part that was gathered, or why it was not, into the report that it belongs to.

    Raises IllegalMoveError where the attempt that gathered it no longer runs.
    """
    if "failed" not in event and event["part"] == EvidencePart.SCORE_INTERVALS:
        # Before the row is locked, where it keeps nobody waiting.
        storage.wait_for_store()
    with transaction.atomic():
        runs = this_attempt.select_for_update().filter(pk=evidence_id, status=Status.RUNNING)
        if not runs.exists():
            raise IllegalMoveError(f"session {evidence_id} does not run")
        evidence = AnalysisSession.objects.get(pk=evidence_id)
        failure = event.get("failed")
        if failure is None:
            _keep_findings(evidence.of_id, event)
            if event["part"] == EvidencePart.SCORE_INTERVALS:
                storage.keep_folder(folder / RESULTS, storage.results_folder(evidence.of_id))
        for part in (evidence.answer or {})["parts"]:
            if part["part"] == event["part"]:
                state = PartState.THERE if failure is None else PartState.FAILED
                part |= {"state": str(state), "note": failure}
        evidence.save(update_fields=["answer"])


def _keep_findings(session_id: Any, event: Mapping[str, Any]) -> None:
    session = Session.objects.select_for_update().get(pk=session_id)
    report = session.report or {}
    for path, value in event["findings"]:
        _put(report, path, value)
    report["notes"] = list(dict.fromkeys([*report.get("notes", []), *event["notes"]]))
    session.report = report
    session.warnings = list(dict.fromkeys([*session.warnings, *event["warnings"]]))
    session.save(update_fields=["report", "warnings"])


def _put(report: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Put a value into its place in a report; behind what is there where the path ends with +."""
    *way, last = path
    for name in way[:-1] if last == "+" else way:
        report = report.setdefault(name, {})
    if last == "+":
        report[way[-1]] = [*report.get(way[-1], []), *value]
    else:
        report[last] = value
