"""A Postgres that is reached over TCP, with a password and with TLS, as hosts share one."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg

from exoplanet import child_process
from exoplanet.postgres.data_folder import SERVER_ENVIRONMENT, server_identity
from exoplanet.postgres.programs import Programs, find_programs
from tests.faults.playground import await_some
from tests.served import any_port

USER = "exoplanet"
PASSWORD = "p@ss/wörd%25"
"""With what has to be written otherwise in a URL."""


def make_certificate(folder: Path, name: str = "server") -> tuple[Path, Path]:
    """Make a certificate for localhost that signs itself, and its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@dataclass(kw_only=True)
class TcpPostgres:
    """A running server in a folder of its own."""

    folder: Path
    address: str = "127.0.0.1"
    port: int = field(default_factory=any_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def authority(self) -> Path:
        """The certificate that its clients are to trust."""
        return self.folder / "server.crt"

    @property
    def sockets(self) -> Path:
        return self.folder / "my sockets"

    def programs(self) -> Programs:
        """Return programs that speak TLS where there are some: those of the wheel do not."""
        for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
            if self._speaks_tls(folder):
                return Programs(folder=folder, major=folder.parent.name)
        return find_programs(copies=self.folder, identity=self._identity)

    @property
    def speaks_tls(self) -> bool:
        return self._speaks_tls(self.programs().folder)

    def _speaks_tls(self, folder: Path) -> bool:
        configured = subprocess.run(
            [folder / "pg_config", "--configure"], capture_output=True, text=True, check=False
        )
        return "--with-openssl" in configured.stdout or "--with-ssl" in configured.stdout

    def start(self) -> None:
        identity, programs = self._identity, self.programs()
        data = self.folder / "data"
        self.sockets.mkdir()
        certificate, key = make_certificate(self.folder)
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        data.mkdir(mode=0o700)
        if identity is not None:
            for path in (data, self.sockets, key, password):
                os.chown(path, identity.uid, identity.gid)
        key.chmod(0o600)
        log = (self.folder / "postgres.log").open("wb")
        made = child_process.start(
            [
                *(programs.folder / "initdb", f"--pgdata={data}", f"--username={USER}"),
                *("--auth=scram-sha-256", f"--pwfile={password}"),
                *("--locale=C", "--encoding=UTF8", "--no-sync"),
            ],
            death_signal=signal.SIGKILL,
            env=SERVER_ENVIRONMENT,
            cwd=Path("/"),
            output=log,
            identity=identity,
        )
        assert made.wait() == 0, (self.folder / "postgres.log").read_text()
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
        tls = {"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key}
        if not self.speaks_tls:
            tls = {}
        options = {
            "listen_addresses": self.address,
            "port": self.port,
            "unix_socket_directories": f'"{self.sockets}"',
            **tls,
            "max_connections": 300,
            # Nothing has to survive a power cut.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        self._process = child_process.start(
            [
                *(programs.folder / "postgres", "-D", data),
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            death_signal=signal.SIGINT,
            env=SERVER_ENVIRONMENT,
            cwd=Path("/"),
            output=log,
            identity=identity,
        )
        log.close()
        await_some(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)

    def url(self, database: str = "postgres", *, host: str = "", **parameters: Any) -> str:
        """Return the URL of a database."""
        place = f"{quote(host or self.address, safe='')}:{self.port}/{database}"
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        return f"postgres://{USER}:{quote(PASSWORD, safe='')}@{place}{query}"

    def connect(self, database: str = "postgres", **parameters: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database, **parameters), autocommit=True)

    def make(self, database: str, *, like: str = "template0") -> str:
        """Make a database, as a copy of another, and return its name."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database}")
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {like}")
        return database

    @property
    def _identity(self) -> Any:
        return server_identity(self.folder)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            assert self._process.poll() is None, (self.folder / "postgres.log").read_text()
            return False
        return True
