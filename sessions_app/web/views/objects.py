"""The pages of a result's objects: all of them in pages, and each with its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mlcore.datasets import DATASETS
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.stretches import NOT_A_SUM
from mlcore.tasks import find_task
from sessions_app import services
from sessions_app.access.reviewers import may_review
from sessions_app.exceptions import RefusedError
from sessions_app.files.curves import curves_of
from sessions_app.lifecycle import Status
from sessions_app.models import SessionKind
from sessions_app.plots.of_object import STRETCHES_DRAWN, figures_of_object, plots_of_object
from sessions_app.selectors.explained import explained
from sessions_app.selectors.object_names import names_meant, other_names_of_object
from sessions_app.selectors.object_values import values_of
from sessions_app.selectors.planet_rate import expected_rate
from sessions_app.selectors.reviews import reviews_of
from sessions_app.selectors.stretches import stretches_of
from sessions_app.web.context import step
from sessions_app.web.formatting import words
from sessions_app.web.requests import (
    in_one_sentence,
    readable_session,
    require_room_to_start,
    result_objects_of,
)
from sessions_app.web.tables.analyses import fitting_analyses
from sessions_app.web.tables.objects import (
    ObjectsForm,
    check_question,
    check_table,
    contribution_tables,
    listed_object,
    probability_table,
)
from sessions_app.web.tables.sessions import session_title
from sessions_app.web.tables.sheet import sheet_of, summed_up
from sessions_app.web.tables.stars import star_of
from sessions_app.web.tables.verdict_card import card_of_prediction
from sessions_app.web.tables.vetting import vetting_table
from sessions_app.web.views.catalogue import shown_links
from sessions_app.web.views.sessions import tabbed

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from mlcore.lightcurves.records import SignalRecord
    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.files.results import ObjectList
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

_PAGE = 50


@require_safe
def result_objects(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """List a result's objects."""
    session = readable_session(request, session_id)
    if session.status != Status.COMPLETED or session.kind == SessionKind.ANALYSIS:
        return redirect("session", session_id)
    objects = result_objects_of(session)
    form = ObjectsForm(request.GET, session, objects)
    at = _expected(session, form)
    task = find_task(session.task)
    page = Paginator(_in_order(session, objects, form), _PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    values = form.written(objects, rows) or [()] * len(rows)
    kept = request.GET.copy()
    kept.pop("page", None)
    return render(
        request,
        "objects.html",
        tabbed(request, session)
        | {
            "form": form,
            "headings": form.headings(),
            "page": page,
            "listed": [
                listed_object(row, told, at, task) for row, told in zip(rows, values, strict=True)
            ],
            "at": at,
            # What was found in a light curve stands in no catalogue, unless its file says so.
            "catalogued": session.mission != LIGHT_CURVES.name or any(row.actual for row in rows),
            "kept": kept.urlencode(),
            "download": reverse(f"{session.kind}-session-export", args=[session.pk]),
        },
        status=200 if form.is_valid() else 400,
    )


@require_safe
def one_object(request: HttpRequest, session_id: UUID, number: int) -> HttpResponse:
    """Show what is said of one object, and why."""
    return _shown(request, readable_session(request, session_id), number)


@require_POST
def review(request: HttpRequest, session_id: UUID, number: int) -> HttpResponse:
    """Write down what a reviewer says of an object."""
    session = readable_session(request, session_id)
    given = {name: request.POST.get(name, "") for name in ("verdict", "reason")}
    try:
        require_room_to_start(request)
        services.review_object(session.pk, number, reviewer=request.user, **given)
    except RefusedError as refusal:
        told = {"review_refusal": refusal.sentence, "given": given}
        return _shown(request, session, number, status=refusal.status, **told)
    return redirect("object", session_id, number)


def _shown(
    request: HttpRequest, session: Session, number: int, *, status: int = 200, **told: Any
) -> HttpResponse:
    objects = result_objects_of(session)
    row = objects.numbered(number)
    if row is None:
        raise Http404
    try:
        (row,) = explained(session, [row])
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    form = ObjectsForm(request.GET, session, objects)
    at = _expected(session, form)
    judgement = row.judgement or {}
    contributions, rest = contribution_tables(session, row)
    task = find_task(session.task)
    return render(
        request,
        "object.html",
        {
            "session": session,
            "title": session_title(session),
            "mark": session.mark,
            "row": row,
            "card": card_of_prediction(session, row, _signal(session, row)),
            **_described(session, row),
            "plots": {name: _plot_of(session, row, name) for name in plots_of_object(session, row)},
            **_light_curve(session, row, objects),
            "form": form,
            "probabilities": probability_table(session, row, at),
            "contributions": contributions,
            "rest": rest,
            "judgement": judgement,
            "passed": [check_question(name) for name in judgement.get("passed_checks", ())],
            "checks": check_table(judgement),
            "unchecked": [check_question(name) for name in judgement.get("unchecked", ())],
            **_neighbours(_in_order(session, objects, form), number),
            "kept": request.GET.urlencode(),
            "fitting": fitting_analyses(session, of_one_object=True),
            "classes": [(kind, task.called(kind)) for kind in task.classes],
            "started": session.analyses.filter(object_number=number).order_by("-created_at")[:20],
            "reviews": reviews_of(session, row),
            "may_review": may_review(request.user),
            "review_verdicts": [
                (verdict, words(verdict)) for verdict in services.verdicts_on(session)
            ],
            **told,
            "trail": [
                step("My sessions", "sessions"),
                step(session_title(session), "session", session.pk),
                step("Objects", "objects", session.pk),
            ],
        },
        status=status if form.is_valid() else 400,
    )


def _in_order(session: Session, objects: ObjectList, form: ObjectsForm) -> ObjectList:
    """Return a result's objects as they are asked for."""
    chosen = form.cleaned_data if form.is_valid() else {}
    words = chosen.get("search", "")
    return objects.ordered(
        form.order(),
        label=chosen.get("label", ""),
        words=words,
        names=names_meant(words, session.mission),
    )


def _neighbours(objects: ObjectList, number: int) -> dict[str, Any]:
    """Return where an object stands in a list, and which come before and after it."""
    place = objects.place_of(number)
    if place is None:
        return {"place": None, "before": None, "after": None, "count": len(objects)}
    return {
        "place": place + 1,
        "count": len(objects),
        "before": objects.number_at(place - 1) if place else None,
        "after": objects.number_at(place + 1) if place + 1 < len(objects) else None,
    }


def _described(session: Session, row: ObjectPrediction) -> dict[str, Any]:
    """Return what an object is: in a sentence, in its values, and elsewhere."""
    dataset = DATASETS.get(session.mission)
    if dataset is None:
        return {}
    values = values_of(session, row)
    if (curves := curves_of(session)) is not None:
        values |= curves.measured(row.number)
    return {
        "other_names": other_names_of_object(row.name, dataset, session.snapshot),
        "summary": summed_up(dataset, values, row.host),
        "sheet": sheet_of(dataset, values),
        "vetting": vetting_table(session.mission, values),
        "links": shown_links(dataset, row.name, row.host),
    }


def _signal(session: Session, row: ObjectPrediction) -> SignalRecord | None:
    curves = curves_of(session)
    return None if curves is None else curves.record(row.number)


def _light_curve(session: Session, row: ObjectPrediction, objects: ObjectList) -> dict[str, Any]:
    """Return the star of a signal that was found in a light curve, and what is drawn of them."""
    curves = curves_of(session)
    found = curves.signal(row.number) if curves else None
    if found is None:
        return {}
    said = sorted(stretches_of(curves, row.number), key=lambda one: -abs(one.change))
    return {
        "star": star_of(found, objects),
        "stretches": said
        and {
            "speak": [one.sentence for one in said if one.noticed],
            "about": NOT_A_SUM,
            **_plot_of(session, row, STRETCHES_DRAWN),
        },
        "figures": [
            {"figure": figure, **_plot_of(session, row, figure.name)}
            for figure in figures_of_object(found)
        ],
    }


def _plot_of(session: Session, row: ObjectPrediction, name: str) -> dict[str, str]:
    """Return where a plot of an object is, and where its numbers are."""
    of = [session.pk, row.number, name]
    return {
        "address": reverse(f"{session.kind}-session-object-plot", args=of),
        "numbers": reverse("object_plot", args=of),
    }


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
