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
from sessions_app.web.requests import receives_files, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from sessions_app.access.ownership import Owner
    from sessions_app.models import Session
    from sessions_app.web.forms import DataForm

__all__ = ["predict", "train"]

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
        return _page(request, form_type(), template, refusal)
    if request.method != "POST":
        return _page(request, form_type(initial=_initial(request, form_type)), template)
    form = form_type(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, template, status=HTTPStatus.BAD_REQUEST)
    try:
        return start(request, lambda owner: begin(form, owner))
    except RefusedError as refused:
        form.refuse(refused)
        return _page(request, form, template, refused, shown=True)


def _initial(request: HttpRequest, form_type: type[DataForm]) -> dict[str, str]:
    """Return what a link to the form has chosen already, such as a mission."""
    given = request.GET
    return {name: given[name] for name in form_type.base_fields if name in given}


def _page(
    request: HttpRequest,
    form: DataForm,
    template: str,
    refusal: RefusedError | None = None,
    *,
    shown: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Return the page with a form; a refusal that no field shows stands above it."""
    loaded = [name for name, snapshot in selectors.current_snapshots().items() if snapshot]
    context = {
        "form": form,
        "refusal": None if refusal is None or shown else refusal.sentence,
        "not_loaded": [
            dataset.title for dataset in DATASETS.values() if dataset.name not in loaded
        ],
    }
    response = render(
        request, template, context, status=status if refusal is None else refusal.status
    )
    if refusal is not None and refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response
