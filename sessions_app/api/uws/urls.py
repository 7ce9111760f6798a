"""Addresses of the Universal Worker Service and of VOSI, below ``/uws/``."""

from __future__ import annotations

from django.urls import path

from sessions_app.api.uws.views import (
    AvailabilityView,
    CapabilitiesView,
    JobListView,
    JobPartView,
    JobView,
    ResultView,
)

urlpatterns = [
    path("", JobListView.as_view(), name="uws-jobs"),
    path("availability", AvailabilityView.as_view(), name="uws-availability"),
    path("capabilities", CapabilitiesView.as_view(), name="uws-capabilities"),
    path("<uuid:job_id>", JobView.as_view(), name="uws-job"),
    path("<uuid:job_id>/<slug:part>", JobPartView.as_view(), name="uws-job-part"),
    path("<uuid:job_id>/results/<slug:name>", ResultView.as_view(), name="uws-result"),
]
