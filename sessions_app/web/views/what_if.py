"""What a model would say of an object with other values: sliders that answer at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mlcore.tasks import PLANET, find_task
from sessions_app.access import identity
from sessions_app.exceptions import RefusedError
from sessions_app.plots.of_object import WATERFALL
from sessions_app.selectors import at_once
from sessions_app.selectors.catalogue_object import catalogue_object
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.context import Step, step
from sessions_app.web.formatting import quantity
from sessions_app.web.requests import readable_session, result_objects_of
from sessions_app.web.tables.sessions import session_title
from sessions_app.web.tables.verdict_card import card_of_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from mlcore.tasks import Task
    from sessions_app.selectors.catalogue_object import CatalogueObject

    Ask = Callable[[Mapping[str, float | None]], dict[str, Any]]

STEPS = 400
"""How many places a slider has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """An object that can be asked about."""

    name: str
    task: Task
    address: str
    """Of the page of sliders."""
    trail: list[Step]
    turning: Callable[[], dict[str, Any]]
    ask: Ask


@require_safe
def of_session(request: HttpRequest, session_id: UUID, number: int) -> HttpResponse:
    """Show what a session's model would say of one of its objects with other values."""
    session = readable_session(request, session_id)
    row = result_objects_of(session).numbered(number)
    if row is None:
        raise Http404
    who = identity.caller(request, request.user).counted_as
    subject = Subject(
        name=row.name,
        task=find_task(session.task),
        address=reverse("what_if", args=[session.pk, number]),
        trail=[
            step(session_title(session), "session", session.pk),
            step(row.name, "object", session.pk, number),
        ],
        turning=lambda: at_once.what_would_change(session, number, who=who),
        ask=lambda changes: at_once.what_if(session, number, changes, who=who),
    )
    return _answered(request, subject)


@require_safe
def of_catalogue(request: HttpRequest, mission: str, name: str) -> HttpResponse:
    """Show what the published model would say of an object of a mission's table."""
    found = catalogue_object(mission, name)
    if found is None or found.model is None:
        raise Http404
    model = found.model
    who = identity.caller(request, request.user).counted_as
    listed = {"mission": mission, "who": who}
    subject = Subject(
        name=found.row.name,
        task=find_task(model.task),
        address=reverse("what_if_listed", args=[mission, found.row.name]),
        trail=[
            step("Explore", "explore"),
            step(found.dataset.title, "mission", mission),
            step(found.row.name, "catalogue_object", mission, found.row.name),
        ],
        turning=lambda: at_once.what_would_change_of_listed(model, found.row.name, **listed),
        ask=lambda changes: at_once.what_if_listed(model, found.row.name, changes, **listed),
    )
    return _answered(request, subject)


def note_on_star(found: CatalogueObject) -> str:
    """Return what is to be known where the published model was trained on an object's star."""
    if found.row.in_test_split or found.model is None:
        return ""
    return _TRAINED_ON_IT.format(model_title(found.model))


@require_safe
def why(request: HttpRequest, mission: str, name: str) -> HttpResponse:
    """Say why the published model says what it says of an object of a mission's table."""
    found = catalogue_object(mission, name)
    if found is None or found.model is None:
        raise Http404
    who = identity.caller(request, request.user).counted_as
    shown: dict[str, Any] = {"found": found, "note": note_on_star(found)}
    try:
        answer = at_once.what_if_listed(found.model, name, {}, mission=mission, who=who)
        shown |= {
            "answer": answer,
            "card": card_of_answer(answer, find_task(found.model.task)),
            "waterfall": reverse("dataset-object-plot", args=[mission, found.row.name, WATERFALL]),
            "numbers": reverse("catalogue_object_plot", args=[mission, found.row.name, WATERFALL]),
        }
    except RefusedError as refusal:
        shown["refusal"] = refusal.sentence
    if "HX-Request" in request.headers:
        return render(request, "why.html", shown)
    trail = [step("Explore", "explore"), step(name, "catalogue_object", mission, name)]
    return render(request, "why_page.html", shown | {"trail": trail})


_TRAINED_ON_IT = (
    "These are answers of {} as it is published, which was trained on this object's star: it is"
    " surer here than the verdict above, which is of a model that never saw the star."
)


def _answered(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Answer with the sliders, or with what they say; to htmx with the part alone."""
    alone = "HX-Request" in request.headers
    asked = {name: text for name, text in request.GET.items() if name != "told"}
    try:
        answer = subject.ask(_changes(asked))
        shown = _shown(subject, answer)
        if "told" in request.GET:
            return render(request, "what_if_answer.html", shown)
        turning = subject.turning()["quantities"]
        shown |= {
            "turning": [one["sentence"] for one in turning if one["at"] is not None],
            "staying": [one["sentence"] for one in turning if one["at"] is None],
            "quantities": [_slider(one) for one in turning],
            "steps": STEPS,
        }
    except RefusedError as refusal:
        told = {"refusal": refusal.sentence, "subject": subject, "trail": subject.trail}
        status = 200 if alone else refusal.status
        return render(request, _template(alone=alone), told, status=status)
    return render(request, _template(alone=alone), shown | {"trail": subject.trail})


def _template(*, alone: bool) -> str:
    return "what_if.html" if alone else "what_if_page.html"


def _shown(subject: Subject, answer: dict[str, Any]) -> dict[str, Any]:
    before = answer["before"]["probabilities"].get(str(PLANET))
    card = card_of_answer(answer, subject.task)
    return {
        "subject": subject,
        "card": card,
        "before": before,
        "changes": [
            f"{change['title']}: {quantity(change['after'], change['unit'])} in place of"
            f" {quantity(change['before'], change['unit'])}"
            for change in answer["changes"]
        ],
        "warnings": answer["warnings"],
    }


def _changes(asked: Mapping[str, str]) -> dict[str, float | None]:
    """Return the values that are asked for; what is no number is refused by its name."""
    changes: dict[str, float | None] = {}
    for name, text in asked.items():
        try:
            changes[name] = float(text)
        except ValueError:
            raise RefusedError(
                f"{name[:60]} was {text[:20]!r}, but it must be a number.", field=name[:60]
            ) from None
    return changes


def place_of(value: float, scale: Mapping[str, Any]) -> int:
    """Return the place of a slider, from 0 to `STEPS`, that is nearest to a value."""
    low, high = float(scale["low"]), float(scale["high"])
    if scale["scale"] == "log" and low > 0:
        value, low, high = (math.log(max(end, low)) for end in (value, low, high))
    return round(STEPS * min(max((value - low) / ((high - low) or 1.0), 0.0), 1.0))


def _slider(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "place": place_of(one["value"], one),
        "shown": quantity(one["value"], one["unit"]),
        "least": quantity(one["low"], one["unit"]),
        "most": quantity(one["high"], one["unit"]),
    }
