"""How the log is written: a line for people, or an object for machines, with what it is about."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from sessions_app.log_context import request_id, session_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

_LINE = "{asctime} {levelname} {name}{about}: {message}"
_OBJECT = "{asctime}{levelname}{name}{message}{session_id}{request_id}{process}"
_NAMES = {"asctime": "time", "levelname": "level", "name": "logger"}


class AboutFilter(logging.Filter):
    """Lets every record pass and notes on it which session and which request it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `session_id`, `request_id` and, for people, `about`."""
        # A record that names its session itself knows better than the surroundings.
        session = str(getattr(record, "session_id", "") or session_id.get())
        request = str(getattr(record, "request_id", "") or request_id.get())
        record.session_id, record.request_id = session, request
        said = [f"session {session}"] * bool(session) + [f"request {request}"] * bool(request)
        record.about = f" [{', '.join(said)}]" if said else ""
        return True


class SessionInLogMiddleware:
    """Notes the session that a request's address names, for whatever is logged about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        # Not reset at the end: Django logs the answer when this has returned, and the next request
        # of the thread begins with this line.
        session_id.set("")
        return self._get_response(request)

    def process_view(
        self, _request: HttpRequest, _view: Any, _arguments: Any, named: dict[str, Any]
    ) -> None:
        """Take the session's id from the address."""
        session_id.set(str(named.get("session_id") or named.get("pk") or ""))


def logging_settings(*, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING, each line a JSON object or a sentence."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"about": {"()": AboutFilter}},
        "formatters": {
            "line": {"format": _LINE, "style": "{"},
            "object": {
                "()": JsonFormatter,
                "fmt": _OBJECT,
                "style": "{",
                "rename_fields": _NAMES,
                # What the line for people is made of says nothing that the other fields do not.
                "reserved_attrs": [*RESERVED_ATTRS, "about"],
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "object" if as_json else "line",
                # On the handler, which sees every logger's records.
                "filters": ["about"],
            },
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Django's own handlers would write a line a second time, in another format.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # It tells of every task that begins and ends; so do the sessions.
            "django-q": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            # It tells of each thread where its credentials were found.
            "botocore": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
