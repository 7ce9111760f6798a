"""DATABASE_URL against a real server: over TCP, with TLS, and by a socket."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.environment import BASE_DIR
from tests.hosts.tcp_postgres import PASSWORD, make_certificate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.tcp_postgres import TcpPostgres

ASK = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('''SELECT ssl, inet_client_addr() IS NOT NULL FROM pg_stat_ssl
                      WHERE pid = pg_backend_pid()''')
    print(*cursor.fetchone())
    for name in ('tcp_keepalives_idle', 'statement_timeout'):
        cursor.execute(f'SHOW {name}')
        print(*cursor.fetchone())
"""


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    def ask(url: str) -> tuple[list[str], str]:
        folders = {"EXOPLANET_STATE_DIR": str(tmp_path), "EXOPLANET_MEDIA_ROOT": str(tmp_path)}
        settings = {"DJANGO_SETTINGS_MODULE": "exoplanet.settings", "DATABASE_URL": url}
        ran = subprocess.run(
            [sys.executable, "-c", ASK],
            env={**os.environ, **folders, **settings},
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.stdout.splitlines(), ran.stderr

    return ask


@pytest.mark.long
def test_a_server_is_reached_over_tcp_and_misses_a_client_that_is_gone_soon(
    postgres: TcpPostgres, ask: Any
) -> None:
    said, _ = ask(postgres.url(sslmode="disable"))
    assert said == ["False True", "15", "10min"]


@pytest.mark.long
def test_tls_is_verified_against_the_authority_that_the_url_names(
    tls: TcpPostgres, ask: Any
) -> None:
    parameters = {"sslmode": "verify-full", "sslrootcert": tls.authority}
    said, _ = ask(tls.url(host="localhost", **parameters))
    assert said[0] == "True True"


@pytest.mark.long
def test_a_server_of_another_authority_is_not_spoken_with(
    tls: TcpPostgres, ask: Any, tmp_path: Path
) -> None:
    another, _ = make_certificate(tmp_path, "another")
    said, complaint = ask(tls.url(sslmode="verify-full", sslrootcert=another))
    assert said == []
    assert "certificate verify failed" in complaint


@pytest.mark.long
@pytest.mark.parametrize("where", ["authority", "query"])
def test_a_socket_is_named_by_its_folder(postgres: TcpPostgres, ask: Any, where: str) -> None:
    url = postgres.url(host=str(postgres.sockets))
    if where == "query":
        head, tail = url.split("@")
        url = f"{head}@:{postgres.port}/postgres?host={tail.split(':')[0]}"
    assert "my%20sockets" in url
    said, complaint = ask(url)
    # Nobody who uses a socket can be cut off from it, so that the limit counts for nothing.
    assert said == ["False False", "0", "10min"], complaint
    assert PASSWORD not in complaint
