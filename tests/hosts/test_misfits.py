"""What `up` refuses, each in one sentence, before anything is served."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psycopg
import pytest

from exoplanet.version import code_version
from sessions_app.queue.presence import Role, _signed, host_number
from tests.faults.playground import await_some
from tests.hosts.hosts import ANOTHER_KEY, KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.hosts.hosts import Host
    from tests.hosts.tcp_postgres import TcpPostgres

WRONG_KEY = (
    "The secret key is not the one that this database's first host uses: give this host the same by"
    " EXOPLANET_SECRET_KEY or EXOPLANET_SECRET_KEY_FILE (that host may keep it as secret_key in its"
    " state folder), or change it for all with `manage.py adopt secret_key`.\n"
)


@pytest.fixture
def host(make_host: Callable[..., Host], database: str, media_of_all: Path) -> Host:
    """A host with nothing but the reaper, which starts quickly."""
    return make_host("b", database=database, media=media_of_all, roles=("reaper",))


@contextlib.contextmanager
def present(host: Host, name: str, version: str) -> Iterator[None]:
    """Let a host be present, as far as anybody can see."""
    with psycopg.connect(host.url_of_database, autocommit=True) as connection:
        key = [Role.HOST.key, _signed(host_number(name))]
        connection.execute("SELECT pg_advisory_lock(%s, %s)", key)
        connection.execute(
            "INSERT INTO sessions_app_host (number, name, roles, version, libraries, started_at)"
            " VALUES (%s, %s, '[]', %s, '{\"numpy\": \"0.1\"}', now())",
            [host_number(name), name, version],
        )
        yield


def await_words(host: Host, words: str) -> None:
    await_some(lambda: words in host.log)


@pytest.mark.long
def test_another_key_is_refused(host: Host) -> None:
    host.extra = {"EXOPLANET_SECRET_KEY": ANOTHER_KEY}
    assert host.refusal() == WRONG_KEY
    # What the database keeps of the key is not the key.
    ((digest,),) = host.rows("SELECT key_digest FROM sessions_app_installation")
    assert len(digest) == 64
    assert KEY not in str(host.rows("SELECT * FROM sessions_app_installation"))


@pytest.mark.long
def test_the_key_comes_from_a_file_where_one_is_named(host: Host, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    host.extra = {"EXOPLANET_SECRET_KEY": "", "EXOPLANET_SECRET_KEY_FILE": str(tmp_path / "key")}
    with host.begun():
        await_words(host, "Ctrl-C stops everything.")
    assert 'Host "b" of Exoplanet Playground runs the reaper.' in host.log


@pytest.mark.long
def test_an_operator_changes_the_key_once_all_hosts_are_stopped(host: Host) -> None:
    with host.begun():
        await_words(host, "Ctrl-C stops everything.")
        with pytest.raises(AssertionError, match=r"Hosts are present \(b\): stop them first\."):
            host.command("adopt", "secret_key")
    host.extra = {"EXOPLANET_SECRET_KEY": ANOTHER_KEY}
    assert host.command("adopt", "secret_key").startswith("The secret key is this host's: ")
    with host.begun():
        await_words(host, "Ctrl-C stops everything.")
    host.extra = {}
    assert host.refusal() == WRONG_KEY


@pytest.mark.long
def test_another_version_than_that_of_a_host_that_is_present_is_refused(host: Host) -> None:
    with present(host, "a", "0123456789ab"):
        assert host.refusal() == (
            f"This host runs another version of the code ({code_version()}) than"
            ' "a" (0123456789ab), which is present: bring both to one version, or stop the other'
            " first.\n"
        )


@pytest.mark.long
def test_other_libraries_are_warned_of_and_a_host_that_is_gone_minds_nobody(host: Host) -> None:
    with present(host, "gone", "another"):
        pass
    with present(host, "a", code_version()), host.begun():
        await_words(host, "Ctrl-C stops everything.")
    assert 'Warning: This host computes with other libraries than "a" (numpy ' in host.log
    assert "gone" not in host.log
    assert host.rows("SELECT name FROM sessions_app_host ORDER BY name") == [("a",), ("b",)]


@pytest.mark.long
def test_code_of_which_one_line_is_another_is_another_version(
    host: Host, make_host: Callable[..., Host], another_checkout: Path
) -> None:
    other = make_host("c", database=host.url_of_database, media=host.media, roles=("reaper",))
    other.url_of_database, other.checkout = host.url_of_database, another_checkout
    with host.begun():
        await_words(host, "Ctrl-C stops everything.")
        assert other.refusal().startswith("This host runs another version of the code (")
    # Alone it may run.
    with other.begun():
        await_words(other, "Ctrl-C stops everything.")


@pytest.mark.long
def test_a_database_that_newer_code_has_migrated_is_refused(host: Host) -> None:
    host.rows(
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('sessions_app', '9999_moons', now())"
    )
    assert host.refusal() == (
        "The database was migrated by a newer version of the project (it has sessions_app"
        " 9999_moons, which is unknown here): bring this host to that version.\n"
    )


@pytest.mark.long
def test_files_that_are_not_seen_are_refused_until_they_are_adopted(
    host: Host, tmp_path: Path
) -> None:
    host.media = tmp_path / "an empty disk"
    said = host.refusal()
    assert said.startswith(f"The files are not seen: the media folder {host.media} is not the one ")
    assert said.count("\n") == 1
    host.command("adopt", "media")
    with host.begun():
        await_words(host, "Ctrl-C stops everything.")


@pytest.mark.long
def test_everything_that_does_not_fit_is_said_at_once(host: Host, tmp_path: Path) -> None:
    host.media = tmp_path / "an empty disk"
    host.extra = {"EXOPLANET_SECRET_KEY": ANOTHER_KEY}
    with present(host, "a", "0123456789ab"):
        assert [line.split(":")[0] for line in host.refusal().splitlines()] == [
            "The secret key is not the one that this database's first host uses",
            "The files are not seen",
            (
                f"This host runs another version of the code ({code_version()}) than"
                ' "a" (0123456789ab), which is present'
            ),
        ]


@pytest.mark.long
def test_a_name_that_another_host_has_is_refused(host: Host) -> None:
    with present(host, "b", code_version()):
        assert host.refusal() == (
            'A host named "b" is present on this database: set EXOPLANET_HOST_NAME to a name that'
            " no other `manage.py up` has.\n"
        )


@pytest.mark.long
def test_media_of_another_database_are_not_given_to_a_new_one(
    host: Host, postgres: TcpPostgres
) -> None:
    host.url_of_database = postgres.url(postgres.make("new_one"))
    host.roles = ("web",)
    assert host.refusal().startswith(f"The media folder {host.media} belongs to another database, ")
    assert host.rows("SELECT to_regclass('django_migrations')") == [(None,)]


@pytest.mark.long
def test_a_host_waits_until_another_one_has_prepared_the_database(
    host: Host, postgres: TcpPostgres, tmp_path: Path
) -> None:
    host.url_of_database = postgres.url(postgres.make("empty_one"))
    host.media, host.roles = tmp_path / "new media", ("workers",)
    with host.begun() as process:
        await_words(
            host,
            "The database is not prepared yet: this host waits for one that runs"
            " `manage.py up --role web`, which migrates and fills it.\n",
        )
        assert process.children() == []
        process.terminate()
        assert process.wait(30) == 0
    assert host.rows("SELECT to_regclass('django_migrations')") == [(None,)]


@pytest.mark.long
def test_one_host_at_a_time_prepares_the_database(host: Host) -> None:
    with psycopg.connect(host.url_of_database, autocommit=True) as another:
        another.execute("SELECT pg_advisory_lock(%s, 0)", [Role.PREPARES.key])
        host.roles = ("web",)
        with host.begun() as process:
            await_words(host, "Another host prepares the database; this one waits.")
            assert len(process.children()) == 1
            process.terminate()
            assert process.wait(30) == 0


@pytest.mark.long
def test_a_part_without_a_database_says_where_it_may_find_one(host: Host) -> None:
    host.extra = {"DATABASE_URL": ""}
    assert host.refusal() == (
        f"No Postgres runs on the state folder {host.folder / 'state'}, and a part of the project"
        " starts none: run `manage.py up` with all roles there, or set DATABASE_URL to the database"
        " that the hosts share.\n"
    )
