"""What reviewers say of objects, in the admin, and the training file that is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from mlcore.datasets import DATASETS
from sessions_app.admin.acting import record_of_many
from sessions_app.admin.drawn import drawn, link, minute
from sessions_app.admin.large_tables import SHORT_ID, LargeTable
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.admin.records import link_to_session
from sessions_app.admin.sheets import Sheet
from sessions_app.models import ObjectReview, Session
from sessions_app.selectors.reviews import newest_reviews, training_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern

_LIST = "admin:sessions_app_objectreview_changelist"
_EVERY = "every"


@admin.register(ObjectReview)
class ObjectReviewAdmin(LargeTable, ReadOnlyAdmin):
    """Verdicts of reviewers; one is written on the page of a prediction, and never changed."""

    list_display = ["name", "of_mission", "model_label", "verdict", "differs", "by", "written"]
    list_filter = [
        "disagrees",
        "verdict",
        "mission",
        ("reviewer", admin.RelatedOnlyFieldListFilter),
        "created_at",
    ]
    search_fields = ["name", "host", "object_key", "reason", "reviewer_name"]
    ids_searched = ("session_id",)
    fewest_digits = SHORT_ID
    not_listed = ("columns",)
    ordering = ["-pk"]
    change_list_template = "admin/reviews.html"

    @admin.display(description="mission", ordering="mission")
    def of_mission(self, review: ObjectReview) -> str:
        return DATASETS[review.mission].short_title

    @admin.display(description="disagrees", ordering="disagrees", boolean=True)
    def differs(self, review: ObjectReview) -> bool:
        return review.disagrees

    @admin.display(description="written", ordering="created_at")
    def written(self, review: ObjectReview) -> str:
        return minute(review.created_at)

    @admin.display(description="reviewer", ordering="reviewer_name")
    def by(self, review: ObjectReview) -> str:
        return review.reviewer_name

    def get_urls(self) -> list[URLPattern]:
        """Return the address of the training file before the admin's own."""
        view = self.admin_site.admin_view(self.export_view)
        name = "sessions_app_objectreview_export"
        return [path("export/<slug:mission>/", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        reviewed = ObjectReview.objects.order_by().values_list("mission", flat=True).distinct()
        shown = {"missions": [DATASETS[name] for name in DATASETS if name in set(reviewed)]}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    def export_view(self, request: HttpRequest, mission: str) -> HttpResponseBase:
        """Send the reviewed objects of a mission as a training file: the disagreements, or all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        only = request.GET.get("which") != _EVERY
        chosen = mission in DATASETS and newest_reviews(mission, disagreements_only=only)
        if not chosen:
            what = "disagreement with the model" if only else "decided review"
            self.message_user(
                request, f"There is no {what} on {mission[:20]} to export.", messages.WARNING
            )
            return redirect(_LIST)
        record_of_many(request, self.opts, chosen.count(), "Exported as a training file.")
        answer = StreamingHttpResponse(
            training_file(mission, disagreements_only=only), content_type="text/csv; charset=utf-8"
        )
        which = "disagreements" if only else "reviews"
        answer["Content-Disposition"] = f'attachment; filename="{mission}-{which}.csv"'
        return answer

    def sheets(self, request: HttpRequest, record: ObjectReview) -> Iterator[Sheet]:
        session = Session.objects.filter(pk=record.session_id).first()
        yield Sheet(
            title="Review",
            facts=[
                ("Object", _object(record, session)),
                ("Host star", drawn(record.host)),
                ("Mission", record.get_mission_display()),
                ("The model says", record.get_model_label_display()),
                ("The reviewer says", record.get_verdict_display()),
                ("Disagrees", drawn(record.disagrees)),
                ("Reason", drawn(record.reason)),
                ("Reviewer", record.reviewer_name),
                ("Written", drawn(record.created_at)),
                (
                    "Session",
                    link_to_session(session) if session else f"{record.session_id}, which is gone",
                ),
            ],
        )
        dataset = DATASETS[record.mission]
        values = [
            (dataset.column(name).meaning, f"{drawn(value)} {dataset.column(name).unit}".strip())
            for name, value in record.columns.items()
            if dataset.knows(name)
        ]
        yield Sheet(title="The object's values", facts=values, is_folded=len(values) > 30)


def _object(review: ObjectReview, session: Session | None) -> str:
    if session is None:
        return review.name
    name = f"admin:sessions_app_{session.kind}session_prediction"
    return link(reverse(name, args=[session.pk, review.object_number]), review.name)
