"""How much memory and how many open files the server's processes take."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.soak.facts import Footprint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.faults.playground import Playground

_DATABASE = "Postgres"
_PARTS = {
    "granian": "web server",
    "--evidence": "evidence queue",
    "work": "queue",
    "reap_sessions": "reaper",
    "--listen_addresses=": _DATABASE,
}
_PASSING = "cleanup_sessions"
"""Runs for a moment, ten minutes after the start."""
_SAMPLES, _PAUSE = 5, 1.0
_WARM_UP = frozenset({"web server", "queue"})
_WARM_SECONDS = 120.0
"""How long these live until each of their threads or workers has had something to do [s]."""


def footprint(hosts: Sequence[Playground]) -> Footprint:
    """Return what idle hosts take: the median of a few looks."""
    looks = []
    for _ in range(_SAMPLES):
        looks.append(_look(hosts))
        time.sleep(_PAUSE)
    return Footprint(
        memory=_medians([look.memory for look in looks]),
        files=_medians([look.files for look in looks]),
        processes=_medians([look.processes for look in looks]),
        young=looks[0].young,
    )


def _medians(looks: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {part: int(statistics.median(look[part] for look in looks)) for part in looks[0]}


def _look(hosts: Sequence[Playground]) -> Footprint:
    memory: Counter[str] = Counter()
    files: Counter[str] = Counter()
    processes: Counter[str] = Counter()
    young = set()
    for host in hosts:
        of_host = f" of host {host.environment['EXOPLANET_HOST_NAME']}" if len(hosts) > 1 else ""
        for name, family in _families(host.supervisor).items():
            part = name + of_host
            for process in family:
                # It may end while it is looked at.
                with contextlib.suppress(psutil.Error, FileNotFoundError, ProcessLookupError):
                    memory[part] += _memory(process.pid)
                    processes[part] += 1
                    if name != _DATABASE:
                        files[part] += process.num_fds()
            if name in _WARM_UP and time.time() - family[0].create_time() < _WARM_SECONDS:
                young.add(part)
    return Footprint(memory=memory, files=files, processes=processes, young=frozenset(young))


def _families(supervisor: psutil.Process) -> dict[str, list[psutil.Process]]:
    families = {"supervisor": [supervisor]}
    for child in supervisor.children():
        with contextlib.suppress(psutil.Error):
            if _PASSING not in child.cmdline():
                families[_part(child)] = [child, *child.children(recursive=True)]
    return families


def _memory(pid: int) -> int:
    """Return what a process takes [bytes]: of shared pages its part, of shared memory nothing.

    Postgres' buffers are that memory; they fill up to the size that was configured.
    """
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = {words[0]: int(words[1]) for words in map(str.split, text.splitlines()[1:])}
    return 1024 * (kilobytes["Pss:"] - kilobytes["Pss_Shmem:"])


def _part(process: psutil.Process) -> str:
    words = process.cmdline()
    named = (name for sign, name in _PARTS.items() if any(word.startswith(sign) for word in words))
    return next(named, "others")
