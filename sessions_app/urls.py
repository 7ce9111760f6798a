"""Addresses of the product: the API and the pages."""

from __future__ import annotations

from django.urls import include, path

from sessions_app.api.views import operations

urlpatterns = [
    path("metrics", operations.metrics),
    path("api/", include("sessions_app.api.urls")),
    path("uws/", include("sessions_app.api.uws.urls")),
    path("", include("sessions_app.web.urls")),
]
