"""What deepens a first answer, as it is read: what is there, what is coming, what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.evaluation.evidence import EvidencePart, PartState
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import EVIDENCE, AnalysisSession
from sessions_app.models.evidence import recorded_parts
from sessions_app.selectors.sessions import Standing, standing

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from sessions_app.models import Session

__all__ = ["coming_evidence", "evidence_of", "standing_with_evidence"]

_ENDED = "It was not gathered: {}"


def evidence_of(session: Session) -> dict[str, Any]:
    """Return what is known of a completed session's evidence as JSON values.

    ``complete`` tells whether nothing more is coming, ``session`` the id of the analysis that
    gathers it, None where it came with the first answer; ``parts`` are those that there are, each
    with its ``state``, ``coming``, ``there`` or ``failed``, and a ``note`` that says why it failed.
    """
    evidence = _evidence(session.pk).only("status", "error", "answer").first()
    if evidence is None:
        model = session.model or {}
        # It came with the first answer, if there is one.
        parts = (
            recorded_parts(session, model, PartState.THERE, measured=session.metrics is not None)
            if "model_type" in model
            else []
        )
    else:
        parts = [dict(part) for part in (evidence.answer or {}).get("parts", [])]
        if evidence.status in FINAL:
            for part in parts:
                if part["state"] == PartState.COMING:
                    part |= {"state": str(PartState.FAILED), "note": _ENDED.format(evidence.error)}
    return {
        "complete": all(part["state"] != PartState.COMING for part in parts),
        "session": None if evidence is None else str(evidence.pk),
        "parts": [{"meaning": EvidencePart(part["part"]).meaning, **part} for part in parts],
    }


def standing_with_evidence(session_id: UUID) -> Standing | None:
    """Return where a session stands as one that runs until its evidence is there."""
    first = standing(session_id)
    if first is None or first.status != Status.COMPLETED:
        return first
    coming = coming_evidence(session_id)
    behind = standing(coming[0]) if coming else None
    if behind is None or behind.status in FINAL:
        return first
    return Standing(
        status=Status.RUNNING,
        percent=behind.percent,
        step=f"The first answer is there; its evidence: {behind.step}",
        kind=first.kind,
        owner_key=first.owner_key,
    )


def coming_evidence(session_id: UUID) -> list[UUID]:
    """Return the id of the analysis that gathers a session's evidence; nothing where none does."""
    unfinished = _evidence(session_id).exclude(status__in=FINAL)
    return list(unfinished.values_list("pk", flat=True)[:1])


def _evidence(session_id: UUID) -> QuerySet[AnalysisSession]:
    return AnalysisSession.objects.filter(of_id=session_id, analysis=EVIDENCE).order_by(
        "-created_at"
    )
