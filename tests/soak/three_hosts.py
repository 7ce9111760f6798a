"""The soak's installation on three hosts: each in a network of its own behind a cable.

Each role is on two of them, so that none is gone with one host; the database and the bucket are all
that they share.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.buckets import KEYS
from tests.faults.playground import WORKERS
from tests.hosts.hosts import Host
from tests.hosts.network import network
from tests.hosts.store import StoreProgram
from tests.hosts.tcp_postgres import TcpPostgres
from tests.soak.disasters import Disasters
from tests.soak.harms import What
from tests.soak.installation import EXTRA
from tests.soak.patient import NAME, Patient
from tests.soak.saboteur import ROUND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROLES = {"a": ("web", "reaper"), "b": ("web", "workers"), "c": ("workers", "reaper")}
_PORT = 5000


@dataclass(kw_only=True)
class SoakHost(Host):
    """A host that is reached by its address."""

    address: str

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"


class ThreeHosts:
    """Hosts, a Postgres and a bucket."""

    kills = (*ROUND, What.WEB)
    leaves_some_to_the_cleanup = True
    workers = WORKERS * sum("workers" in roles for roles in ROLES.values())

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = contextlib.ExitStack()
        self._hosts: list[SoakHost] = []

    @property
    def hosts(self) -> tuple[SoakHost, ...]:
        return tuple(self._hosts)

    def start(self) -> None:
        wires = self._made.enter_context(network())
        self._machines = {name: wires.machine() for name in ROLES}
        self._machine_of_store = wires.machine()
        self._store = StoreProgram(
            folder=self.folder,
            address=self._machine_of_store.address,
            within=self._machine_of_store.within,
        )
        self._made.callback(self._store.stop)
        self._store.start()
        postgres = TcpPostgres(folder=self.folder, address=wires.address)
        self._made.callback(postgres.stop)
        postgres.start()
        database = postgres.make("soak")
        for name, roles in ROLES.items():
            self._hosts.append(self._host(name, roles, postgres.url(database)))
        self._hosts[0].load_small_table()
        for host in self._hosts:
            self._made.callback(host.stop)
            host.start()

    def _host(self, name: str, roles: tuple[str, ...], url_of_database: str) -> SoakHost:
        folder = self.folder / name
        folder.mkdir()
        machine = self._machines[name]
        return SoakHost(
            folder=folder,
            name=name,
            roles=roles,
            within=machine.within,
            address=machine.address,
            port=_PORT,
            media=folder / "media",
            url_of_database=url_of_database,
            extra={
                **EXTRA,
                **KEYS,
                "EXOPLANET_STORAGE": self._store.bucket.url,
                "EXOPLANET_HOST": "0.0.0.0",
                "EXOPLANET_ALLOWED_HOSTS": f"localhost,{machine.address},{NAME}",
            },
        )

    def stop(self) -> None:
        for machine in getattr(self, "_machines", {}).values():
            machine.plug()
        self._made.close()

    def reach(self) -> Patient:
        return Patient([host.url for host in self._hosts if "web" in host.roles])

    def kept(self) -> set[str]:
        return {"/".join(name.split("/")[:2]) for name in self._store.bucket.names() if "/" in name}

    def results(self) -> Iterator[tuple[str, Path]]:
        path = self.folder / "result"
        for name in self._store.bucket.names():
            if name.startswith("results/") and name.endswith("/predictions.parquet"):
                self._store.bucket.fetch(name, path)
                yield name.split("/")[1], path

    def disasters(self, **options: Any) -> Disasters:
        return Disasters(
            machines=self._machines,
            hosts=self._hosts,
            store=self._store,
            machine_of_store=self._machine_of_store,
            **options,
        )
