"""A small site behind the project's middleware, for slow clients; it needs no database."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

if TYPE_CHECKING:
    from django.http import HttpRequest

settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = [
    "exoplanet.middleware.request_id.name_request",
    "exoplanet.middleware.slow_clients.middleware.SlowClientsMiddleware",
    "django.middleware.common.CommonMiddleware",
]
_received: list[int] = []

_all_here = threading.Barrier(16)


def receive(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        _received.append(len(request.body))
    return JsonResponse({"received": _received})


def refuse(_request: HttpRequest) -> HttpResponse:
    """Refuse whatever comes, without a look at its body."""
    return HttpResponse("no", status=400)


def ponder(request: HttpRequest) -> HttpResponse:
    """Answer nobody before so many bodies have come; a question without one asks how many."""
    if request.body:
        _all_here.wait(timeout=60)
    return JsonResponse(_all_here.parties, safe=False)


def send(_request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(b"x" * 100_000 for _ in range(400))


urlpatterns = [
    path("api/receive", receive),
    path("api/v1/receive", receive),
    path("api/ponder", ponder),
    path("api/refuse", refuse),
    path("send", send),
    path("", lambda _request: HttpResponse("here")),
]
application = get_wsgi_application()
