"""Kill -9 of the server's processes, at times that are drawn."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.faults.playground import Playground


class Target(StrEnum):
    """What is killed."""

    JOB = "jobs"
    BUSY_WORKER = "busy workers"
    IDLE_WORKER = "idle workers"
    CLUSTER = "clusters"
    REAPER = "reapers"


_ROUND = (
    *(Target.JOB,) * 5,
    *(Target.BUSY_WORKER,) * 4,
    *(Target.IDLE_WORKER, Target.CLUSTER, Target.REAPER),
)
"""What is killed before the next round, in an order that is drawn: a cluster that dies young again
and again waits ever longer before it is started, and nothing else would be tried meanwhile."""
_LOOK_SECONDS = 0.1


@dataclass(kw_only=True)
class Saboteur:
    """Kills until it is told to stop."""

    playground: Playground
    seed: int
    pause: float
    """Between two kills, on average [s]."""
    kills: Counter[str] = field(default_factory=Counter, init=False)
    _enough: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> None:
        """Kill one process after another."""
        drawn = random.Random(self.seed)
        left: list[Target] = []
        while not self._enough.wait(drawn.uniform(0, 2 * self.pause)):
            left = left or drawn.sample(_ROUND, len(_ROUND))
            self._kill_one(left.pop(), drawn.random())

    def stop(self) -> None:
        """End it, whatever it waits for."""
        self._enough.set()

    @property
    def stopped(self) -> bool:
        return self._enough.is_set()

    def _kill_one(self, target: Target, which: float) -> None:
        """Kill a process of this kind as soon as there is one."""
        while not self._enough.is_set():
            # Any of them may end while it is looked at.
            with contextlib.suppress(psutil.Error):
                processes = self._processes(target)
                if processes and self._kill(processes[int(which * len(processes))]):
                    self.kills[target] += 1
                    return
            self._enough.wait(_LOOK_SECONDS)

    def _processes(self, target: Target) -> list[psutil.Process]:
        if target in {Target.JOB, Target.BUSY_WORKER}:
            jobs = self._jobs()
            return jobs if target is Target.JOB else [job.parent().parent() for job in jobs]
        if target is Target.IDLE_WORKER:
            # Only of a cluster that is there: the search for one would wait for it.
            return self.playground.idle_workers() if self.playground._part("work") else []
        part = self.playground._part("work" if target is Target.CLUSTER else "reap_sessions")
        return [part] if part else []

    def _jobs(self) -> list[psutil.Process]:
        """Return what computes sessions; the web server has processes like these read uploads."""
        cluster = self.playground._part("work")
        of_the_queue = set(cluster.children(recursive=True)) if cluster else set()
        return [job for job in self.playground.running_jobs() if job in of_the_queue]

    def _kill(self, process: psutil.Process) -> bool:
        if process not in self.playground.supervisor.children(recursive=True):
            return False
        process.kill()
        return True
