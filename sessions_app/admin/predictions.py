"""Every prediction of a session in the admin: read from the result's file, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from mlcore.datasets import CLASSES
from sessions_app import services
from sessions_app.access.reviewers import may_review
from sessions_app.admin.prediction_sheets import prediction_sheets
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files.results import ORDERS, objects_of
from sessions_app.models.verdict import DISPOSITIONS
from sessions_app.selectors.object_names import names_meant
from sessions_app.selectors.reviews import reviews_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from sessions_app.files.results import ObjectList
    from sessions_app.models import Session

__all__ = ["ShowsPredictions"]

_PAGE = 100
_MOST_REVIEWS = 20


class _Filter(forms.Form):
    """Which predictions to show."""

    q = forms.CharField(label="Name or host star", required=False, max_length=100)
    label = forms.ChoiceField(
        label="Most probable", required=False, choices=[("", "anything"), *DISPOSITIONS]
    )
    sort = forms.ChoiceField(
        label="Order",
        required=False,
        choices=[("number", ORDERS["number"].title)]
        + [(name, order.title) for name, order in ORDERS.items() if name != "number"],
    )


class ReviewForm(forms.Form):
    """A reviewer's verdict on an object."""

    verdict = forms.ChoiceField(
        label="Your verdict", error_messages={"required": "Say what you take the object for."}
    )
    reason = forms.CharField(
        label="Reason",
        max_length=services.MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What it rests on, in a sentence or two.",
        error_messages={"required": "Say in a sentence what the verdict rests on."},
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["verdict"]
        verdicts = services.verdicts_on(session)
        choice.choices = [("", "choose"), *((one, one.replace("_", " ")) for one in verdicts)]


class ShowsPredictions(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds pages of a session's predictions to the admin of a kind of session."""

    @property
    def predictions_url_name(self) -> str:
        """The name of the list's address within the admin."""
        return f"{self.opts.app_label}_{self.opts.model_name}_predictions"

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of the list and of one prediction before the admin's own."""
        view, name = self.admin_site.admin_view, self.predictions_url_name
        return [
            path("<uuid:session_id>/predictions/", view(self.predictions_view), name=name),
            path(
                "<uuid:session_id>/predictions/<int:number>/",
                view(self.prediction_view),
                name=name.removesuffix("s"),
            ),
            *super().get_urls(),
        ]

    def predictions_view(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """List a session's predictions."""
        session, objects = self._found(request, session_id)
        form = _Filter(request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        listed = objects.ordered(
            ORDERS[asked.get("sort") or "number"],
            label=asked.get("label", ""),
            words=asked.get("q", ""),
            names=names_meant(asked.get("q", ""), session.mission),
        )
        kept = request.GET.copy()
        kept.pop("page", None)
        return self._page(
            request,
            "admin/predictions.html",
            session,
            title=f"Predictions of {session}",
            form=form,
            page=Paginator(listed, _PAGE).get_page(request.GET.get("page")),
            count=len(objects),
            kept=kept.urlencode(),
        )

    def prediction_view(self, request: HttpRequest, session_id: UUID, number: int) -> HttpResponse:
        """Show all that is kept of one prediction, and take a reviewer's verdict on it."""
        session, objects = self._found(request, session_id)
        row = objects.numbered(number)
        if row is None:
            raise Http404(f"The session has no object {number}.")
        if request.method == "POST" and not may_review(request.user):
            raise PermissionDenied
        form = ReviewForm(request.POST or None, session=session)
        if request.method == "POST" and form.is_valid():
            try:
                services.review_object(
                    session.pk, number, **form.cleaned_data, reviewer=request.user
                )
            except RefusedError as refusal:
                form.add_error(
                    refusal.field if refusal.field in form.fields else None, refusal.sentence
                )
            else:
                self.message_user(request, f"Your review of {row.name} is kept.", messages.SUCCESS)
                return redirect(request.path)
        return self._page(
            request,
            "admin/prediction.html",
            session,
            title=row.name,
            row=row,
            sheets=list(prediction_sheets(session, row)),
            reviews=reviews_of(session, row)[:_MOST_REVIEWS],
            form=form if may_review(request.user) else None,
            previous=number - 1,
            next=number + 1 if number < len(objects) else None,
        )

    def _found(self, request: HttpRequest, session_id: UUID) -> tuple[Session, ObjectList]:
        session: Any = self.get_object(request, str(session_id))
        if session is None:
            raise Http404(f"There is no session {session_id}.")
        if not self.has_view_permission(request, session):
            raise PermissionDenied
        try:
            return session, objects_of(session)
        except GoneError as refusal:
            raise Http404(refusal.sentence) from None

    def _page(
        self, request: HttpRequest, template: str, session: Session, **context: Any
    ) -> HttpResponse:
        about = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "session": session,
            "classes": CLASSES,
            "mark": session.mark or "",
            "predictions_url": f"admin:{self.predictions_url_name}",
            "prediction_url": f"admin:{self.predictions_url_name.removesuffix('s')}",
            "change_url": f"admin:{self.opts.app_label}_{self.opts.model_name}_change",
        }
        return TemplateResponse(request, template, about | context)
