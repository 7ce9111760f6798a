"""A process hears that it is told to stop, whoever handles the signal."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from exoplanet.environment import BASE_DIR

TOLD = """
import os, signal, sys, threading
from exoplanet.stopping import when_told_to_stop
heard = threading.Event()
when_told_to_stop(heard.set)
signal.signal(signal.{name}, lambda *_: None)
if os.fork() == 0:
    os.kill(os.getpid(), signal.{name})
    os._exit(0)
os.wait()
print("of a child:", heard.wait(0.2))
os.kill(os.getpid(), signal.{name})
print("of itself:", heard.wait(20))
"""
ELSEWHERE = """
import signal, threading
from exoplanet.stopping import when_told_to_stop
other = threading.Thread(target=when_told_to_stop, args=[print])
other.start()
other.join()
print(signal.set_wakeup_fd(-1))
"""


def said(program: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_listens_hears_of_its_own_process_and_of_no_child(number: signal.Signals) -> None:
    assert said(TOLD.format(name=number.name)) == ["of a child: False", "of itself: True"]


def test_another_signal_is_no_reason_to_stop() -> None:
    program = TOLD.format(name="SIGUSR1").replace("wait(20)", "wait(0.2)")
    assert said(program) == ["of a child: False", "of itself: False"]


def test_in_another_thread_than_the_main_one_nothing_is_done() -> None:
    assert said(ELSEWHERE) == ["-1"]
