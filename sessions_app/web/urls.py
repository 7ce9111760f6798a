"""Addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from sessions_app.web.requests import slowed_down
from sessions_app.web.views import home, objects, pretrained_models, sessions, start
from sessions_app.web.views.sign_in import SignIn, slow_down_guessing_in_the_admin

slow_down_guessing_in_the_admin()

_SESSION = "sessions/<uuid:session_id>"

urlpatterns = [
    path("", slowed_down(home.home), name="home"),
    path("models", slowed_down(pretrained_models.models), name="models"),
    path("models/<uuid:model_id>", slowed_down(pretrained_models.model), name="model"),
    path("features", slowed_down(pretrained_models.features), name="features_page"),
    path("train", slowed_down(start.train), name="train"),
    path("predict", slowed_down(start.predict), name="predict"),
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", LogoutView.as_view(), name="sign_out"),
    path("sessions/", slowed_down(sessions.sessions), name="sessions"),
    path("sessions", RedirectView.as_view(pattern_name="sessions")),
    path(_SESSION, slowed_down(sessions.session), name="session"),
    path(f"{_SESSION}/cancel", sessions.cancel, name="cancel"),
    path(f"{_SESSION}/retry", sessions.retry, name="retry"),
    path(f"{_SESSION}/analyses", sessions.analyse, name="analyse"),
    path(f"{_SESSION}/charts/<slug:name>.svg", slowed_down(sessions.chart), name="chart"),
    path(f"{_SESSION}/objects", slowed_down(objects.result_objects), name="objects"),
    path(f"{_SESSION}/objects/<int:number>", slowed_down(objects.one_object), name="object"),
    # What browsers ask for on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url=static("sessions_app/icon.svg"))),
]
