"""Addresses of both interfaces."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from sessions_app.api import legacy
from sessions_app.api.viewsets import PredictionSessionViewSet, TrainingSessionViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("training-sessions", TrainingSessionViewSet, basename="training-session")
router.register("prediction-sessions", PredictionSessionViewSet, basename="prediction-session")

urlpatterns = [
    path("", include(legacy.urlpatterns)),
    path("v1/", include(router.urls)),
    path("v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path("v1/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
