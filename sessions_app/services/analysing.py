"""Starting analyses of completed sessions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import transaction

from mlcore.analyses.names import Analysis, refusal_of_analysis
from mlcore.datasets import Disposition
from sessions_app.access.ownership import SERVER, Owner
from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.files import storage
from sessions_app.files.results import objects_of
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, Session, SessionKind
from sessions_app.queue.turns import enqueue
from sessions_app.services.limits import make_room, refuse_when_full

if TYPE_CHECKING:
    from uuid import UUID

    from mlcore.prediction.stored import ObjectPrediction


def start_analysis(
    session_id: UUID,
    analysis: str,
    *,
    object_number: int | None = None,
    wanted: str | None = None,
    tree: int | None = None,
    owner: Owner = SERVER,
) -> AnalysisSession:
    """Accept an `Analysis` of a completed session and put it into the queue.

    Objects and trees are counted from 1; the first tree is the default. A `Disposition` that is
    wanted is the answer that a counterfactual looks for, any other than the model's own by default;
    or the one whose probability is explained, that of a planet by default. Raises RefusedError when
    the request cannot work: with 404 when there is no such session for the owner, with 409 when it
    has no model to look at.
    """
    refuse_when_full(owner)
    chosen = _known_analysis(analysis)
    session = Session.objects.filter(pk=session_id).first()
    if session is None or not owner.may_read(session.owner_key):
        raise RefusedError(
            f"session: there is no session {session_id}.",
            field="session",
            status=HTTPStatus.NOT_FOUND,
        )
    _check_can_be_analysed(session)
    _check_fits(chosen, session)
    row = _known_object(chosen, session, object_number)
    _check_wanted(chosen, session, row, wanted)
    _check_tree(chosen, session, tree)
    with transaction.atomic():
        make_room(owner)
        started = AnalysisSession.objects.create(
            **owner.recorded(),
            kind=SessionKind.ANALYSIS,
            of=session,
            analysis=chosen,
            object_number=object_number,
            wanted=wanted or "",
            tree=tree,
            mission=session.mission,
            data_source=session.data_source,
            snapshot=session.snapshot,
            reference=session.reference,
            task=session.task,
            seed=session.seed,
        )
        enqueue(started.pk)
    return started


def _known_analysis(name: str) -> Analysis:
    try:
        return Analysis(name)
    except ValueError:
        raise RefusedError(
            f"analysis was {name[:60]!r}, but it must be one of {', '.join(Analysis)}.",
            field="analysis",
            allowed=tuple(Analysis),
        ) from None


def _check_can_be_analysed(session: Session) -> None:
    if session.kind == SessionKind.ANALYSIS:
        raise RefusedError(
            "session: an analysis is of a training or prediction session, not of another analysis.",
            field="session",
        )
    sentence = None
    if session.status != Status.COMPLETED:
        sentence = f"it is {session.status} and only a completed one has a model to look at."
    elif not storage.exists(storage.artifact_folder(session.pk)):
        sentence = "its model is no longer on this server; run it again."
    elif session.snapshot is None and not _has_its_files(session):
        sentence = "the rows that it was about are not on this server."
    if sentence:
        raise ConflictError(f"session: {sentence}", field="session")


def _has_its_files(session: Session) -> bool:
    files = [storage.media_path(file.file.name) for file in session.files.all()]
    return bool(files) and all(map(storage.exists, files))


def _check_fits(analysis: Analysis, session: Session) -> None:
    model = session.model or {}
    refusal = refusal_of_analysis(
        analysis,
        model_type=model.get("model_type", ""),
        fine_tuned=bool(model.get("fine_tuned")),
        measured=session.metrics is not None,
    )
    if refusal:
        raise RefusedError(refusal, field="analysis")


def _known_object(
    analysis: Analysis, session: Session, number: int | None
) -> ObjectPrediction | None:
    if not analysis.of_one_object:
        if number is not None:
            raise RefusedError(
                f"object_number was {number}, but {analysis} is about the whole model; leave it"
                " out.",
                field="object_number",
            )
        return None
    objects = objects_of(session)
    row = objects.numbered(number) if number is not None else None
    if row is None:
        was = "is missing" if number is None else f"was {number}"
        raise RefusedError(
            f"object_number {was}: {analysis} is about one of the session's objects, which are"
            f" numbered from 1 to {len(objects)}.",
            field="object_number",
        )
    return row


def _check_wanted(
    analysis: Analysis, session: Session, row: ObjectPrediction | None, wanted: str | None
) -> None:
    if wanted is None:
        return
    if not analysis.takes_wanted:
        raise RefusedError(
            f"wanted was {wanted[:60]!r}, but {analysis} is about no disposition in particular;"
            " leave it out.",
            field="wanted",
        )
    known = (session.model or {}).get("classes") or [label.value for label in Disposition]
    own = row.label if row and analysis is Analysis.COUNTERFACTUAL else None
    allowed = [label for label in known if label != own]
    if wanted not in allowed:
        why = " the model's answer already" if wanted == own else f" {wanted[:60]!r}"
        raise RefusedError(
            f"wanted was{why}; for this object it must be one of {', '.join(allowed)}.",
            field="wanted",
            allowed=allowed,
        )


def _check_tree(analysis: Analysis, session: Session, tree: int | None) -> None:
    if tree is None:
        return
    if analysis is not Analysis.DECISION_PATH:
        raise RefusedError(
            f"tree was {tree}, but {analysis} is about no tree in particular; leave it out.",
            field="tree",
        )
    trees = (session.model or {}).get("hyperparameters", {}).get("n_estimators", 1)
    if not 1 <= tree <= trees:
        raise RefusedError(
            f"tree was {tree}, but it must be a whole number from 1 to {trees}: so many trees has"
            " the model.",
            field="tree",
        )
