"""Django's settings. What an operator may choose comes from `exoplanet.environment`."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import Any

from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from exoplanet import environment
from exoplanet.environment import BASE_DIR
from exoplanet.logs import logging_settings
from exoplanet.postgres.server import FEWEST_CONNECTIONS, django_database
from exoplanet.secret_key import checked_key, given_key, kept_key

_given = environment.values()
_database_url = _given.pop("DATABASE_URL")
_key = _given.pop("EXOPLANET_SECRET_KEY")
_key_file = _given["EXOPLANET_SECRET_KEY_FILE"]
DEBUG = _given.pop("EXOPLANET_DEBUG")
ALLOWED_HOSTS = _given.pop("EXOPLANET_ALLOWED_HOSTS")
CORS_ALLOWED_ORIGINS = _given.pop("EXOPLANET_CORS_ORIGINS")
_workers = _given["EXOPLANET_WORKERS"] = _given["EXOPLANET_WORKERS"] or os.cpu_count() or 1
_given["EXOPLANET_HOST_NAME"] = _given["EXOPLANET_HOST_NAME"] or socket.gethostname()
_https = _given["EXOPLANET_HTTPS"]
_state = _given["EXOPLANET_STATE_DIR"]
MEDIA_ROOT = _given.pop("EXOPLANET_MEDIA_ROOT")
# On the same file system as what is kept, so that keeping an upload is a rename.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "incoming"
# Each of the others is a setting of its own name.
globals().update(_given)

for _folder in (_state, MEDIA_ROOT, FILE_UPLOAD_TEMP_DIR):
    try:
        _folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {_folder} cannot be made: {error.strerror}."
        ) from error

# What outlives a host's job

STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if _bucket := _given["EXOPLANET_STORAGE"]:
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "EXOPLANET_STORAGE needs django-storages and boto3: install the extra `s3`."
        )
    # Botocore waits between attempts for half of 1, 2, 4, 8, 16 s on average, then of 20 s: who
    # waits for a page is told soon, a job rides out more than a minute, and whether the store
    # answers is asked once.
    STORAGES |= {
        name: {
            "BACKEND": "sessions_app.files.bucket.Bucket",
            "OPTIONS": {**_bucket, "attempts": attempts, "seconds": seconds},
        }
        for name, attempts, seconds in (("default", 3, 10), ("patient", 15, 20), ("probe", 1, 2))
    }

# Jobs

# Of this process; `manage.py work --evidence` has the other one.
EXOPLANET_LANE = "first_answers"
# Of this machine, whoever uses it.
EXOPLANET_CORES = os.cpu_count() or 1

# The deadline belongs to the job's own process; the queue's two limits only have to come later,
# and in this order: a task that outlives `retry` would run twice at once. They matter to an
# operator's schedules; a session whose worker died is seen by the reaper within seconds.
_TASK_TIMEOUT = _given["EXOPLANET_JOB_DEADLINE_SECONDS"] + 60
Q_CLUSTER: dict[str, Any] = {
    "name": "exoplanet",
    "label": "Job queue",
    "orm": "default",
    "broker_class": "sessions_app.queue.broker.WakingBroker",
    "workers": _workers,
    # Between looks that no notification asked for [s].
    "poll": 0.5,
    # Its statistics would go into a cache, twice a second, and nothing here reads them: that the
    # cluster works is seen from rows and locks.
    "cache": "no cache of this name, so that none is used",
    # What waits in the cluster's memory waits for no worker of another one: fetch one at a time.
    "queue_limit": 1,
    "bulk": 1,
    # The guard compares a timer with exactly 0, which it reaches in halves but not in thirds.
    "guard_cycle": 0.5,
    "timeout": _TASK_TIMEOUT,
    "retry": _TASK_TIMEOUT + 60,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "recycle": 200,
    "save_limit": 100,
}

# The web

if _key is None and _key_file is not None:
    _key = given_key(_key_file)
if _key is None:
    SECRET_KEY = kept_key(_state)
elif DEBUG:
    SECRET_KEY = _key
else:
    SECRET_KEY = checked_key(_key)
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-none-match", "x-request-id"]
CORS_EXPOSE_HEADERS = ["etag", "idempotency-replayed", "location", "retry-after", "x-request-id"]

# What browsers are told

SECURE_SSL_REDIRECT = _https
# The supervisor and probes ask the server itself and not the proxy.
SECURE_REDIRECT_EXEMPT = [r"^(api/health|api/v1/ready|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
X_FRAME_OPTIONS = "DENY"
EXOPLANET_CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)

# Everything of a request but its files: a form's fields or a JSON body.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10**6

WSGI_APPLICATION = "exoplanet.wsgi.application"
ROOT_URLCONF = "exoplanet.urls"
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "django_tables2",
    "drf_spectacular",
    "django_q",
    "sessions_app",
    "exoplanet",
]

MIDDLEWARE = [
    "exoplanet.logs.SessionInLogMiddleware",
    "exoplanet.middleware.request_id.name_request",
    "django.middleware.security.SecurityMiddleware",
    "exoplanet.middleware.content_policy.content_policy",
    # Above all that answers, so that a page of another origin may read why it was refused.
    "corsheaders.middleware.CorsMiddleware",
    # Above all that reads a body or answers in pieces.
    "exoplanet.middleware.slow_clients.middleware.SlowClientsMiddleware",
    # Above all that makes an answer, and below whoever waits for its reader.
    "exoplanet.middleware.compression.CompressionMiddleware",
    # Above static files: of a compressed one WhiteNoise would not know the ETag again.
    "exoplanet.middleware.unchanged.UnchangedMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "exoplanet.middleware.store_away.StoreAwayMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sessions_app.web.context.pages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "sessions"
LOGOUT_REDIRECT_URL = "home"

STATIC_URL = "static/"
# Served from where the apps keep them, so that no collectstatic stands between clone and start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# The database

EXOPLANET_WEB_WORKERS = 2
EXOPLANET_WEB_THREADS = 40
"""In each worker. Most of them only wait: 8 at most for bodies, 8 for readers of long answers, 4
each for a place among these, 8 for files that are read, 4 for news of a session (`slow_clients`,
`upload_reading`, `queue.watching`). The rest waits for nobody."""
# Each thread of the web server has a connection, and in each of its processes what looks for those
# who wait has one; each worker of the queue has one for its work, one for the session's lock and
# one that shows that it lives; the rest is for the queue's own processes, the reaper, the
# supervisor, and the commands and consoles of operators.
EXOPLANET_DATABASE_CONNECTIONS = max(
    FEWEST_CONNECTIONS,
    EXOPLANET_WEB_WORKERS * (EXOPLANET_WEB_THREADS + 1) + 3 * _workers + 40,
)
EXOPLANET_EMBEDDED_POSTGRES = _database_url is None
_database = django_database(_state) if _database_url is None else _database_url
# A server that lives must not keep anybody waiting for ever. One that is stopped minds none of
# these: the supervisor starts it again, and a job's deadline needs no database.
_limits = {
    "statement_timeout": "10min",
    # A row that another request has locked, or an owner's turn to be counted.
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "10min",
    # A host that is cut off, or loses its power, says no goodbye. What it holds (its presence, the
    # locks of its sessions) is free when the server has missed it, which by itself takes two hours.
    "tcp_keepalives_idle": 15,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": "30s",
}
_database["OPTIONS"] = {
    "connect_timeout": 5,
    "options": " ".join(f"-c {name}={value}" for name, value in _limits.items()),
    # The same from this side: where the server's machine is gone, or this one is cut off.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    # What DATABASE_URL says of them counts.
    **_database.get("OPTIONS", {}),
}
DATABASES = {
    "default": {**_database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The API

REST_FRAMEWORK = {
    # The token first: whoever is not known is told that one is needed.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_THROTTLE_CLASSES": ["sessions_app.api.throttling.ScopeThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "sessions_app.api.paging.NumberedPages",
    "STRICT_JSON": True,
    "EXCEPTION_HANDLER": "sessions_app.api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Exoplanet Playground",
    "DESCRIPTION": (
        "Train, run and understand classifiers of exoplanet candidates "
        "on NASA's Kepler, K2 and TESS catalogues."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    # What is sent has fields that no answer has, such as files.
    "COMPONENT_SPLIT_REQUEST": True,
    # What a PATCH has to say it has to say.
    "COMPONENT_SPLIT_PATCH": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "MissionEnum": "sessions_app.models.snapshot.mission_choices",
        "SessionMissionEnum": "sessions_app.models.snapshot.session_mission_choices",
        "DispositionEnum": "sessions_app.models.verdict.DISPOSITIONS",
        "StatusEnum": "sessions_app.lifecycle.Status",
        "PartStatusEnum": "mlcore.evaluation.evidence.PartState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sessions_app.api.openapi.describe_any_json",
        "sessions_app.api.openapi.describe_bodies",
        "sessions_app.api.openapi.describe_what_is_known",
        "sessions_app.api.schema.describe_problems",
        "sessions_app.api.openapi.give_examples",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "TAGS": [
        {"name": "training-sessions", "description": "Train a model, and read what came of it."},
        {"name": "prediction-sessions", "description": "Predict with a model."},
        {
            "name": "lightcurves",
            "description": "Light curves in, signals with folds, vetting tests and verdicts out.",
        },
        {"name": "comparisons", "description": "Sessions side by side."},
        {"name": "analyses", "description": "Look more closely at a result or one of its objects."},
        {"name": "models", "description": "Published models and their verdicts."},
        {
            "name": "datasets",
            "description": "The missions' tables: columns, rows, snapshots and their differences.",
        },
        {"name": "features", "description": "What models see, and what physics checks."},
        {"name": "problems", "description": "What each kind of error means."},
        {"name": "directory", "description": "What there is."},
        {"name": "token", "description": "Who asks."},
        {"name": "ready", "description": "Whether the service works."},
    ],
    # No links of operations: they would stand within the buttons that open them. And no list of all
    # schemas below, which takes a browser longer to draw than the rest.
    "SWAGGER_UI_SETTINGS": {"defaultModelsExpandDepth": -1, "syntaxHighlight": False},
}

# Language, time, log

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

LOGGING = logging_settings(as_json=_given["EXOPLANET_LOG_JSON"])
