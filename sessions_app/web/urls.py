"""Addresses of the pages."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from sessions_app.web import models, object_views, session_views, starting_views, views
from sessions_app.web.asking import slowed_down
from sessions_app.web.signing_in import SignIn, SignOut, slow_down_guessing_in_the_admin

slow_down_guessing_in_the_admin()

urlpatterns = [
    path("", slowed_down(views.home), name="home"),
    path("models", slowed_down(models.models), name="models"),
    path("models/<uuid:model_id>", slowed_down(models.model), name="model"),
    path("features", slowed_down(models.features), name="features_page"),
    path("train", slowed_down(starting_views.train), name="train"),
    path("predict", slowed_down(starting_views.predict), name="predict"),
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", SignOut.as_view(), name="sign_out"),
    path("sessions/", slowed_down(session_views.sessions), name="sessions"),
    path("sessions", RedirectView.as_view(pattern_name="sessions")),
    path("sessions/<uuid:session_id>", slowed_down(session_views.session), name="session"),
    path("sessions/<uuid:session_id>/cancel", session_views.cancel, name="cancel"),
    path("sessions/<uuid:session_id>/retry", session_views.retry, name="retry"),
    path("sessions/<uuid:session_id>/analyses", session_views.analyse, name="analyse"),
    path(
        "sessions/<uuid:session_id>/charts/<slug:name>.svg",
        slowed_down(session_views.chart),
        name="chart",
    ),
    path(
        "sessions/<uuid:session_id>/objects",
        slowed_down(object_views.result_objects),
        name="objects",
    ),
    path(
        "sessions/<uuid:session_id>/objects/<int:number>",
        slowed_down(object_views.one_object),
        name="object",
    ),
    # What browsers ask for on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url=static("sessions_app/icon.svg"))),
]
