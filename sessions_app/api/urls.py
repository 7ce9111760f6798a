"""Addresses of both interfaces."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from sessions_app.api import legacy
from sessions_app.api.schema import DocumentationView, SchemaView
from sessions_app.api.views.analyses import AnalysisViewSet
from sessions_app.api.views.comparisons import ComparisonPlotView
from sessions_app.api.views.datasets import DatasetViewSet
from sessions_app.api.views.directory import DirectoryView
from sessions_app.api.views.features import FeaturesView
from sessions_app.api.views.light_curves import LightCurveViewSet
from sessions_app.api.views.model_sessions import (
    PredictionSessionViewSet,
    TrainingSessionViewSet,
)
from sessions_app.api.views.operations import ReadinessView
from sessions_app.api.views.plots import CatalogueObjectPlotView, CataloguePlotView
from sessions_app.api.views.pretrained_models import PublishedModelViewSet
from sessions_app.api.views.problems import ProblemsView, ProblemView
from sessions_app.api.views.sessions import poll_of
from sessions_app.api.views.tokens import TokenView

_SESSIONS = (
    ("training-sessions", TrainingSessionViewSet, "training-session"),
    ("prediction-sessions", PredictionSessionViewSet, "prediction-session"),
    ("analyses", AnalysisViewSet, "analysis"),
)
POLLS = (legacy.POLL, *(poll_of(name, view.kind) for name, view, _ in _SESSIONS))
"""What is asked all the time, which the web server answers before Django does."""

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
for _name, _view, _basename in _SESSIONS:
    router.register(_name, _view, basename=_basename)
router.register("lightcurves", LightCurveViewSet, basename="light-curve")
router.register("models", PublishedModelViewSet, basename="model")
router.register("datasets", DatasetViewSet, basename="dataset")

urlpatterns = [
    path("", include(legacy.urlpatterns)),
    path("v1/", include(router.urls)),
    path("v1/", DirectoryView.as_view(), name="directory"),
    path("v1/features", FeaturesView.as_view(), name="features"),
    path(
        "v1/datasets/<slug:mission>/plots/<slug:name>",
        CataloguePlotView.as_view(),
        name="dataset-plot",
    ),
    path(
        "v1/datasets/<slug:mission>/objects/<str:object_name>/plots/<slug:name>",
        CatalogueObjectPlotView.as_view(),
        name="dataset-object-plot",
    ),
    path("v1/problems", ProblemsView.as_view(), name="problems"),
    path("v1/problems/<slug:name>", ProblemView.as_view(), name="problem"),
    path("v1/comparisons/plots/<slug:name>", ComparisonPlotView.as_view(), name="comparison-plot"),
    path("v1/ready", ReadinessView.as_view(), name="ready"),
    path("v1/token", TokenView.as_view(), name="token"),
    path("v1/schema", SchemaView.as_view(), name="schema"),
    path("v1/docs", DocumentationView.as_view(url_name="schema"), name="docs"),
]
