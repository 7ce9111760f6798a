"""Forks that end with their parent, however that ended."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from exoplanet.environment import BASE_DIR

FAMILY = """
import multiprocessing, os, time
from exoplanet import child_process

def parent(pipe):
    child = fork.Process(target=time.sleep, args=(60,))
    child.start()
    pipe.send([os.getpid(), child.pid])
    time.sleep(60)

child_process.let_forks_die_with_parent()
fork = multiprocessing.get_context("fork")
ours, theirs = fork.Pipe()
fork.Process(target=parent, args=(theirs,)).start()
print(*ours.recv(), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_children_and_their_children_are_killed_with_a_process_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        family = [psutil.Process(int(pid)) for pid in process.stdout.readline().split()]
        assert len(family) == 2
        process.kill()
    assert psutil.wait_procs(family, timeout=10)[1] == []
