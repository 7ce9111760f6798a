"""Addresses of the pages."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from sessions_app.web import views

urlpatterns = [
    path("", views.home, name="home"),
    # What browsers ask for on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url=static("sessions_app/icon.svg"))),
]
