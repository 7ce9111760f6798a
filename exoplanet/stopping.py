"""Hearing that this process is told to stop, whoever handles the signal."""

from __future__ import annotations

import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["when_told_to_stop"]

_STOP = (signal.SIGTERM, signal.SIGINT)


def when_told_to_stop(act: Callable[[], object]) -> None:
    """Call something, in a thread of its own, as soon as this process is told to stop.

    The web server handles the signals itself, and then waits for its threads: those who wait for
    something else must hear of it. Nothing is done where this is not the main thread, which alone
    can listen.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    heard, told = socket.socketpair()
    told.setblocking(False)  # noqa: FBT003 - the library's own
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    # What a process that is forked from this one is told is no news of this one.
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))

    def listen(_kept_open: socket.socket = told) -> None:
        while number := heard.recv(1):
            if number[0] in _STOP:
                act()

    threading.Thread(target=listen, name="told to stop", daemon=True).start()
