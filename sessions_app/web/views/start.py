"""The pages whose forms start sessions."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from mlcore import DATASETS
from sessions_app import selectors, services
from sessions_app.exceptions import RefusedError
from sessions_app.web.forms import PredictionForm, TrainingForm
from sessions_app.web.requests import receives_files, refused, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from sessions_app.access.ownership import Owner
    from sessions_app.models import Session
    from sessions_app.web.forms import DataForm

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@receives_files
def train(request: HttpRequest, *, refusal: RefusedError | None) -> HttpResponse:
    """Show the form that trains a model, and start what it asks for."""

    def begin(form: TrainingForm, owner: Owner) -> Session:
        return services.start_training(
            model_type=form.cleaned_data["model_type"],
            hyperparameters=form.hyperparameters(),
            data=form.rows(),
            choices=form.choices(),
            seed=form.cleaned_data["seed"],
            owner=owner,
        )

    return _answer(request, TrainingForm, "train.html", begin, refusal)


@require_http_methods(_METHODS)
@receives_files
def predict(request: HttpRequest, *, refusal: RefusedError | None) -> HttpResponse:
    """Show the form that predicts with a published model, and start what it asks for."""

    def begin(form: PredictionForm, owner: Owner) -> Session:
        return services.start_prediction(
            data=form.rows(),
            model_id=form.model_id(),
            task=form.cleaned_data["task"],
            fewer_columns=form.choice_of_columns(),
            second_opinion=form.second_opinion(),
            seed=form.cleaned_data["seed"],
            owner=owner,
        )

    return _answer(request, PredictionForm, "predict.html", begin, refusal)


def _answer(
    request: HttpRequest,
    form_type: type[Any],
    template: str,
    begin: Callable[[Any, Owner], Session],
    refusal: RefusedError | None,
) -> HttpResponse:
    if refusal is not None:
        # What came with the request was not read, so that the form is a new one.
        return refused(request, template, _shown(form_type()), refusal)
    if request.method != "POST":
        # A link to the form may have chosen something already, such as a mission.
        chosen = {name: request.GET[name] for name in form_type.base_fields if name in request.GET}
        return render(request, template, _shown(form_type(initial=chosen)))
    form = form_type(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, template, _shown(form), status=HTTPStatus.BAD_REQUEST)
    try:
        return start(request, lambda owner: begin(form, owner))
    except RefusedError as refusal_to_start:
        form.refuse(refusal_to_start)
        return refused(request, template, _shown(form), refusal_to_start)


def _shown(form: DataForm) -> dict[str, Any]:
    snapshots = selectors.current_snapshots()
    not_loaded = [DATASETS[name].title for name, snapshot in snapshots.items() if snapshot is None]
    return {"form": form, "not_loaded": not_loaded}
