"""What befalls a whole host, or the store of all: one thing after another, each with its end."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from tests.soak.harms import Harm, What
from tests.soak.saboteur import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.hosts.hosts import Host
    from tests.hosts.network import Machine
    from tests.hosts.store import StoreProgram

ROUND = (*(What.CUT,) * 2, What.POWER_LOSS, What.OUTAGE)
_LOOK_SECONDS = 0.1
_MOST_LOOKS = 100
"""For a job on the host that is cut off: where there is none, it is cut off without."""
_SHORTEST_CUT, _LONGEST_CUT = 5.0, 60.0
_DARK = 5.0
"""How long a host has no power at the most [s]."""


@dataclass(kw_only=True)
class Disasters:
    """Come over one host after another until they are told to stop."""

    machines: Mapping[str, Machine]
    """By the name of their host."""
    hosts: Sequence[Host]
    store: StoreProgram
    machine_of_store: Machine
    seed: int
    pause: float
    """Between the end of one and the beginning of the next, on average [s]."""
    outage: float = 60.0
    """How long the store is away [s]."""
    at_least: int = 0
    """How many there have to be before an end is made."""
    round: Sequence[What] = ROUND
    harms: list[Harm] = field(default_factory=list, init=False)
    trouble: list[str] = field(default_factory=list, init=False)
    _enough: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self._drawn = random.Random(self.seed)
        self._left: list[What] = []
        self._ways: list[Callable[[], None]] = []

    def begin(self) -> threading.Thread:
        """Begin, or go on where the last one stopped."""
        self._enough.clear()
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Let none begin any more than there have to be; what has begun takes its time to end."""
        self._enough.set()

    def _run(self) -> None:
        strikes = {
            What.CUT: self._cut,
            What.POWER_LOSS: self._lose_power,
            What.OUTAGE: self._take_store_away,
        }
        while not self._is_done():
            self._left = self._left or self._drawn.sample(self.round, len(self.round))
            what = self._left.pop()
            began = time.time()
            try:
                host = strikes[what]()
            except (AssertionError, OSError, psutil.Error) as error:
                self.trouble.append(f"After {what} not all came back: {error}")
                return
            self.harms.append(Harm(what=what, host=host, began=began, ended=time.time()))

    def _is_done(self) -> bool:
        told = self._enough.wait(self._drawn.uniform(0, 2 * self.pause))
        return told and len(self.harms) >= self.at_least

    def _cut(self) -> str:
        host = self._drawn.choice(self.hosts)
        machine = self.machines[host.name]
        if "workers" in host.roles:
            self._await_job(host)
        machine.pull()
        try:
            time.sleep(self._drawn.uniform(_SHORTEST_CUT, _LONGEST_CUT))
        finally:
            machine.plug()
        return host.name

    def _await_job(self, host: Host) -> None:
        """Wait until a session is computed there."""
        for _ in range(_MOST_LOOKS):
            with contextlib.suppress(psutil.Error):
                if jobs(host):
                    return
            if self._enough.wait(_LOOK_SECONDS):
                return

    def _lose_power(self) -> str:
        host = self._drawn.choice(self.hosts)
        host.vanish()
        time.sleep(self._drawn.uniform(0, _DARK))
        host.start()
        return host.name

    def _take_store_away(self) -> str:
        # It is silent, as behind a broken network, or it is down and its machine says so.
        down = (self.machine_of_store.pull, self.machine_of_store.plug)
        refusing = (self.store.close, self.store.open)
        self._ways = self._ways or [down, refusing]
        take, give_back = self._ways.pop()
        take()
        try:
            time.sleep(self.outage)
        finally:
            give_back()
        return ""
