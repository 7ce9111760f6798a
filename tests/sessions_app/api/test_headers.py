"""What browsers are told to do and not to do with the server's answers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.environment import BASE_DIR

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

ADDRESSES = ["/", "/api/models", "/api/v1/training-sessions", "/api/v1/docs", "/admin/login/"]
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy(answer: Any) -> dict[str, str]:
    parts = answer["Content-Security-Policy"].split(";")
    return dict(part.strip().split(" ", 1) for part in parts)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_guarded(client: Client, address: Any) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    directives = policy(answer)
    assert {name: directives[name] for name in POLICY} == POLICY
    assert "unsafe" not in directives.get("script-src", "")


def test_no_page_has_styles_within(client: Client) -> None:
    for address in ADDRESSES:
        answer = client.get(address)
        assert "style-src" not in policy(answer)
        assert not re.search(r"<style| style=", answer.content.decode())


@pytest.mark.parametrize("address", ["/", "/api/v1/docs", "/admin/login/"])
def test_no_page_has_a_script_within(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert all("src=" in tag.split(">")[0] for tag in page.split("<script")[1:])
    assert " onclick=" not in page


def test_errors_are_guarded_too(client: Client) -> None:
    for address in ("/nowhere", "/api/nowhere", "/api/v1/nowhere"):
        assert policy(client.get(address))["default-src"] == "'self'"


def test_the_old_frontend_may_send_what_it_needs_and_no_credentials(client: Client) -> None:
    answer = client.options(
        "/api/custom/train",
        HTTP_ORIGIN="http://localhost:3000",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="idempotency-key",
    )
    assert answer["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "idempotency-key" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer
    other = client.get("/api/models", HTTP_ORIGIN="http://evil.example")
    assert "Access-Control-Allow-Origin" not in other


# With HTTPS


def test_with_https_nothing_is_sent_in_the_clear(settings: SettingsWrapper, client: Client) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    answer = client.get("/api/v1/training-sessions")
    assert (answer.status_code, answer["Location"]) == (
        301,
        "https://testserver/api/v1/training-sessions",
    )
    behind = {"HTTP_X_FORWARDED_PROTO": "https"}
    answer = client.get("/api/v1/training-sessions", **behind)
    assert answer.status_code == 200
    assert answer["Strict-Transport-Security"].startswith("max-age=60")


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EXOPLANET_", "DJANGO_")) and name != "DATABASE_URL"
    }
    places = {
        "EXOPLANET_STATE_DIR": str(folder / "state"),
        "EXOPLANET_MEDIA_ROOT": str(folder / "media"),
        "DATABASE_URL": "postgres://u:p@localhost:1/none",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=clean | places | variables,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_djangos_check_of_a_deployment_finds_nothing_in_production(tmp_path: Path) -> None:
    checked = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        EXOPLANET_HTTPS="on",
        EXOPLANET_ALLOWED_HOSTS="planets.example",
    )
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.long
def test_the_one_setting_secures_all(tmp_path: Path) -> None:
    shown = manage(tmp_path, "diffsettings", EXOPLANET_HTTPS="on").stdout
    for line in (
        "SECURE_SSL_REDIRECT = True",
        "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True",
        "SECURE_HSTS_SECONDS = 31536000",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS = True",
    ):
        assert line in shown
