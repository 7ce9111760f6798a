"""Network namespaces as machines: each with a cable to one switch, which can be pulled."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBNETS = range(1, 250)


@dataclass(frozen=True)
class Machine:
    """A network namespace behind a cable of its own."""

    name: str
    address: str

    @property
    def cable(self) -> str:
        return f"{self.name}h"

    @property
    def within(self) -> tuple[str, ...]:
        """The command that runs another one there."""
        return ("ip", "netns", "exec", self.name)

    def pull(self) -> None:
        _ip("link", "set", self.cable, "down")

    def plug(self) -> None:
        _ip("link", "set", self.cable, "up")


class Network:
    """A switch of this machine, which has an address on it, and the machines that are made."""

    def __init__(self) -> None:
        self._switch = f"exo{os.getpid() % 10**6}"
        self._subnet = _free_subnet()
        self._machines: list[Machine] = []

    @property
    def address(self) -> str:
        """Of this machine as the others reach it; nobody else does."""
        return f"{self._subnet}.1"

    def make(self) -> None:
        _ip("link", "add", self._switch, "type", "bridge")
        _ip("address", "add", f"{self.address}/24", "dev", self._switch)
        _ip("link", "set", self._switch, "up")

    def machine(self) -> Machine:
        """Make another machine."""
        number = len(self._machines) + 2
        made = Machine(name=f"{self._switch}m{number}", address=f"{self._subnet}.{number}")
        self._machines.append(made)
        _ip("netns", "add", made.name)
        _ip("link", "add", made.cable, "type", "veth", "peer", "eth0", "netns", made.name)
        _ip("link", "set", made.cable, "master", self._switch)
        inside = ("-n", made.name)
        _ip(*inside, "address", "add", f"{made.address}/24", "dev", "eth0")
        _ip(*inside, "link", "set", "lo", "up")
        _ip(*inside, "link", "set", "eth0", "up")
        made.plug()
        return made

    def remove(self) -> None:
        for machine in self._machines:
            with contextlib.suppress(OSError):
                _ip("link", "delete", machine.cable)
            with contextlib.suppress(OSError):
                _ip("netns", "delete", machine.name)
        with contextlib.suppress(OSError):
            _ip("link", "delete", self._switch)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Have a network for a while; whoever may not make one raises an OSError."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise PermissionError("only root makes networks, by the program ip")
    made = Network()
    try:
        made.make()
        yield made
    finally:
        made.remove()


def _ip(*words: str) -> str:
    ran = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if ran.returncode != 0:
        raise OSError(f"no network can be made here: {ran.stderr.strip()}")
    return ran.stdout


def _free_subnet() -> str:
    taken = _ip("-o", "-4", "address", "show")
    free = (f"10.231.{number}" for number in _SUBNETS)
    return next(subnet for subnet in free if f" {subnet}." not in taken)
