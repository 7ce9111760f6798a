"""A Postgres database's URL, as libpq reads it, in the words of Django's settings."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

__all__ = ["LIKE", "UnreadableUrlError", "django_settings"]

LIKE = "like postgres://user:password@host:5432/name"

_DJANGO = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}
"""What Django has a setting of its own for; everything else is an option of the connection."""


class UnreadableUrlError(ValueError):
    """The URL names no database; its text is no secret, and the end of a sentence."""


def django_settings(url: str) -> dict[str, Any]:
    """Return the settings of Django's database that a URL stands for.

    Its parts may be percent-encoded: `postgres://ada@%2Frun%2Fpostgresql/planets` names a folder
    with a socket, as `postgres://ada@/planets?host=/run/postgresql` does. The query may hold
    whatever libpq knows, such as `sslmode` and `sslrootcert`.
    """
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise UnreadableUrlError(f"must name a Postgres database, {LIKE}")
    try:
        # What libpq calls these is known to it alone: a parameter more of a later version is one
        # more here. Its complaint holds the part that it cannot read, which may be the password.
        said = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise UnreadableUrlError(_fault(str(error))) from None
    settings = {name: str(said.pop(key, "")) for key, name in _DJANGO.items()}
    name = PurePosixPath(settings["NAME"])
    if not settings["HOST"] and name.is_absolute():
        # `postgres:////run/postgresql/planets`, which Django's world writes and libpq does not.
        settings |= {"HOST": str(name.parent), "NAME": name.name}
    ports = settings["PORT"].split(",") if settings["PORT"] else []
    if not settings["NAME"] or not all(port.isdecimal() for port in ports):
        raise UnreadableUrlError(f"must be complete, {LIKE}")
    port = int(ports[0]) if len(ports) == 1 else settings["PORT"]
    return {
        **settings,
        "PORT": port,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": said,
    }


def _fault(complaint: str) -> str:
    if "invalid URI query parameter" in complaint:
        return "has a parameter that Postgres does not know"
    if "percent-encoded" in complaint:
        return "must have each % of a name or a password written as %25"
    return f"must be complete, {LIKE}"
