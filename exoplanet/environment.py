"""The environment variables that configure the project, each declared once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
"""The checkout: relative folders in a variable are meant from here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One environment variable, as the README lists it."""

    name: str
    """What it is called in the environment."""
    default: str
    """The text that stands for it when it is absent or empty; "" for none."""
    help: str
    """What it is for, as half a sentence."""


VARIABLES = (
    Variable(
        name="DATABASE_URL",
        default="",
        help="the Postgres database, `postgres://user:password@host:5432/name`; "
        "when absent the project runs a Postgres of its own in the state folder",
    ),
    Variable(
        name="EXOPLANET_SECRET_KEY",
        default="",
        help="the key that signs sessions and queued jobs, 50 characters or more; "
        "when absent one is made at the first start and kept in the state folder",
    ),
    Variable(
        name="EXOPLANET_DEBUG",
        default="off",
        help="`on` shows tracebacks in the browser; never on a machine that others reach",
    ),
    Variable(
        name="EXOPLANET_ALLOWED_HOSTS",
        default="localhost,127.0.0.1,[::1]",
        help="the host names under which the server answers, separated by commas",
    ),
    Variable(
        name="EXOPLANET_CORS_ORIGINS",
        default="http://localhost:3000,http://localhost:5173",
        help="the origins whose pages may call the API, separated by commas",
    ),
    Variable(
        name="EXOPLANET_HTTPS",
        default="off",
        help="`on` where a proxy in front speaks HTTPS and sets `X-Forwarded-Proto`: "
        "plain requests are redirected and cookies never sent in the clear",
    ),
    Variable(
        name="EXOPLANET_PROXIES",
        default="0",
        help="how many proxies in front add the address of their client to `X-Forwarded-For`",
    ),
    Variable(
        name="EXOPLANET_ANONYMOUS",
        default="on",
        help="`off` lets only users who are signed in start and list sessions",
    ),
    Variable(
        name="EXOPLANET_ACTIVE_SESSIONS",
        default="20",
        help="how many sessions of one user, or of one address, may wait or run at the same time",
    ),
    Variable(
        name="EXOPLANET_READS_PER_MINUTE",
        default="6000",
        help="how often one user or address may read in a minute; "
        "asking for progress and health is free",
    ),
    Variable(
        name="EXOPLANET_STARTS_PER_MINUTE",
        default="1200",
        help="how often one user or address may ask to start, change or delete in a minute",
    ),
    Variable(
        name="EXOPLANET_LOGINS_PER_MINUTE",
        default="10",
        help="how often one address may send a password for a token in a minute",
    ),
    Variable(
        name="EXOPLANET_UPLOAD_LIMIT_MB",
        default="100",
        help="the largest file that may be uploaded, in megabytes (10⁶ bytes)",
    ),
    Variable(
        name="EXOPLANET_KEPT_UPLOADS_MB",
        default="5000",
        help="how much the kept files of one user, or of one address, may take together, "
        "in megabytes (10⁶ bytes)",
    ),
    Variable(
        name="EXOPLANET_BODY_PATIENCE_SECONDS",
        default="20",
        help="how long a request's body may stand still while it is sent, in seconds; "
        "on the whole it must come at 10 kB a second",
    ),
    Variable(
        name="EXOPLANET_ARCHIVE_DIR",
        default="",
        help="a folder with tables downloaded from the NASA Exoplanet Archive, "
        "read by `load_dataset` before it asks the archive itself",
    ),
    Variable(
        name="EXOPLANET_WORKERS",
        default="",
        help="how many jobs run at the same time; when absent one for each processor core",
    ),
    Variable(
        name="EXOPLANET_HOST",
        default="127.0.0.1",
        help="the address that the web server listens on; `0.0.0.0` for every network",
    ),
    Variable(
        name="EXOPLANET_PORT",
        default="5000",
        help="the port that the web server listens on",
    ),
    Variable(
        name="EXOPLANET_MEDIA_ROOT",
        default="media",
        help="the folder for uploads, trained models and loaded tables",
    ),
    Variable(
        name="EXOPLANET_STATE_DIR",
        default=".state",
        help="the folder for the secret key and the project's own Postgres",
    ),
    Variable(
        name="EXOPLANET_JOB_DEADLINE_SECONDS",
        default="3600",
        help="how long one job may run, in seconds",
    ),
    Variable(
        name="EXOPLANET_JOB_MEMORY_MB",
        default="4096",
        help="how much memory one job may take, in megabytes (10⁶ bytes)",
    ),
    Variable(
        name="EXOPLANET_RETENTION_DAYS",
        default="30",
        help="how long a session and its files are kept after its end, in days; "
        "published models are kept for good",
    ),
    Variable(
        name="EXOPLANET_QUEUE_PATIENCE_SECONDS",
        default="30",
        help="how long the job queue may take no work while sessions wait, or the project's own "
        "Postgres give no answer, in seconds; then `up` starts it again",
    ),
    Variable(
        name="EXOPLANET_QUEUE_WARNING_SECONDS",
        default="900",
        help="how long a session may wait before readiness warns of it, in seconds",
    ),
    Variable(
        name="EXOPLANET_FREE_DISK_MB",
        default="200",
        help="how much room must be left on the disks of media and state folder, "
        "in megabytes (10⁶ bytes); with less the server reports that it is not well",
    ),
    Variable(
        name="EXOPLANET_LOG_JSON",
        default="off",
        help="`on` writes the log as one JSON object a line, whatever part of the project wrote it",
    ),
)

_DEFAULTS = {variable.name: variable.default for variable in VARIABLES}
_TRUE = frozenset({"on", "true", "yes", "1"})
_FALSE = frozenset({"off", "false", "no", "0"})


def text(name: str) -> str:
    """Return a variable's value, or its default when it is absent or empty."""
    return environ.Env().str(name, default="").strip() or _DEFAULTS[name]


def flag(name: str) -> bool:
    """Return a variable that is either on or off.

    Raises
    ------
    ImproperlyConfigured
        If the value is neither.
    """
    value = text(name).lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f'{name} must be "on" or "off", and not "{value}".')
    return value in _TRUE


def whole_number(name: str, *, minimum: int, maximum: int) -> int:
    """Return a variable that is a whole number between two bounds, both included.

    Raises
    ------
    ImproperlyConfigured
        If the value is no whole number or lies outside.
    """
    value = text(name)
    try:
        number = int(value)
    except ValueError:
        number = None
    if number is None or not minimum <= number <= maximum:
        raise ImproperlyConfigured(
            f'{name} must be a whole number from {minimum} to {maximum}, and not "{value}".'
        )
    return number


def words(name: str) -> list[str]:
    """Return a variable that lists words separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def folder(name: str) -> Path:
    """Return a variable that names a folder; a relative one is meant from the checkout."""
    return Path(os.path.normpath(BASE_DIR / Path(text(name)).expanduser()))


def origins(name: str) -> list[str]:
    """Return a variable that lists web origins.

    Raises
    ------
    ImproperlyConfigured
        If one is no origin.
    """
    listed = words(name)
    for origin in listed:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
            raise ImproperlyConfigured(
                f'{name} must list origins such as http://localhost:3000, and not "{origin}".'
            )
    return listed


def postgres_url(name: str) -> dict[str, Any]:
    """Return a variable that is the URL of a Postgres database, as Django's settings want it.

    Raises
    ------
    ImproperlyConfigured
        If the value is no URL of a Postgres database.
    """
    # The sentence must not repeat the value: it may hold a password.
    value = text(name)
    if urlsplit(value).scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} must name a Postgres database, like postgres://user:password@host:5432/name."
        )
    try:
        database = environ.Env.db_url_config(value)
    except ValueError:
        database = {}
    if not database.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} must be complete, like postgres://user:password@host:5432/name."
        )
    return database
