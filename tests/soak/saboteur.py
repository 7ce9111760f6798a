"""Kill -9 of processes on all hosts, at times that are drawn."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from tests.soak.harms import Harm, What

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.playground import Playground

ROUND = (
    *(What.JOB,) * 5,
    *(What.BUSY_WORKER,) * 4,
    *(What.IDLE_WORKER, What.CLUSTER, What.REAPER),
)
"""What is killed before the next round, in an order that is drawn: a cluster that dies young again
and again waits ever longer before it is started, and nothing else would be tried meanwhile."""
_WORDS = {What.CLUSTER: "work", What.REAPER: "reap_sessions", What.WEB: "granian"}
"""What a part has on its command line."""
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class _Victim:
    host: Playground
    process: psutil.Process
    worker: str = ""


@dataclass(kw_only=True)
class Saboteur:
    """Kills until it is told to stop."""

    hosts: Sequence[Playground]
    round: Sequence[What] = ROUND
    seed: int
    pause: float
    """Between two kills, on average [s]."""
    harms: list[Harm] = field(default_factory=list, init=False)
    _enough: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> None:
        """Kill one process after another."""
        drawn = random.Random(self.seed)
        left: list[What] = []
        while not self._enough.wait(drawn.uniform(0, 2 * self.pause)):
            left = left or drawn.sample(self.round, len(self.round))
            self._kill_one(left.pop(), drawn.random())

    def stop(self) -> None:
        """End it, whatever it waits for."""
        self._enough.set()

    @property
    def stopped(self) -> bool:
        return self._enough.is_set()

    def _kill_one(self, what: What, which: float) -> None:
        """Kill a process of this kind as soon as there is one."""
        while not self._enough.is_set():
            # Any of them may end while it is looked at.
            with contextlib.suppress(psutil.Error):
                victims = [victim for host in self.hosts for victim in _victims(host, what)]
                if victims and self._kill(victims[int(which * len(victims))], what):
                    return
            self._enough.wait(_LOOK_SECONDS)

    def _kill(self, victim: _Victim, what: What) -> bool:
        if victim.process not in victim.host.supervisor.children(recursive=True):
            return False
        victim.process.kill()
        now = time.time()
        name = victim.host.environment["EXOPLANET_HOST_NAME"]
        worker = f"{name}, process {victim.worker}" if victim.worker else ""
        self.harms.append(Harm(what=what, host=name, worker=worker, began=now, ended=now))
        return True


def _victims(host: Playground, what: What) -> list[_Victim]:
    if not host.is_up:
        return []
    if what in {What.JOB, What.BUSY_WORKER}:
        workers = [(job, _worker_of(job)) for job in jobs(host)]
        return [
            _Victim(host, job if what is What.JOB else worker, str(worker.pid))
            for job, worker in workers
        ]
    if what is What.IDLE_WORKER:
        # Only of a cluster that is there: the search for one would wait for it.
        idle = host.idle_workers() if host._part("work") else []
        return [_Victim(host, worker) for worker in idle]
    part = host._part(_WORDS[what])
    return [_Victim(host, part)] if part else []


def _worker_of(job: psutil.Process) -> psutil.Process:
    """Return who runs a job: the first above it that is neither a job nor what jobs fork from.

    A job may have forked others for its fits.
    """
    above = job.parent()
    while above is not None and "sessions_app.isolation.server" in above.cmdline():
        above = above.parent()
    if above is None:
        raise psutil.NoSuchProcess(job.pid)
    return above


def jobs(host: Playground) -> list[psutil.Process]:
    """Return what computes sessions; the web server has processes like these read uploads."""
    cluster = host._part("work")
    of_the_queue = set(cluster.children(recursive=True)) if cluster else set()
    return [job for job in host.running_jobs() if job in of_the_queue]
