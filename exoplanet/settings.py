"""Django's settings. What an operator may choose comes from `exoplanet.environment`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from exoplanet import environment, postgres
from exoplanet.environment import BASE_DIR
from exoplanet.secret_key import checked_key, kept_key

if TYPE_CHECKING:
    from pathlib import Path


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {folder} cannot be made: {error.strerror}."
        ) from error
    return folder


# Folders

EXOPLANET_STATE_DIR = _made(environment.folder("EXOPLANET_STATE_DIR"))
EXOPLANET_ARCHIVE_DIR = (
    environment.folder("EXOPLANET_ARCHIVE_DIR")
    if environment.text("EXOPLANET_ARCHIVE_DIR")
    else None
)
MEDIA_ROOT = _made(environment.folder("EXOPLANET_MEDIA_ROOT"))
# On the same file system as what is kept, so that keeping an upload is a rename.
FILE_UPLOAD_TEMP_DIR = _made(MEDIA_ROOT / "incoming")

# Jobs

EXOPLANET_WORKERS = (
    environment.whole_number("EXOPLANET_WORKERS", minimum=1, maximum=256)
    if environment.text("EXOPLANET_WORKERS")
    else os.cpu_count() or 1
)
EXOPLANET_JOB_DEADLINE_SECONDS = environment.whole_number(
    "EXOPLANET_JOB_DEADLINE_SECONDS", minimum=1, maximum=7 * 24 * 3600
)
EXOPLANET_JOB_MEMORY_MB = environment.whole_number(
    "EXOPLANET_JOB_MEMORY_MB", minimum=256, maximum=10**7
)
# The deadline belongs to the job's own process; the queue's two limits only have to come later,
# and in this order: a task that outlives `retry` would run twice at once.
_TASK_TIMEOUT = EXOPLANET_JOB_DEADLINE_SECONDS + 60
Q_CLUSTER: dict[str, Any] = {
    "name": "exoplanet",
    "label": "Job queue",
    "orm": "default",
    "workers": EXOPLANET_WORKERS,
    "poll": 0.2,
    # A task that waits in a worker's memory has a lock that expires: fetch one at a time.
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

DEBUG = environment.flag("EXOPLANET_DEBUG")
_given_key = environment.text("EXOPLANET_SECRET_KEY")
if not _given_key:
    SECRET_KEY = kept_key(EXOPLANET_STATE_DIR)
else:
    SECRET_KEY = _given_key if DEBUG else checked_key(_given_key)
ALLOWED_HOSTS = environment.words("EXOPLANET_ALLOWED_HOSTS")
CORS_ALLOWED_ORIGINS = environment.origins("EXOPLANET_CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
EXOPLANET_HOST = environment.text("EXOPLANET_HOST")
EXOPLANET_PORT = environment.whole_number("EXOPLANET_PORT", minimum=1, maximum=65535)
EXOPLANET_UPLOAD_LIMIT_MB = environment.whole_number(
    "EXOPLANET_UPLOAD_LIMIT_MB", minimum=1, maximum=10**5
)
# Everything of a request but its files: a form's fields or a JSON body.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10**6

WSGI_APPLICATION = "exoplanet.wsgi.application"
ROOT_URLCONF = "exoplanet.urls"
APPEND_SLASH = False
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "sessions_app",
    "exoplanet",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
            ],
        },
    },
]

STATIC_URL = "static/"
# Served from where the apps keep them, so that no collectstatic stands between clone and start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# The database

if environment.text("DATABASE_URL"):
    EXOPLANET_EMBEDDED_POSTGRES = False
    _database = environment.postgres_url("DATABASE_URL")
else:
    EXOPLANET_EMBEDDED_POSTGRES = True
    _database = postgres.django_database(EXOPLANET_STATE_DIR)
_database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASES = {
    "default": {**_database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The API

REST_FRAMEWORK = {
    # One kind of visitor: everyone. What only operators may do is in the admin.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
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
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "MissionEnum": "sessions_app.models.snapshot.MISSIONS",
        "DispositionEnum": "sessions_app.models.prediction.DISPOSITIONS",
    },
    # Its pages load from here, so that they work with no network.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Language, time, log

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would write a line a second time, in another format.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # It tells of every task that begins and ends; so do the sessions.
        "django-q": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
