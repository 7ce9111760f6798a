"""The settings as a process of its own reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from exoplanet.environment import BASE_DIR
from mlcore._one_thread import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READ = """
import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.isupper()},
                 default=str))
"""


@pytest.fixture
def run(open_folder: Path) -> Callable[..., Any]:
    """Run Python with the settings of an environment."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("EXOPLANET_") and name != "DATABASE_URL"
        }
        folders = {
            "EXOPLANET_STATE_DIR": str(open_folder / "state"),
            "EXOPLANET_MEDIA_ROOT": str(open_folder / "media"),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            env={**clean, **folders, **variables},
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def read(run: Callable[..., Any], **variables: str) -> dict[str, object]:
    answer = run("-c", READ, **variables)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_the_defaults_are_safe(run: Any, open_folder: Path) -> None:
    settings = read(run)
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert settings["CORS_ALLOWED_ORIGINS"] == [
        f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 5173)
    ]
    assert settings["EXOPLANET_HOST"] == "127.0.0.1"
    assert settings["EXOPLANET_PORT"] == 5000
    assert settings["EXOPLANET_UPLOAD_LIMIT_MB"] == 100
    assert settings["EXOPLANET_ANONYMOUS"] is True
    assert settings["EXOPLANET_ACTIVE_SESSIONS"] == 20
    assert settings["EXOPLANET_PROXIES"] == 0
    assert settings["SECURE_SSL_REDIRECT"] is False
    assert settings["EXOPLANET_ARCHIVE_DIR"] is None
    assert settings["EXOPLANET_WORKERS"] == os.cpu_count()
    assert settings["EXOPLANET_JOB_DEADLINE_SECONDS"] == 3600
    assert settings["EXOPLANET_JOB_MEMORY_MB"] == 4096
    assert settings["EXOPLANET_RETENTION_DAYS"] == 30
    assert settings["EXOPLANET_EMBEDDED_POSTGRES"] is True
    key = (open_folder / "state" / "secret_key").read_text(encoding="ascii")
    assert settings["SECRET_KEY"] == key.strip()


def test_every_variable_is_heard(run: Any, open_folder: Path) -> None:
    settings = read(
        run,
        DATABASE_URL="postgres://u:p@h:5433/n",
        EXOPLANET_SECRET_KEY="weak",
        EXOPLANET_DEBUG="on",
        EXOPLANET_ALLOWED_HOSTS="planets.example",
        EXOPLANET_CORS_ORIGINS="https://app.example",
        EXOPLANET_UPLOAD_LIMIT_MB="7",
        EXOPLANET_HTTPS="on",
        EXOPLANET_PROXIES="1",
        EXOPLANET_ANONYMOUS="off",
        EXOPLANET_ACTIVE_SESSIONS="3",
        EXOPLANET_READS_PER_MINUTE="11",
        EXOPLANET_STARTS_PER_MINUTE="12",
        EXOPLANET_LOGINS_PER_MINUTE="13",
        EXOPLANET_ARCHIVE_DIR=str(open_folder),
        EXOPLANET_WORKERS="30",
        EXOPLANET_HOST="0.0.0.0",
        EXOPLANET_PORT="8123",
        EXOPLANET_JOB_DEADLINE_SECONDS="60",
        EXOPLANET_JOB_MEMORY_MB="512",
    )
    assert settings["DATABASES"]["default"]["PORT"] == 5433
    assert settings["EXOPLANET_EMBEDDED_POSTGRES"] is False
    assert settings["SECRET_KEY"] == "weak"
    assert settings["DEBUG"] is True
    assert settings["ALLOWED_HOSTS"] == ["planets.example"]
    assert settings["CORS_ALLOWED_ORIGINS"] == ["https://app.example"]
    assert settings["EXOPLANET_UPLOAD_LIMIT_MB"] == 7
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["EXOPLANET_PROXIES"] == 1
    assert settings["EXOPLANET_ANONYMOUS"] is False
    assert settings["EXOPLANET_ACTIVE_SESSIONS"] == 3
    assert settings["EXOPLANET_READS_PER_MINUTE"] == 11
    assert settings["EXOPLANET_STARTS_PER_MINUTE"] == 12
    assert settings["EXOPLANET_LOGINS_PER_MINUTE"] == 13
    assert settings["EXOPLANET_ARCHIVE_DIR"] == str(open_folder)
    assert settings["Q_CLUSTER"]["workers"] == 30
    # Three connections for each of them, one for each of the web server's threads and one more in
    # each of its processes, some for others.
    assert settings["EXOPLANET_DATABASE_CONNECTIONS"] == 3 * 30 + 2 * (40 + 1) + 40
    assert settings["EXOPLANET_HOST"] == "0.0.0.0"
    assert settings["EXOPLANET_PORT"] == 8123
    assert settings["MEDIA_ROOT"] == str(open_folder / "media")
    assert settings["EXOPLANET_STATE_DIR"] == str(open_folder / "state")
    assert settings["EXOPLANET_JOB_MEMORY_MB"] == 512
    # The queue gives a job up only after the job's own process has, and retries later still.
    assert settings["Q_CLUSTER"]["timeout"] == 120
    assert settings["Q_CLUSTER"]["retry"] == 180


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"EXOPLANET_PORT": "web"}, "EXOPLANET_PORT must be a whole number from 1 to 65535"),
        ({"EXOPLANET_SECRET_KEY": "weak"}, "EXOPLANET_SECRET_KEY is too weak"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL must name a Postgres database"),
        ({"EXOPLANET_STATE_DIR": "/dev/null/x"}, "The folder /dev/null/x cannot be made"),
        ({"EXOPLANET_MEDIA_ROOT": "/dev/null/x"}, "The folder /dev/null/x cannot be made"),
    ],
)
def test_a_refusal_is_one_sentence_on_the_command_line(
    run: Any, variables: dict[str, Any], sentence: str
) -> None:
    answer = run("manage.py", "up", **variables)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(sentence)
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("password", ["short7!", "password123", "72516384950617"])
def test_a_password_that_is_easily_guessed_is_not_taken(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_without_a_bucket_files_lie_in_the_media_folder(run: Any) -> None:
    settings: Any = read(run)
    assert settings["STORAGES"]["default"] == {
        "BACKEND": "django.core.files.storage.FileSystemStorage"
    }
    assert settings["EXOPLANET_CACHE_MB"] == 10_000


def test_in_a_bucket_a_page_waits_less_than_a_job(run: Any) -> None:
    pytest.importorskip("storages", reason="the extra s3 is not installed")
    storages: Any = read(run, EXOPLANET_STORAGE="s3://planets/a?region=eu-west-1")["STORAGES"]
    for name, attempts in (("probe", 1), ("default", 3), ("patient", 15)):
        assert storages[name]["BACKEND"] == "sessions_app.files.bucket.Bucket"
        options = storages[name]["OPTIONS"]
        assert options["attempts"] == attempts
        assert options["bucket_name"] == "planets"
        assert options["region_name"] == "eu-west-1"


def test_a_bucket_without_what_it_needs_is_refused_in_one_sentence(run: Any) -> None:
    # As where the extra is not installed.
    answer = run(
        "-c",
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'storages' else find(name, *rest)\n"
        "from django.conf import settings; settings.DEBUG",
        EXOPLANET_STORAGE="s3://planets",
    )
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].endswith(
        "EXOPLANET_STORAGE needs django-storages and boto3: install the extra `s3`."
    )


def test_a_bad_bucket_stops_the_start_in_one_sentence(run: Any) -> None:
    answer = run("manage.py", "up", EXOPLANET_STORAGE="s3://Planets")
    assert answer.returncode == 1
    assert (
        answer.stderr.strip()
        .splitlines()[-1]
        .endswith(
            "EXOPLANET_STORAGE must name a bucket, like"
            " s3://bucket/prefix?endpoint_url=https://host:9000&region=eu-central-1."
        )
    )


def test_libraries_have_one_thread_in_every_command_unless_another_number_is_asked_for() -> None:
    begins = "import os, sys, manage; sys.argv = ['manage.py', 'version']; manage.main()"
    shows = f"{begins}; print(*(os.environ[name] for name in {list(ONE_THREAD)!r}))"
    before = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    said = subprocess.run(
        [sys.executable, "-c", shows],
        cwd=BASE_DIR,
        env=before | {next(iter(ONE_THREAD)): "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.splitlines()[-1] == "2 1 1 1 1"
