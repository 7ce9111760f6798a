"""The project's addresses: the admin's, and everything that the product declares."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from sessions_app.admin import dashboard

urlpatterns = [
    # In place of the admin's own first page, under the same address.
    path("admin/", admin.site.admin_view(dashboard.index)),
    path("admin/", admin.site.urls),
    path("", include("sessions_app.urls")),
]

handler400 = "sessions_app.api.errors.bad_request"
handler403 = "sessions_app.api.errors.permission_denied"
handler404 = "sessions_app.api.errors.not_found"
handler500 = "sessions_app.api.errors.server_error"
