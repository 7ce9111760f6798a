"""The environment variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from exoplanet import environment
from exoplanet.environment import BASE_DIR, VARIABLES

SETTINGS = (BASE_DIR / "exoplanet" / "settings.py").read_text(encoding="utf-8")


def test_each_variable_is_declared_once():
    names = [variable.name for variable in VARIABLES]
    assert len(set(names)) == len(names)


def test_the_settings_read_every_variable_and_no_other():
    read = set(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
    assert read == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_an_empty_variable_means_the_default(variable, monkeypatch):
    monkeypatch.setenv(variable.name, "")
    assert environment.text(variable.name) == variable.default
    monkeypatch.delenv(variable.name)
    assert environment.text(variable.name) == variable.default


@pytest.mark.parametrize(
    ("value", "meaning"), [("on", True), ("True", True), ("1", True), ("off", False), ("no", False)]
)
def test_a_flag_is_on_or_off(value, meaning, monkeypatch):
    monkeypatch.setenv("EXOPLANET_DEBUG", value)
    assert environment.flag("EXOPLANET_DEBUG") is meaning


def test_a_flag_that_is_neither_is_refused(monkeypatch):
    monkeypatch.setenv("EXOPLANET_DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.flag("EXOPLANET_DEBUG")
    assert str(refusal.value) == 'EXOPLANET_DEBUG must be "on" or "off", and not "maybe".'


@pytest.mark.parametrize("value", ["0", "65536", "http", "5000.5", "-1"])
def test_a_number_that_is_none_or_out_of_bounds_is_refused(value, monkeypatch):
    monkeypatch.setenv("EXOPLANET_PORT", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.whole_number("EXOPLANET_PORT", minimum=1, maximum=65535)
    assert str(refusal.value) == (
        f'EXOPLANET_PORT must be a whole number from 1 to 65535, and not "{value}".'
    )


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("EXOPLANET_ALLOWED_HOSTS", "planets.example, localhost,")
    assert environment.words("EXOPLANET_ALLOWED_HOSTS") == ["planets.example", "localhost"]


def test_a_relative_folder_is_meant_from_the_checkout(monkeypatch):
    monkeypatch.setenv("EXOPLANET_ARCHIVE_DIR", "../tables")
    assert environment.folder("EXOPLANET_ARCHIVE_DIR") == BASE_DIR.parent / "tables"
    monkeypatch.setenv("EXOPLANET_ARCHIVE_DIR", "/srv/my tables")
    assert environment.folder("EXOPLANET_ARCHIVE_DIR") == Path("/srv/my tables")


@pytest.mark.parametrize("value", ["localhost:3000", "http://localhost:3000/", "*", "ftp://a"])
def test_what_is_no_origin_is_refused(value, monkeypatch):
    monkeypatch.setenv("EXOPLANET_CORS_ORIGINS", f"http://localhost:5173,{value}")
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.origins("EXOPLANET_CORS_ORIGINS")
    assert str(refusal.value) == (
        "EXOPLANET_CORS_ORIGINS must list origins such as http://localhost:3000, "
        f'and not "{value}".'
    )


def test_a_postgres_url_is_taken_apart(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:se%40cret@db.example:6432/planets")
    database = environment.postgres_url("DATABASE_URL")
    assert {
        key: database[key] for key in ("ENGINE", "HOST", "PORT", "NAME", "USER", "PASSWORD")
    } == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.example",
        "PORT": 6432,
        "NAME": "planets",
        "USER": "ada",
        "PASSWORD": "se@cret",
    }


@pytest.mark.parametrize(
    "value",
    ["sqlite:///db.sqlite3", "mysql://u:hunter2@h/n", "planets", "postgres://u:hunter2@h:port/n",
     "postgres://u:hunter2@h", "://hunter2"],
)  # fmt: skip
def test_another_database_is_refused_without_repeating_its_password(value, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.postgres_url("DATABASE_URL")
    sentence = str(refusal.value)
    assert sentence.startswith("DATABASE_URL ")
    assert sentence.endswith("postgres://user:password@host:5432/name.")
    assert "hunter2" not in sentence
