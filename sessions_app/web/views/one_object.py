"""One object typed in, and what a model says of it at once."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from mlcore import DATASETS
from mlcore.tasks import find_task
from sessions_app import services
from sessions_app.access import identity
from sessions_app.access.rate_limits import READING, refuse_one_too_many
from sessions_app.exceptions import RefusedError
from sessions_app.selectors import at_once
from sessions_app.web.one_object_form import ChosenModelForm, ValuesForm
from sessions_app.web.requests import refused
from sessions_app.web.tables.verdict_card import card_of_answer

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from sessions_app.models import TrainingSession

_TEMPLATE = "predict_object.html"


@require_http_methods(["GET", "HEAD", "POST"])
def one_object(request: HttpRequest) -> HttpResponse:
    """Ask for the values of one object, and answer on the same page."""
    sent = request.POST if request.method == "POST" else request.GET
    chosen = ChosenModelForm({"mission": next(iter(DATASETS))} | sent.dict())
    owner = identity.caller(request, request.user)
    context: dict[str, Any] = {"chosen": chosen}
    try:
        if not chosen.is_valid():
            return render(request, _TEMPLATE, context, status=HTTPStatus.BAD_REQUEST)
        model = services.asked_model(**chosen.asked(), owner=owner)
        mission = chosen.cleaned_data["mission"]
        asked = at_once.asked_values(model, mission)
        # So that the first answer does not wait for it.
        at_once.warm()
        if request.method != "POST":
            return render(request, _TEMPLATE, context | {"form": ValuesForm(asked)})
        refuse_one_too_many(READING, request, request.user)
    except RefusedError as refusal:
        return refused(request, _TEMPLATE, context, refusal)
    form = ValuesForm(asked, request.POST)
    context["form"] = form
    if not form.is_valid():
        return render(request, _TEMPLATE, context, status=HTTPStatus.BAD_REQUEST)
    try:
        answer = at_once.predict_one(
            model, form.values(), mission=mission, who=owner.counted_as or owner.key
        )
    except RefusedError as refusal:
        form.refuse(refusal)
        about = "" if refusal.field else refusal.sentence
        return refused(request, _TEMPLATE, context | {"refusal": about}, refusal)
    return render(request, _TEMPLATE, context | _shown(answer, model))


def _shown(answer: dict[str, Any], model: TrainingSession) -> dict[str, Any]:
    return {"answer": answer, "card": card_of_answer(answer, find_task(model.task))}
