"""Actions on records: in lists as Django has them, on a record's own page too, each recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_permission_codename
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern

__all__ = ["MOST_AT_ONCE", "ActsOnRecords", "record_of_many"]

MOST_AT_ONCE = 200
"""Records of a list that are acted on in one request, each with a sentence of its own."""


class ActsOnRecords(admin.ModelAdmin):  # type: ignore[type-arg]
    """Offers actions in its list and on each record's page; who did what is recorded."""

    lists_only: ClassVar[frozenset[str]] = frozenset()
    """Actions that make no sense on one record."""
    destructive: ClassVar[frozenset[str]] = frozenset()
    """Actions that cannot be taken back."""

    @property
    def _act_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_act"

    def get_urls(self) -> list[URLPattern]:
        """Return the address of acting on one record before the admin's own."""
        act = self.admin_site.admin_view(self.act_view)
        return [
            path("<path:object_id>/act/<slug:action>/", act, name=self._act_url_name),
            *super().get_urls(),
        ]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may do more than look: who could change them, were there edits."""
        codename = get_permission_codename("change", self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))

    def fitting_actions(self, record: Any) -> Collection[str] | None:
        """Return which actions a record's page offers; None: all of them."""
        return None

    def offered(self, request: HttpRequest, record: Any) -> list[tuple[str, str, bool]]:
        """Return a record's actions: address, words, and whether it cannot be taken back."""
        fitting = self.fitting_actions(record)
        return [
            (
                reverse(f"admin:{self._act_url_name}", args=[record.pk, name]),
                words,
                name in self.destructive,
            )
            for name, (_, _, words) in self.get_actions(request).items()
            if name not in self.lists_only and (fitting is None or name in fitting)
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["offered"] = self.offered(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def act_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponseBase:
        """Do something with one record, and come back to its page, or to the list if it is gone."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id}.")
        # Some actions, such as an export, need no more permission than to see.
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        chosen = self.get_actions(request).get(action)
        if chosen is None or action in self.lists_only:
            raise PermissionDenied
        answer = chosen[0](self, request, self.get_queryset(request).filter(pk=record.pk))
        if answer is not None:
            return answer
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if self.model._default_manager.filter(pk=record.pk).exists():  # noqa: SLF001 - documented
            return redirect(f"{name}_change", record.pk)
        return redirect(f"{name}_changelist")

    def act_on_each(
        self,
        request: HttpRequest,
        records: QuerySet[Any],
        act: Callable[[Any], str | None],
        done: str,
        *,
        recorded: bool = True,
    ) -> None:
        """Do something with each record, and say of each what came of it.

        What it returns is said in place of `done`. What a service records by itself is not
        recorded here.
        """
        if self.are_too_many(request, records):
            return
        for record in records:
            words = str(record)
            try:
                said = act(record) or f"is {done}"
            except RefusedError as refusal:
                self.message_user(request, f"{words}: {refusal.sentence}", messages.WARNING)
                continue
            if recorded:
                self.log_change(request, record, f"It {said}.")
            self.message_user(request, f"{words} {said}.", messages.SUCCESS)

    def are_too_many(self, request: HttpRequest, records: QuerySet[Any]) -> bool:
        """Tell, and say so, whether more records are chosen than are acted on in one request."""
        too_many = records[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE
        if too_many:
            sentence = f"Nothing was done: at most {MOST_AT_ONCE} can be chosen at once."
            self.message_user(request, sentence, messages.WARNING)
        return too_many

    def ask_whether_sure(
        self, request: HttpRequest, records: QuerySet[Any], action: str, question: str
    ) -> HttpResponse | None:
        """Return the page that asks, and posts the action with ``confirmed``; None for too many."""
        if self.are_too_many(request, records):
            return None
        return TemplateResponse(
            request,
            "admin/confirm.html",
            {
                **self.admin_site.each_context(request),
                "title": "Are you sure?",
                "opts": self.opts,
                "records": list(records),
                "action": action,
                "question": question,
            },
        )


def record_of_many(request: HttpRequest, opts: Any, count: int, deed: str) -> None:
    """Record something that was done with many records at once."""
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(opts.model),
        object_repr=f"{count:,} {opts.verbose_name if count == 1 else opts.verbose_name_plural}",
        action_flag=CHANGE,
        change_message=deed,
    )
