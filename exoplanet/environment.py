"""The environment variables that configure the project: one row each, which says all of it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from exoplanet.postgres.url import LIKE, UnreadableUrlError, django_settings

BASE_DIR = Path(__file__).resolve().parent.parent
"""The checkout: relative folders in a variable are meant from here."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is any text; each class below it is another kind."""

    name: str
    """What it is called in the environment."""
    _: KW_ONLY
    default: str = ""
    """The text that stands for it when it is absent or empty; "" for none."""
    help: str
    """What it is for, as half a sentence."""

    _KIND: ClassVar[str] = "text"

    @property
    def kind(self) -> str:
        """What it has to be, with its bounds."""
        return self._KIND.format(self)

    def value(self) -> Any:
        """Return what the environment says, or None where it says nothing and has no default.

        What is not of its kind, or out of its bounds, is refused.
        """
        text = environ.Env().str(self.name, default="").strip() or self.default
        return self._read(text) if text else None

    def _read(self, text: str) -> Any:
        return text

    def _refusal(self, text: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f'{self.name} must be {self.kind}, and not "{text}".')


class Flag(Variable):
    """A variable that is either on or off."""

    _MEANINGS: ClassVar = {
        **dict.fromkeys(("on", "true", "yes", "1"), True),
        **dict.fromkeys(("off", "false", "no", "0"), False),
    }

    _KIND = '"on" or "off"'

    def _read(self, text: str) -> bool:
        if text.lower() not in self._MEANINGS:
            raise self._refusal(text.lower())
        return self._MEANINGS[text.lower()]


@dataclass(frozen=True, slots=True)
class WholeNumber(Variable):
    """A variable that is a whole number."""

    _: KW_ONLY
    minimum: int
    """The smallest that it may be."""
    maximum: int
    """The largest that it may be."""

    _KIND = "a whole number from {0.minimum} to {0.maximum}"

    def _read(self, text: str) -> int:
        with suppress(ValueError):
            if self.minimum <= int(text) <= self.maximum:
                return int(text)
        raise self._refusal(text)


class Words(Variable):
    """A variable that lists words separated by commas."""

    _KIND = "words separated by commas"

    def _read(self, text: str) -> list[str]:
        return [word.strip() for word in text.split(",") if word.strip()]


class Origins(Words):
    """A variable that lists web origins."""

    _KIND = "origins such as http://localhost:3000"

    def _read(self, text: str) -> list[str]:
        origins = super()._read(text)
        for origin in origins:
            parts = urlsplit(origin)
            is_web = parts.scheme in {"http", "https"} and parts.netloc
            if not is_web or parts.path or parts.query:
                raise ImproperlyConfigured(
                    f'{self.name} must list {self.kind}, and not "{origin}".'
                )
        return origins


class File(Variable):
    """A variable that names a file; a relative one is meant from the checkout."""

    _KIND = "a file"

    def _read(self, text: str) -> Path:
        return Path(os.path.normpath(BASE_DIR / Path(text).expanduser()))


class Folder(File):
    """A variable that names a folder; a relative one is meant from the checkout."""

    _KIND = "a folder"


class PostgresUrl(Variable):
    """A variable that is the URL of a Postgres database; its value is as Django's settings want."""

    _KIND = f"a URL {LIKE}"

    def _read(self, text: str) -> dict[str, Any]:
        try:
            return django_settings(text)
        except UnreadableUrlError as error:
            # The sentence must not repeat the value: it may hold a password.
            raise ImproperlyConfigured(f"{self.name} {error}.") from None


class DaskAddress(Variable):
    """A variable that is the address of a Dask scheduler."""

    _KIND = "an address like tcp://host:8786 or tls://host:8786"

    def _read(self, text: str) -> str:
        with suppress(ValueError):
            parts = urlsplit(text)
            if parts.scheme in {"tcp", "tls"} and parts.hostname and parts.port:
                return text
        raise self._refusal(text)


class BucketUrl(Variable):
    """A variable that is the URL of a bucket; its value is as `sessions_app.files.bucket` wants."""

    _LIKE: ClassVar = "like s3://bucket/prefix?endpoint_url=https://host:9000&region=eu-central-1"
    _KIND = f"a URL {_LIKE}"
    _BUCKET: ClassVar = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
    _PREFIX: ClassVar = re.compile(r"([A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*)?")
    PARAMETERS: ClassVar = {
        "endpoint_url": ("endpoint_url", r"https?://[^/?#@\s]+(/[^?#\s]*)?"),
        "region": ("region_name", r"[a-z0-9-]+"),
        "addressing_style": ("addressing_style", r"path|virtual|auto"),
    }
    """What may follow the question mark: what it is called there, and what it must be."""

    def _read(self, text: str) -> dict[str, str]:
        # The sentences must not repeat the value: somebody may have put a key into it.
        refusal = ImproperlyConfigured(f"{self.name} must name a bucket, {self._LIKE}.")
        try:
            parts = urlsplit(text)
            pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:
            raise refusal from None
        prefix = parts.path.strip("/")
        if parts.scheme != "s3" or parts.fragment or not self._BUCKET.fullmatch(parts.netloc):
            raise refusal
        if not self._PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/")):
            raise refusal
        value = {"bucket_name": parts.netloc, "location": prefix}
        for name, given in pairs:
            option, form = self.PARAMETERS.get(name, ("", "$."))
            if option in value or not re.fullmatch(form, given):
                raise ImproperlyConfigured(
                    f"After its question mark {self.name} may have each of"
                    f" {', '.join(self.PARAMETERS)} once, {self._LIKE}."
                )
            value[option] = given
        return value


# fmt: off
VARIABLES: tuple[Variable, ...] = (
    PostgresUrl("DATABASE_URL",
                help="the Postgres database, `postgres://user:password@host:5432/name`, with "
                     "parameters such as `?sslmode=verify-full&sslrootcert=/etc/ca.pem`; when "
                     "absent the project runs a Postgres of its own in the state folder"),
    Variable("EXOPLANET_SECRET_KEY",
             help="the key that signs sessions and queued jobs, 50 characters or more, the same "
                  "on all hosts; when absent one is made at the first start and kept in the state "
                  "folder as `secret_key`"),
    File("EXOPLANET_SECRET_KEY_FILE",
         help="a file that holds the key, where `EXOPLANET_SECRET_KEY` does not"),
    Variable("EXOPLANET_HOST_NAME",
             help="what this host is called among those that share a database; when absent the "
                  "machine's name"),
    Flag("EXOPLANET_DEBUG", default="off",
         help="`on` shows tracebacks in the browser; never on a machine that others reach"),
    Words("EXOPLANET_ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]",
          help="the host names under which the server answers, separated by commas"),
    Origins("EXOPLANET_CORS_ORIGINS",
            default="http://localhost:3000,http://localhost:5173,"
                    "http://127.0.0.1:3000,http://127.0.0.1:5173",
            help="the origins whose pages may call the API, separated by commas"),
    Flag("EXOPLANET_HTTPS", default="off",
         help="`on` where a proxy in front speaks HTTPS and sets `X-Forwarded-Proto`: plain "
              "requests are redirected and cookies never sent in the clear"),
    WholeNumber("EXOPLANET_PROXIES", default="0", minimum=0, maximum=10,
                help="how many proxies in front add the address of their client to "
                     "`X-Forwarded-For`"),
    Flag("EXOPLANET_ANONYMOUS", default="on",
         help="`off` lets only users who are signed in start and list sessions"),
    WholeNumber("EXOPLANET_ACTIVE_SESSIONS", default="20", minimum=1, maximum=10**6,
                help="how many sessions of one user, or of one address, may wait or run at the "
                     "same time"),
    WholeNumber("EXOPLANET_READS_PER_MINUTE", default="6000", minimum=1, maximum=10**9,
                help="how often one user or address may read in a minute; asking for progress and "
                     "health is free"),
    WholeNumber("EXOPLANET_STARTS_PER_MINUTE", default="1200", minimum=1, maximum=10**9,
                help="how often one user or address may ask to start, change or delete in a "
                     "minute"),
    WholeNumber("EXOPLANET_LOGINS_PER_MINUTE", default="10", minimum=1, maximum=10**9,
                help="how often one address may send a password for a token in a minute"),
    WholeNumber("EXOPLANET_UPLOAD_LIMIT_MB", default="100", minimum=1, maximum=10**5,
                help="the largest file that may be uploaded, in megabytes (10⁶ bytes)"),
    WholeNumber("EXOPLANET_KEPT_UPLOADS_MB", default="5000", minimum=1, maximum=10**9,
                help="how much the kept files of one user, or of one address, may take together, "
                     "in megabytes (10⁶ bytes)"),
    WholeNumber("EXOPLANET_BODY_PATIENCE_SECONDS", default="20", minimum=1, maximum=3600,
                help="how long a request's body may stand still while it is sent, in seconds; on "
                     "the whole it must come at 10 kB a second"),
    Folder("EXOPLANET_ARCHIVE_DIR",
           help="a folder with tables downloaded from the NASA Exoplanet Archive, read by "
                "`load_dataset` before it asks the archive itself"),
    Folder("EXOPLANET_LIGHTCURVE_DIR",
           help="a folder with collections of light curves, which `manage.py benchmark "
                "lightcurves` measures"),
    WholeNumber("EXOPLANET_WORKERS", minimum=1, maximum=256,
                help="how many jobs run at the same time; when absent one for each processor core"),
    Variable("EXOPLANET_HOST", default="127.0.0.1",
             help="the address that the web server listens on; `0.0.0.0` for every network"),
    WholeNumber("EXOPLANET_PORT", default="5000", minimum=1, maximum=65535,
                help="the port that the web server listens on"),
    Folder("EXOPLANET_MEDIA_ROOT", default="media",
           help="the folder for uploads, trained models and loaded tables"),
    BucketUrl("EXOPLANET_STORAGE",
              help="a bucket that all hosts reach, which keeps uploads, tables, models and results "
                   "in the media folder's place; needs the extra `s3`, and credentials as boto3 "
                   "finds them"),
    WholeNumber("EXOPLANET_CACHE_MB", default="10000", minimum=100, maximum=10**9,
                help="how much of what is in the bucket a host keeps a copy of in the state "
                     "folder, in megabytes (10⁶ bytes); what was used longest ago goes first"),
    Folder("EXOPLANET_STATE_DIR", default=".state",
           help="the folder for the secret key and the project's own Postgres"),
    WholeNumber("EXOPLANET_JOB_DEADLINE_SECONDS", default="3600", minimum=1, maximum=7 * 24 * 3600,
                help="how long one job may run, in seconds"),
    WholeNumber("EXOPLANET_JOB_MEMORY_MB", default="4096", minimum=256, maximum=10**7,
                help="how much memory one job may take, in megabytes (10⁶ bytes)"),
    DaskAddress("EXOPLANET_DASK",
                help="the scheduler of a Dask cluster whose workers make independent fits; without "
                     "it, and while it cannot be reached, this machine makes all of them"),
    WholeNumber("EXOPLANET_RETENTION_DAYS", default="30", minimum=1, maximum=36_500,
                help="how long a session and its files are kept after its end, in days; published "
                     "models are kept for good"),
    WholeNumber("EXOPLANET_QUEUE_PATIENCE_SECONDS", default="30", minimum=2, maximum=3600,
                help="how long the job queue may take no work while sessions wait, or the "
                     "project's own Postgres give no answer, in seconds; then `up` starts it "
                     "again"),
    WholeNumber("EXOPLANET_QUEUE_WARNING_SECONDS", default="900", minimum=1, maximum=7 * 24 * 3600,
                help="how long a session may wait before readiness warns of it, in seconds"),
    WholeNumber("EXOPLANET_FREE_DISK_MB", default="200", minimum=0, maximum=10**9,
                help="how much room must be left on the disks of media and state folder, in "
                     "megabytes (10⁶ bytes); with less the server reports that it is not well"),
    Flag("EXOPLANET_LOG_JSON", default="off",
         help="`on` writes the log as one JSON object a line, whatever part of the project wrote "
              "it"),
)
# fmt: on


def values() -> dict[str, Any]:
    """Return what every variable says, by its name."""
    return {variable.name: variable.value() for variable in VARIABLES}


def in_markdown() -> str:
    """Return the table of all variables, as the documentation shows it."""
    lines = ["| variable | what it is | default | what it is for |", "|---|---|---|---|"]
    for variable in VARIABLES:
        default = f"`{variable.default}`" if variable.default else ""
        lines.append(f"| `{variable.name}` | {variable.kind} | {default} | {variable.help} |")
    return "\n".join(lines)
