"""Addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from sessions_app.web.requests import slowed_down
from sessions_app.web.views import (
    catalogue,
    comparing,
    glossary,
    home,
    leaderboard,
    missions,
    objects,
    one_object,
    own_sessions,
    plots,
    pretrained_models,
    search,
    sessions,
    stars,
    start,
    what_if,
)
from sessions_app.web.views.sign_in import SignIn, slow_down_guessing_in_the_admin

slow_down_guessing_in_the_admin()

_SESSION = "sessions/<uuid:session_id>"

urlpatterns = [
    path("", slowed_down(home.home), name="home"),
    path("search", slowed_down(search.search), name="search"),
    path("glossary", slowed_down(glossary.glossary), name="glossary"),
    path("missions", slowed_down(home.explore), name="explore"),
    path("missions/<slug:mission>", slowed_down(missions.rows), name="mission"),
    path("missions/<slug:mission>/columns", slowed_down(missions.columns), name="mission_columns"),
    path(
        "missions/<slug:mission>/snapshots",
        slowed_down(missions.snapshots),
        name="mission_snapshots",
    ),
    path(
        "missions/<slug:mission>/differences",
        slowed_down(missions.differences),
        name="mission_differences",
    ),
    path(
        "missions/<slug:mission>/objects/<str:name>",
        slowed_down(catalogue.one_object),
        name="catalogue_object",
    ),
    path(
        "missions/<slug:mission>/plots/<slug:name>",
        slowed_down(plots.plot_of_catalogue),
        name="mission_plot",
    ),
    path(
        "missions/<slug:mission>/objects/<str:object_name>/plots/<slug:name>",
        slowed_down(plots.plot_of_catalogue),
        name="catalogue_object_plot",
    ),
    path(
        "missions/<slug:mission>/objects/<str:name>/why",
        slowed_down(what_if.why),
        name="why_listed",
    ),
    path(
        "missions/<slug:mission>/objects/<str:name>/what-if",
        slowed_down(what_if.of_catalogue),
        name="what_if_listed",
    ),
    path("models", slowed_down(pretrained_models.models), name="models"),
    path("models/<uuid:model_id>", slowed_down(pretrained_models.model), name="model"),
    path("features", slowed_down(pretrained_models.features), name="features_page"),
    path("train", slowed_down(start.train), name="train"),
    path("train/preview", start.preview_train, name="preview_train"),
    path("predict", slowed_down(start.predict), name="predict"),
    path("predict/preview", start.preview_predict, name="preview_predict"),
    path("predict/object", slowed_down(one_object.one_object), name="predict_object"),
    path("sign-in", SignIn.as_view(), name="sign_in"),
    path("sign-out", LogoutView.as_view(), name="sign_out"),
    path("compare", slowed_down(comparing.compare), name="compare"),
    path("compare/plots/<slug:name>", slowed_down(comparing.plot), name="compare_plot"),
    path("sessions/", slowed_down(own_sessions.sessions), name="sessions"),
    path("sessions", RedirectView.as_view(pattern_name="sessions")),
    path(_SESSION, slowed_down(sessions.session), name="session"),
    path(f"{_SESSION}/name", slowed_down(own_sessions.name), name="session_name"),
    path(f"{_SESSION}/delete", slowed_down(own_sessions.delete), name="session_delete"),
    path(f"{_SESSION}/progress", sessions.progress, name="session_progress"),
    path(f"{_SESSION}/cancel", sessions.cancel, name="cancel"),
    path(f"{_SESSION}/retry", sessions.retry, name="retry"),
    path(f"{_SESSION}/analyses", sessions.analyse, name="analyse"),
    path(f"{_SESSION}/plots", slowed_down(sessions.plots), name="session_plots"),
    path(f"{_SESSION}/plots/<slug:name>", slowed_down(plots.session_plot), name="session_plot"),
    path(f"{_SESSION}/stars", slowed_down(stars.stars), name="session_stars"),
    path(f"{_SESSION}/figures", slowed_down(sessions.figures), name="session_figures"),
    path(f"{_SESSION}/testing", slowed_down(sessions.testing), name="session_testing"),
    path(f"{_SESSION}/search", slowed_down(leaderboard.search), name="session_search"),
    path(f"{_SESSION}/report", slowed_down(sessions.report), name="session_report"),
    path(f"{_SESSION}/settings", slowed_down(sessions.settings), name="session_settings"),
    path(
        f"{_SESSION}/objects/<int:number>/plots/<slug:name>",
        slowed_down(plots.plot_of_object),
        name="object_plot",
    ),
    path(
        f"{_SESSION}/objects/<int:number>/what-if",
        slowed_down(what_if.of_session),
        name="what_if",
    ),
    path(f"{_SESSION}/objects/<int:number>/review", objects.review, name="review"),
    path(f"{_SESSION}/objects", slowed_down(objects.result_objects), name="objects"),
    path(f"{_SESSION}/objects/<int:number>", slowed_down(objects.one_object), name="object"),
    # What browsers ask for on pages that name no icon, such as the admin's.
    path("favicon.ico", RedirectView.as_view(url=static("sessions_app/icon.svg"))),
]
