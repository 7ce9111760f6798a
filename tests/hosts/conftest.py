from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.environment import BASE_DIR
from tests.hosts.hosts import Host
from tests.hosts.network import network
from tests.hosts.tcp_postgres import TcpPostgres
from tests.served import any_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hosts.network import Network

_JOIN = """
import django
django.setup()
from exoplanet.supervisor.joining import Joining
from exoplanet.supervisor.roles import ALL
joining = Joining(roles=ALL, owns_database=False, report=print)
joining.enter()
joining.sign()
"""
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[TcpPostgres]:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    with tempfile.TemporaryDirectory(prefix="exoplanet tcp ") as name:
        Path(name).chmod(0o755)
        server = TcpPostgres(folder=Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def tls(postgres: TcpPostgres) -> TcpPostgres:
    if not postgres.speaks_tls:
        pytest.skip("no Postgres on this machine speaks TLS")
    return postgres


@pytest.fixture(scope="session")
def prepared(postgres: TcpPostgres) -> tuple[str, Path]:
    """Return a database that a first host has migrated and signed, and that host's media."""
    media = postgres.folder / "first media"
    database = postgres.make("prepared")
    first = Host(
        folder=postgres.folder,
        port=any_port(),
        name="first",
        url_of_database=postgres.url(database),
        media=media,
    )
    first.command("migrate", "--verbosity=0")
    environment = first.environment | {"DJANGO_SETTINGS_MODULE": "exoplanet.settings"}
    subprocess.run([sys.executable, "-c", _JOIN], env=environment, cwd=BASE_DIR, check=True)
    return database, media


@pytest.fixture
def make_host(postgres: TcpPostgres, tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """Make hosts, which are stopped at the end of the test."""
    made: list[Host] = []

    def make(name: str, *, database: str, media: Path, **fields: Any) -> Host:
        folder = tmp_path / f"host {name}"
        folder.mkdir()
        facts = {"port": any_port(), "url_of_database": postgres.url(database), **fields}
        made.append(Host(folder=folder, name=name, media=media, **facts))
        return made[-1]

    yield make
    for host in made:
        host.stop()


@pytest.fixture
def database(postgres: TcpPostgres, prepared: tuple[str, Path]) -> str:
    """Return a prepared database of this test alone."""
    return postgres.make(f"test_{os.getpid()}_{next(_numbers)}", like=prepared[0])


@pytest.fixture
def media_of_all(prepared: tuple[str, Path], tmp_path: Path) -> Path:
    """Return a media folder that the prepared database knows."""
    shutil.copytree(prepared[1], tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def another_checkout(tmp_path: Path) -> Path:
    """Return a copy of the code of which one line is another."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("exoplanet", "mlcore", "sessions_app", "templates"):
        shutil.copytree(BASE_DIR / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(BASE_DIR / "manage.py", copy)
    with (copy / "mlcore" / "tasks.py").open("a") as code:
        code.write("\n# Another version.\n")
    return copy


@pytest.fixture(scope="module")
def a_network() -> Iterator[Network]:
    with contextlib.ExitStack() as opened:
        try:
            made = opened.enter_context(network())
        except OSError as error:
            pytest.skip(str(error))
        yield made
