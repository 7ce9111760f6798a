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
    "work": "queue",
    "reap_sessions": "reaper",
    "--listen_addresses=": _DATABASE,
}
_SAMPLES, _PAUSE = 5, 1.0


def footprint(playground: Playground) -> Footprint:
    """Return what the idle server takes: the median of a few looks."""
    looks = []
    for _ in range(_SAMPLES):
        looks.append(_look(playground))
        time.sleep(_PAUSE)
    return Footprint(
        memory=_medians([look.memory for look in looks]),
        files=_medians([look.files for look in looks]),
        processes=_medians([look.processes for look in looks]),
    )


def _medians(looks: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {part: int(statistics.median(look[part] for look in looks)) for part in looks[0]}


def _look(playground: Playground) -> Footprint:
    memory: Counter[str] = Counter()
    files: Counter[str] = Counter()
    processes: Counter[str] = Counter()
    families = {"supervisor": [playground.supervisor]}
    for child in playground.supervisor.children():
        with contextlib.suppress(psutil.Error):
            families[_part(child)] = [child, *child.children(recursive=True)]
    for part, family in families.items():
        for process in family:
            # It may end while it is looked at.
            with contextlib.suppress(psutil.Error, FileNotFoundError, ProcessLookupError):
                memory[part] += _memory(process.pid)
                processes[part] += 1
                if part != _DATABASE:
                    files[part] += process.num_fds()
    return Footprint(memory=memory, files=files, processes=processes)


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
