"""The environment variables."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from exoplanet import environment
from exoplanet.environment import BASE_DIR, VARIABLES, WholeNumber

NAMED = {variable.name: variable for variable in VARIABLES}
NUMBERS = [variable for variable in VARIABLES if isinstance(variable, WholeNumber)]
RENAMED = {
    "EXOPLANET_DEBUG": "DEBUG",
    "EXOPLANET_ALLOWED_HOSTS": "ALLOWED_HOSTS",
    "EXOPLANET_CORS_ORIGINS": "CORS_ALLOWED_ORIGINS",
    "EXOPLANET_MEDIA_ROOT": "MEDIA_ROOT",
    "EXOPLANET_SECRET_KEY": "SECRET_KEY",
    "DATABASE_URL": "DATABASES",
}
"""Those whose setting has Django's own name."""


def test_each_variable_is_declared_once() -> None:
    assert len(NAMED) == len(VARIABLES)


def test_the_settings_have_every_variable() -> None:
    assert [name for name in NAMED if not hasattr(settings, RENAMED.get(name, name))] == []
    # What is secret stands nowhere else.
    assert not hasattr(settings, "EXOPLANET_SECRET_KEY")
    assert not hasattr(settings, "DATABASE_URL")


def test_a_row_is_all_that_a_new_variable_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    row = WholeNumber(
        "EXOPLANET_MOONS", default="2", minimum=1, maximum=9, help="how many moons are looked for"
    )
    monkeypatch.setattr(environment, "VARIABLES", (*VARIABLES, row))
    monkeypatch.setenv("EXOPLANET_MOONS", "3")
    read = runpy.run_path(str(BASE_DIR / "exoplanet" / "settings.py"))
    assert read["EXOPLANET_MOONS"] == 3
    assert environment.in_markdown().splitlines()[-1] == (
        "| `EXOPLANET_MOONS` | a whole number from 1 to 9 | `2` | how many moons are looked for |"
    )
    monkeypatch.setenv("EXOPLANET_MOONS", "10")
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.values()
    assert str(refusal.value) == (
        'EXOPLANET_MOONS must be a whole number from 1 to 9, and not "10".'
    )


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_an_empty_variable_means_the_default(
    variable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable.name, raising=False)
    absent = variable.value()
    monkeypatch.setenv(variable.name, " ")
    assert variable.value() == absent
    monkeypatch.setenv(variable.name, variable.default)
    assert variable.value() == absent
    assert (absent is None) is (variable.default == "")


@pytest.mark.parametrize(
    ("value", "meaning"), [("on", True), ("True", True), ("1", True), ("off", False), ("no", False)]
)
def test_a_flag_is_on_or_off(value: str, meaning: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOPLANET_DEBUG", value)
    assert NAMED["EXOPLANET_DEBUG"].value() is meaning


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOPLANET_DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED["EXOPLANET_DEBUG"].value()
    assert str(refusal.value) == 'EXOPLANET_DEBUG must be "on" or "off", and not "maybe".'


@pytest.mark.parametrize("variable", NUMBERS, ids=lambda variable: variable.name)
def test_a_number_may_be_as_small_and_as_large_as_its_row_says_and_no_more(
    variable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound, beyond in (
        (variable.minimum, variable.minimum - 1),
        (variable.maximum, variable.maximum + 1),
    ):
        monkeypatch.setenv(variable.name, str(bound))
        assert variable.value() == bound
        monkeypatch.setenv(variable.name, str(beyond))
        with pytest.raises(ImproperlyConfigured) as refusal:
            variable.value()
        assert str(refusal.value) == (
            f"{variable.name} must be a whole number from {variable.minimum} to "
            f'{variable.maximum}, and not "{beyond}".'
        )


@pytest.mark.parametrize("value", ["0", "65536", "http", "5000.5", "-1"])
def test_a_number_that_is_none_or_out_of_bounds_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOPLANET_PORT", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED["EXOPLANET_PORT"].value()
    assert str(refusal.value) == (
        f'EXOPLANET_PORT must be a whole number from 1 to 65535, and not "{value}".'
    )


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOPLANET_ALLOWED_HOSTS", "planets.example, localhost,")
    assert NAMED["EXOPLANET_ALLOWED_HOSTS"].value() == ["planets.example", "localhost"]


def test_a_relative_folder_is_meant_from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOPLANET_ARCHIVE_DIR", "../tables")
    assert NAMED["EXOPLANET_ARCHIVE_DIR"].value() == BASE_DIR.parent / "tables"
    monkeypatch.setenv("EXOPLANET_ARCHIVE_DIR", "/srv/my tables")
    assert NAMED["EXOPLANET_ARCHIVE_DIR"].value() == Path("/srv/my tables")


@pytest.mark.parametrize("value", ["localhost:3000", "http://localhost:3000/", "*", "ftp://a"])
def test_what_is_no_origin_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOPLANET_CORS_ORIGINS", f"http://localhost:5173,{value}")
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED["EXOPLANET_CORS_ORIGINS"].value()
    assert str(refusal.value) == (
        "EXOPLANET_CORS_ORIGINS must list origins such as http://localhost:3000, "
        f'and not "{value}".'
    )


def test_a_postgres_url_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:se%40cret@db.example:6432/planets")
    database = NAMED["DATABASE_URL"].value()
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
    ("value", "host", "port"),
    [
        ("postgres://ada@%2Frun%2Fmy%20sockets:5433/planets", "/run/my sockets", 5433),
        ("postgres://ada@/planets?host=/run/my%20sockets&port=5433", "/run/my sockets", 5433),
        ("postgres:////run/postgresql/planets", "/run/postgresql", ""),
        ("postgresql://ada@[::1]/planets", "::1", ""),
        ("postgres://ada@one.example:5432,two.example:5433/planets", "one.example,two.example",
         "5432,5433"),
    ],
)  # fmt: skip
def test_a_postgres_url_may_name_a_socket_or_several_servers(
    value: str, host: str, port: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    database = NAMED["DATABASE_URL"].value()
    assert (database["HOST"], database["PORT"], database["NAME"]) == (host, port, "planets")
    assert database["OPTIONS"] == {}


def test_what_a_postgres_url_asks_of_the_connection_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = "sslmode=verify-full&sslrootcert=/etc/my%20ca.pem&target_session_attrs=read-write"
    monkeypatch.setenv("DATABASE_URL", f"postgres://ada@db.example/planets?{query}")
    assert NAMED["DATABASE_URL"].value()["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/my ca.pem",
        "target_session_attrs": "read-write",
    }


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("postgres://ada@h/n?sslmod=hunter2", "has a parameter that Postgres does not know"),
        ("postgres://ada:hunter2%@h/n", "must have each % of a name or a password written as %25"),
    ],
)
def test_a_postgres_url_that_libpq_cannot_read_is_refused(
    value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED["DATABASE_URL"].value()
    assert str(refusal.value) == f"DATABASE_URL {sentence}."


@pytest.mark.parametrize(
    "value",
    ["sqlite:///db.sqlite3", "mysql://u:hunter2@h/n", "planets", "postgres://u:hunter2@h:port/n",
     "postgres://u:hunter2@h", "://hunter2"],
)  # fmt: skip
def test_another_database_is_refused_without_repeating_its_password(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED["DATABASE_URL"].value()
    sentence = str(refusal.value)
    assert sentence.startswith("DATABASE_URL ")
    assert sentence.endswith("postgres://user:password@host:5432/name.")
    assert "hunter2" not in sentence


@pytest.mark.parametrize("value", ["tcp://10.0.0.5:8786", "tls://scheduler.example:8786"])
def test_a_dask_scheduler_is_named_by_its_address(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOPLANET_DASK", value)
    assert NAMED["EXOPLANET_DASK"].value() == value


@pytest.mark.parametrize("value", ["10.0.0.5:8786", "http://a:8786", "tcp://a", "tcp://a:port"])
def test_what_is_no_address_of_a_scheduler_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXOPLANET_DASK", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED["EXOPLANET_DASK"].value()
    assert str(refusal.value) == (
        "EXOPLANET_DASK must be an address like tcp://host:8786 or tls://host:8786,"
        f' and not "{value}".'
    )


BUCKET = "EXOPLANET_STORAGE"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://planets", {"bucket_name": "planets", "location": ""}),
        ("s3://planets/", {"bucket_name": "planets", "location": ""}),
        (
            "s3://planets.example/a/b_1?endpoint_url=http://host:90&region=eu-1&addressing_style=path",
            {
                "bucket_name": "planets.example",
                "location": "a/b_1",
                "endpoint_url": "http://host:90",
                "region_name": "eu-1",
                "addressing_style": "path",
            },
        ),
    ],
)
def test_a_bucket_is_named_by_a_url(
    url: str, options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BUCKET, url)
    assert NAMED[BUCKET].value() == options


@pytest.mark.parametrize(
    "url",
    [
        "planets",
        "gs://planets",
        "s3://",
        "s3:///prefix",
        "s3://Planets",
        "s3://key:secret@planets",
        "s3://planets:9000",
        "s3://planets/../others",
        "s3://planets/a//b",
        "s3://planets/a b",
        "s3://planets#a",
        "s3://planets?region",
        "s3://[planets",
    ],
)
def test_a_url_that_names_no_bucket_is_refused_and_not_repeated(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BUCKET, url)
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED[BUCKET].value()
    assert str(refusal.value) == (
        "EXOPLANET_STORAGE must name a bucket, like"
        " s3://bucket/prefix?endpoint_url=https://host:9000&region=eu-central-1."
    )


@pytest.mark.parametrize(
    "query",
    [
        "secret_key=abc",
        "region=",
        "region=Mars%20north",
        "endpoint_url=host:9000",
        "endpoint_url=ftp://host",
        "addressing_style=hidden",
        "region=eu-central-1&region=eu-west-1",
    ],
)
def test_parameters_of_a_bucket_are_declared_and_checked(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BUCKET, f"s3://planets?{query}")
    with pytest.raises(ImproperlyConfigured) as refusal:
        NAMED[BUCKET].value()
    assert str(refusal.value) == (
        "After its question mark EXOPLANET_STORAGE may have each of endpoint_url, region,"
        " addressing_style once, like"
        " s3://bucket/prefix?endpoint_url=https://host:9000&region=eu-central-1."
    )
