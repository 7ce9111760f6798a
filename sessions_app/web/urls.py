"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from sessions_app.web import views

urlpatterns = [path("", views.home, name="home")]
