"""The project's own Postgres: real servers on folders of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest

from exoplanet.environment import BASE_DIR
from exoplanet.postgres.server import (
    PostgresError,
    PostgresInUseError,
    PostgresServer,
    django_database,
    embedded_postgres,
    socket_folder,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
with_death_signals = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child that its parent is dead"
)


@pytest.fixture
def state(open_folder: Path) -> Path:
    return open_folder / "state"


@pytest.fixture
def fresh(state: Any) -> Iterator[Any]:
    """A server whose database has still to be made."""
    server = PostgresServer(state, durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A state folder with a database, which takes seconds to make."""
    with tempfile.TemporaryDirectory(prefix="exoplanet tests ") as name:
        Path(name).chmod(0o755)
        server = PostgresServer(Path(name) / "state", durable=False)
        server.start()
        server.stop()
        yield Path(name) / "state"


@pytest.fixture
def server(fresh: Any, made: Path, state: Any) -> Any:
    # With its owner, who is not root.
    subprocess.run(["cp", "-a", made, state], check=True)
    return fresh


def ask(state: Path, statement: str) -> list[tuple[object, ...]]:
    database = django_database(state)
    with psycopg.connect(
        host=database["HOST"], user=database["USER"], dbname=database["NAME"], autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refusal(server: PostgresServer) -> str:
    with pytest.raises(PostgresError) as caught:
        server.start()
    return str(caught.value)


def test_a_server_starts_on_a_new_folder_and_stops_without_a_trace(fresh: Any, state: Any) -> None:
    fresh.start()
    assert ask(state, "SHOW listen_addresses") == [("",)]
    process = psutil.Process(fresh.process.pid)
    fresh.stop()
    assert not process.is_running()
    assert not socket_folder(state).exists()
    assert not (state / "postgres" / "data" / "postmaster.pid").exists()


def test_what_was_written_is_there_after_a_restart(server: Any, state: Any) -> None:
    server.start()
    ask(state, "CREATE TABLE planet AS SELECT 'Kepler-22 b' AS name")
    server.stop()
    server.start()
    assert ask(state, "SELECT name FROM planet") == [("Kepler-22 b",)]


def test_the_socket_is_for_its_owner_alone(server: Any, state: Any) -> None:
    server.start()
    assert socket_folder(state).stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(socket_folder(state) / ".s.PGSQL.5432")) <= 103


def test_a_socket_folder_is_short_however_long_the_state_folder_is(tmp_path: Path) -> None:
    long = tmp_path.joinpath(*["a" * 100] * 8)
    assert len(str(socket_folder(long))) == len(str(socket_folder(tmp_path)))


@as_root
def test_roots_server_runs_as_nobody(server: Any, state: Any) -> None:
    server.start()
    assert psutil.Process(server.process.pid).username() == "nobody"
    assert (state / "postgres" / "data").owner() == "nobody"


@as_root
def test_roots_server_runs_as_the_owner_of_the_database(server: Any, state: Any) -> None:
    server.start()
    server.stop()
    for path in [state, *state.rglob("*")]:
        os.chown(path, 12345, 12345)
    second = PostgresServer(state, durable=False)
    second.start()
    try:
        assert psutil.Process(second.process.pid).uids().real == 12345
    finally:
        second.stop()


@as_root
def test_a_folder_that_nobody_can_enter_keeps_its_mode_and_its_database_outside(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / "state", durable=False)
    server.start()
    home = (closed / "state" / "postgres").readlink()
    try:
        assert ask(closed / "state", "SELECT 1") == [(1,)]
        assert home.parent == Path("/var/lib")
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        shutil.rmtree(home)
    assert refusal(server).endswith("is gone: bring it back, or remove the link to start anew.")


def test_a_server_that_is_down_still_has_its_owner(server: Any, state: Any) -> None:
    server.start()
    data = state / "postgres" / "data"
    version = (data / "PG_VERSION").read_text(encoding="ascii")
    server.process.kill()
    server.process.wait()
    (data / "PG_VERSION").unlink()
    with pytest.raises(PostgresError, match="its version is missing"):
        server.restart()
    with pytest.raises(PostgresInUseError):
        PostgresServer(state).start()
    (data / "PG_VERSION").write_text(version, encoding="ascii")
    server.restart()
    assert ask(state, "SELECT 1") == [(1,)]


def test_a_second_owner_is_refused(server: Any, state: Any) -> None:
    server.start()
    with pytest.raises(PostgresInUseError) as caught:
        PostgresServer(state).start()
    assert str(caught.value) == (
        f"The state folder {state} is in use by process {os.getpid()}: "
        "stop that first, or set EXOPLANET_STATE_DIR to another folder."
    )


def test_a_second_command_uses_the_server_that_runs_and_leaves_it_running(
    server: Any, state: Any
) -> None:
    server.start()
    with embedded_postgres(state):
        assert ask(state, "SELECT 1") == [(1,)]
    assert ask(state, "SELECT 1") == [(1,)]


def test_the_command_that_started_the_server_waits_for_the_other_one(
    state: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    joined, leave, seen = threading.Event(), threading.Event(), []

    def other_command() -> None:
        with embedded_postgres(state):
            joined.set()
            leave.wait(10)
            time.sleep(0.2)
            seen.extend(ask(state, "SELECT 1"))

    other = threading.Thread(target=other_command)
    with embedded_postgres(state, durable=False):
        other.start()
        assert joined.wait(10)
        leave.set()
    other.join()
    assert seen == [(1,)]
    assert capsys.readouterr().err == "Waiting for another command that uses the same Postgres.\n"


def test_a_server_that_was_killed_starts_again_and_has_lost_nothing(
    server: Any, state: Any
) -> None:
    server.durable = True
    server.start()
    ask(state, "CREATE TABLE planet AS SELECT 1")
    server.process.kill()
    server.process.wait()
    assert server.ended
    server.stop()
    assert (state / "postgres" / "data" / "postmaster.pid").exists()
    server.start()
    assert ask(state, "SELECT * FROM planet") == [(1,)]


def test_a_server_that_is_stopped_is_killed_with_the_processes_that_serve_its_clients(
    server: Any, state: Any
) -> None:
    server.start()
    database = django_database(state)
    with psycopg.connect(
        host=database["HOST"], user=database["USER"], dbname=database["NAME"]
    ) as connection:
        for process in (server.process, *psutil.Process(server.process.pid).children()):
            os.kill(process.pid, signal.SIGSTOP)
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    server.stop()
    server.start()
    assert ask(state, "SELECT 1") == [(1,)]


@pytest.mark.long
def test_a_server_takes_as_many_connections_as_it_is_told(state: Any) -> None:
    server = PostgresServer(state, connections=123, durable=False)
    try:
        server.start()
        assert ask(state, "SHOW max_connections") == [("123",)]
    finally:
        server.stop()


def test_a_stale_pid_that_is_another_process_now_does_not_matter(server: Any, state: Any) -> None:
    server.start()
    server.stop()
    mark = state / "postgres" / "data" / "postmaster.pid"
    mark.write_text(f"{os.getpid()}\n{mark.parent}\n", encoding="ascii")
    server.start()
    assert ask(state, "SELECT 1") == [(1,)]


@with_death_signals
def test_the_server_dies_with_an_owner_that_is_killed(server: Any, state: Any) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from exoplanet.postgres.server import PostgresServer\n"
        "server = PostgresServer(Path(sys.argv[1]), durable=False); server.start()\n"
        "print(server.process.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, state], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    with owner:
        process = psutil.Process(int(owner.stdout.readline()))
        owner.send_signal(signal.SIGKILL)
    process.wait(10)
    server.start()
    assert ask(state, "SELECT 1") == [(1,)]


@pytest.mark.long
def test_a_folder_without_a_version_is_called_damaged(server: Any, state: Any) -> None:
    server.start()
    server.stop()
    data = state / "postgres" / "data"
    (data / "PG_VERSION").unlink()
    assert refusal(server) == (
        f"The database folder {data} is damaged (its version is missing): "
        "restore it from a copy, or move it away to start anew."
    )


def test_a_folder_without_its_control_file_is_called_damaged(server: Any, state: Any) -> None:
    server.start()
    server.stop()
    data = state / "postgres" / "data"
    (data / "global" / "pg_control").unlink()
    sentence = refusal(server)
    assert sentence.startswith(f"The database folder {data} is damaged (")
    assert sentence.endswith("): restore it from a copy, or move it away to start anew.")


def test_another_versions_folder_is_refused(server: Any, state: Any) -> None:
    server.start()
    server.stop()
    data = state / "postgres" / "data"
    (data / "PG_VERSION").write_text("9\n", encoding="ascii")
    assert refusal(server).startswith(
        f"The database folder {data} was made by Postgres 9 and cannot be read by Postgres "
    )


@pytest.mark.long
def test_a_half_made_folder_is_made_again(fresh: Any, state: Any) -> None:
    (state / "postgres" / "data.partial" / "base").mkdir(parents=True)
    fresh.start()
    assert ask(state, "SELECT 1") == [(1,)]


def test_a_state_folder_that_cannot_be_made_is_refused() -> None:
    server = PostgresServer(Path("/dev/null/state"))
    assert refusal(server) == "The state folder /dev/null/state cannot be written: Not a directory."


@pytest.mark.long
@as_root
def test_a_socket_folder_of_somebody_else_is_refused(server: Any, state: Any) -> None:
    folder = socket_folder(state)
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    try:
        assert refusal(server) == (
            f"{folder} belongs to somebody else: remove it, or set TMPDIR to another folder."
        )
    finally:
        folder.rmdir()


def test_a_link_in_the_place_of_the_socket_folder_is_refused(
    server: Any, state: Any, tmp_path: Path
) -> None:
    folder = socket_folder(state)
    folder.symlink_to(tmp_path)
    try:
        assert "belongs to somebody else" in refusal(server)
    finally:
        folder.unlink()
