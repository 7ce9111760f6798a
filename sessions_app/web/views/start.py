"""The pages whose forms start sessions, and what they say before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from mlcore import DATASETS
from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.access.rate_limits import READING, refuse_one_too_many
from sessions_app.exceptions import RefusedError
from sessions_app.models import FilePurpose
from sessions_app.web.prediction_form import PredictionForm
from sessions_app.web.requests import receives_files, refused, require_room_to_start
from sessions_app.web.sent_files import REMOVE, sent_files, token_field
from sessions_app.web.tables.preview import Problem, ShownPreview, shown_preview
from sessions_app.web.training_form import TrainingForm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

    from sessions_app.access.ownership import Owner
    from sessions_app.models import Session
    from sessions_app.services import Preview
    from sessions_app.web.data_form import DataForm

_METHODS = ["GET", "HEAD", "POST"]
_LOOK = "look"
"""The button that only shows what would happen, for a browser without scripts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """A page that starts sessions of one kind."""

    form: type[Any]
    template: str
    look: str
    """Name of the address that shows what its form would do."""
    start: Callable[..., Session]
    preview: Callable[..., Preview]


_TRAIN = _Page(
    form=TrainingForm,
    template="train.html",
    look="preview_train",
    start=services.start_training,
    preview=services.preview_training,
)
_PREDICT = _Page(
    form=PredictionForm,
    template="predict.html",
    look="preview_predict",
    start=services.start_prediction,
    preview=services.preview_prediction,
)


@require_http_methods(_METHODS)
@receives_files
def train(request: HttpRequest, *, refusal: RefusedError | None) -> HttpResponse:
    """Show the form that trains a model, and start what it asks for."""
    return _answer(request, _TRAIN, refusal)


@require_http_methods(_METHODS)
@receives_files
def predict(request: HttpRequest, *, refusal: RefusedError | None) -> HttpResponse:
    """Show the form that predicts with a published model, and start what it asks for."""
    return _answer(request, _PREDICT, refusal)


@require_POST
@receives_files
def preview_train(request: HttpRequest, *, refusal: RefusedError | None) -> HttpResponse:
    """Show what the form that trains would do."""
    return _looked_at(request, _TRAIN, refusal)


@require_POST
@receives_files
def preview_predict(request: HttpRequest, *, refusal: RefusedError | None) -> HttpResponse:
    """Show what the form that predicts would do."""
    return _looked_at(request, _PREDICT, refusal)


def _answer(request: HttpRequest, page: _Page, refusal: RefusedError | None) -> HttpResponse:
    if refusal is not None:
        # What came with the request was not read, so that the form is a new one.
        return refused(request, page.template, _shown(page, page.form()), refusal)
    if request.method != "POST":
        return _first_seen(request, page)
    owner, visitor = identity.starter(request, request.user)
    form = page.form(request.POST)
    try:
        require_room_to_start(request)
        form = page.form(request.POST, sent=sent_files(request, owner))
        response = _started(request, page, form, owner)
    except RefusedError as not_now:
        response = refused(request, page.template, _shown(page, form), not_now)
    if visitor:
        identity.remember(response, visitor)
    return response


def _first_seen(request: HttpRequest, page: _Page) -> HttpResponse:
    # A link to the form may have chosen something already, such as a mission.
    names = page.form.base_fields
    chosen = {name: request.GET[name] for name in names if name in request.GET}
    form = page.form(initial={"mission": next(iter(DATASETS))} | chosen)
    as_it_is = page.form({name: form[name].value() for name in form.fields})
    preview, _ = _preview(page, as_it_is, identity.caller(request, request.user))
    return render(request, page.template, _shown(page, form, preview))


def _started(request: HttpRequest, page: _Page, form: DataForm, owner: Owner) -> HttpResponse:
    """Start what a form asks for and lead to its page, or show the form with all that is wrong."""
    if _LOOK in request.POST or REMOVE in request.POST:
        preview, _ = _preview(page, form, owner)
        unbound = page.form(initial=_initial(form), sent=form.sent)
        return render(request, page.template, _shown(page, unbound, preview))
    first: list[RefusedError] = []
    if form.is_valid():
        try:
            return redirect("session", page.start(**form.asked(), owner=owner).pk)
        except RefusedError as refusal:
            if refusal.retry_after:
                raise
            first = [refusal]
    preview, refusals = _preview(page, form, owner)
    form.refuse([*first, *refusals])
    form.begin_with_the_first_error()
    status = first[0].status if first else HTTPStatus.BAD_REQUEST
    return render(request, page.template, _shown(page, form, preview), status=status)


def _initial(form: DataForm) -> dict[str, Any]:
    """Return what a form was sent with, for one that nothing is said against yet."""
    return {name: form[name].value() for name in form.fields}


def _looked_at(request: HttpRequest, page: _Page, refusal: RefusedError | None) -> HttpResponse:
    if refusal is not None:
        return _only_told(request, refusal)
    owner, visitor = identity.starter(request, request.user)
    try:
        refuse_one_too_many(READING, request, request.user)
        identity.refuse_strangers(request.user)
        form = page.form(request.POST, sent=sent_files(request, owner))
        preview, _ = _preview(page, form, owner)
    except RefusedError as not_now:
        return _only_told(request, not_now)
    context = {"preview": preview, "kept": _kept(form), "look": reverse(page.look)}
    response = render(request, "preview_swapped.html", context)
    if visitor:
        identity.remember(response, visitor)
    return response


def _only_told(request: HttpRequest, refusal: RefusedError) -> HttpResponse:
    preview = ShownPreview(problems=[Problem(sentence=refusal.sentence, place="")])
    return refused(request, "preview_swapped.html", {"preview": preview}, refusal)


def _preview(
    page: _Page, form: DataForm, owner: Owner
) -> tuple[ShownPreview, Sequence[RefusedError]]:
    """Return what a page shows of what a form would do, and why that would be refused."""
    preview: Preview | None = None
    refusals: Sequence[RefusedError] = ()
    if form.can_be_asked():
        try:
            preview = page.preview(**form.asked(), owner=owner)
            refusals = preview.would_be_refused
        except RefusedError as refusal:
            if refusal.retry_after:
                raise
            refusals = [refusal]
    problems = [
        *(
            Problem(sentence=f"{form[name].label}: {sentence}", place=form[name].auto_id)
            for name, sentence in form.wrong_fields()
        ),
        *(_problem(form, refusal) for refusal in refusals),
    ]
    return shown_preview(preview, problems, form.data), refusals


def _problem(form: DataForm, refusal: RefusedError) -> Problem:
    place = form.place_of(refusal)
    return Problem(
        sentence=refusal.sentence, place=form[place].auto_id if place is not None else ""
    )


def _kept(form: DataForm) -> list[dict[str, Any]]:
    return [
        {
            "field": purpose.value,
            "token_field": token_field(purpose),
            "file": form.sent.files.get(purpose.value),
        }
        for purpose in FilePurpose
    ]


def _shown(page: _Page, form: DataForm, preview: ShownPreview | None = None) -> dict[str, Any]:
    snapshots = selectors.current_snapshots()
    not_loaded = [
        DATASETS[name].title
        for name, snapshot in snapshots.items()
        if snapshot is None and DATASETS[name].archive_table
    ]
    return {
        "form": form,
        "look": reverse(page.look),
        "not_loaded": not_loaded,
        "preview": preview,
        "kept": {one["field"]: one for one in _kept(form)},
        "most_bytes": settings.EXOPLANET_UPLOAD_LIMIT_MB * 10**6,
    }
