"""Which parts deepen a session's first answer, and how each is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.evaluation.evidence import EvidencePart, PartState, parts_to_gather
from mlcore.prediction.stored import EXPLAINED_AT_ONCE
from sessions_app.models.session import SessionKind, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessions_app.models.session import Session

__all__ = ["recorded_parts"]


def recorded_parts(
    session: Session, model: Mapping[str, Any], state: PartState, *, measured: bool
) -> list[dict[str, Any]]:
    """Return the parts of a session as JSON values, all of one state.

    The model is what a job says that it is, and measured whether any row had a true label. Of a
    table that is too large to be explained at once the scores' intervals are drawn when an object
    is looked at.
    """
    trained = session.kind == SessionKind.TRAINING
    later = set()
    if model["test_rows"] > EXPLAINED_AT_ONCE:
        later.add(EvidencePart.SCORE_INTERVALS)
    parts = parts_to_gather(
        model["model_type"],
        measured=measured,
        trained=trained or bool(model.get("fine_tuned")),
        protocols=_protocols(session) if trained else (),
    )
    return [
        {"part": str(part), "state": str(state), "note": None}
        for part in parts
        if part not in later
    ]


def _protocols(session: Session) -> tuple[str, ...]:
    # Asked for alone: the session's own row has its report, which is large.
    asked = TrainingSession.objects.filter(pk=session.pk).values_list("protocols", flat=True)
    return tuple(asked.get())
