"""The pages of a result's objects: all of them in pages, and each with its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mlcore.tasks import find_task
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files.results import ORDERS, objects_of
from sessions_app.lifecycle import Status
from sessions_app.models import SessionKind
from sessions_app.selectors.explained import explained
from sessions_app.selectors.planet_rate import expected_rate
from sessions_app.web.requests import in_one_sentence, readable_session
from sessions_app.web.tables.analyses import fitting_analyses
from sessions_app.web.tables.objects import (
    ObjectsForm,
    check_question,
    check_table,
    contribution_tables,
    listed_object,
    probability_table,
    verdict,
)
from sessions_app.web.tables.sessions import session_title

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from sessions_app.files.results import ObjectList
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

_PAGE = 50


@require_safe
def result_objects(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """List a result's objects."""
    session = readable_session(request, session_id)
    if not _has_objects(session):
        return redirect("session", session_id)
    form = ObjectsForm(request.GET)
    at = _expected(session, form)
    chosen = form.cleaned_data
    task = find_task(session.task)
    sort = chosen.get("sort") or ("follow_up" if task.ranked else "number")
    objects = _objects(session).ordered(ORDERS[sort], label=chosen.get("label", ""))
    page = Paginator(objects, _PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    return render(
        request,
        "objects.html",
        _common(session)
        | {
            "form": form,
            "page": page,
            "listed": [listed_object(row, at, task) for row in page],
            "at": at,
            "kept": kept.urlencode(),
            "download": reverse(f"{session.kind}-session-export", args=[session.pk]),
        },
        status=200 if form.is_valid() else 400,
    )


@require_safe
def one_object(request: HttpRequest, session_id: UUID, number: int) -> HttpResponse:
    """Show what is said of one object, and why."""
    session = readable_session(request, session_id)
    if not _has_objects(session):
        raise Http404
    objects = _objects(session)
    row = objects.numbered(number)
    if row is None:
        raise Http404
    try:
        (row,) = explained(session, [row])
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    form = ObjectsForm(request.GET)
    at = _expected(session, form)
    judgement = row.judgement or {}
    contributions, rest = contribution_tables(session, row)
    task = find_task(session.task)
    return render(
        request,
        "object.html",
        _common(session)
        | {
            "row": row,
            "verdict": verdict(row),
            "form": form,
            "probabilities": probability_table(session, row, at),
            "contributions": contributions,
            "rest": rest,
            "judgement": judgement,
            "conformal": judgement.get("conformal"),
            "passed": [check_question(name) for name in judgement.get("passed_checks", ())],
            "checks": check_table(judgement),
            "unchecked": [check_question(name) for name in judgement.get("unchecked", ())],
            "before": number > 1 and number - 1,
            "after": number < len(objects) and number + 1,
            "fitting": fitting_analyses(session, of_one_object=True),
            "classes": [(kind, task.called(kind)) for kind in task.classes],
            "started": session.analyses.filter(object_number=number).order_by("-created_at")[:20],
        },
        status=200 if form.is_valid() else 400,
    )


def _common(session: Session) -> dict[str, Any]:
    return {"session": session, "title": session_title(session), "mark": session.mark}


def _objects(session: Session) -> ObjectList:
    try:
        return objects_of(session)
    except GoneError as refusal:
        raise Http404(refusal.sentence) from None


def _has_objects(session: Session) -> bool:
    return session.status == Status.COMPLETED and session.kind != SessionKind.ANALYSIS


def _expected(session: Session, form: ObjectsForm) -> ExpectedRate | None:
    """Return the rate of planets that was asked for; what is wrong with it stands beside it."""
    rate = form.cleaned_data.get("planet_rate") if form.is_valid() else None
    if rate is None:
        return None
    try:
        return expected_rate(session, rate)
    except RefusedError as refusal:
        form.add_error("planet_rate", refusal.sentence)
        return None
