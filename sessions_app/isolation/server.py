"""The process that has imported the scientific libraries and forks one process for each job.

Started by `JobHost` as ``python -m sessions_app.isolation.server FD MODULE...``. It only imports;
it never runs the libraries' code, because a fork after OpenMP or a thread pool has started is a
process that may hang for ever. It has one thread, no Django and no open file but its socket.

Memory is bounded by watching the job's resident size. RLIMIT_AS would count address space that
LLVM, allocators and thread stacks only reserve, so a job would fail long before it used the memory;
RLIMIT_DATA would count pages never touched, and turn the excess into aborts inside native code
that cannot be told from defects. The watch lives here and not in the worker, because the worker
may be busy writing a progress row when the job grows.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any

import psutil

from mlcore._lifeline import die_with_parent
from mlcore._priority import extend_niceness_to_session
from sessions_app.isolation import job as job_process
from sessions_app.isolation.protocol import STOP, encode, receive_job

_MEMORY_WATCH_SECONDS = 0.05
_CHILD_WATCH_SECONDS = 1.0
_PR_SET_CHILD_SUBREAPER = 36


class Server:
    """Serves one job at a time until the host is gone."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        # A byte arrives here whenever a child ends, so that one select waits for child and host.
        self._child_ended, self._wakeup = socket.socketpair()
        for end in (self._child_ended, self._wakeup):
            end.setblocking(False)  # noqa: FBT003 - positional only
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        """Run jobs as they come; return when the host has closed its end."""
        _say(self._control, kind="ready")
        while (job := receive_job(self._control)) is not None and self._run(*job):
            pass

    def _run(self, order: dict[str, Any], pipes: list[int]) -> bool:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                die_with_parent(server)
                for inherited in (self._control, self._child_ended, self._wakeup):
                    inherited.close()
                job_process.run(order, *pipes)
            finally:
                # Whatever happened: never back into the server's loop as a second server.
                os._exit(1)
        for pipe in pipes:
            os.close(pipe)
        _say(self._control, kind="started")
        return self._see_through(pid, order["memory_limit_bytes"])

    def _see_through(self, pid: int, memory_limit: int | None) -> bool:
        host_is_there, to_be_killed, over_limit = True, False, False
        watch = _MemoryWatch(pid)
        while True:
            reaped, status, usage = os.wait4(pid, os.WNOHANG if host_is_there else 0)
            if reaped:
                break
            pause = None if memory_limit is None else _MEMORY_WATCH_SECONDS
            readable, _, _ = select.select([self._control, self._child_ended], [], [], pause)
            if self._child_ended in readable:
                self._child_ended.recv(1024)
            # The host is silent during a job: what can be read is its end, or its wish to stop.
            if self._control in readable:
                to_be_killed, host_is_there = True, self._host_wishes()
            if memory_limit is not None and watch.resident_bytes() > memory_limit:
                to_be_killed = over_limit = True
            if to_be_killed:
                os.kill(pid, signal.SIGKILL)
        _end_descendants()
        in_bytes = 1 if sys.platform == "darwin" else 1024
        _say(
            self._control,
            kind="exited",
            status=os.waitstatus_to_exitcode(status),
            over_limit=over_limit,
            peak_memory_bytes=usage.ru_maxrss * in_bytes,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
        )
        return host_is_there

    def _host_wishes(self) -> bool:
        """Take the host's word; False when there is none, because it is gone."""
        try:
            return self._control.recv(1) == STOP
        except ConnectionError:
            return False


def _say(control: socket.socket, **message: Any) -> None:
    """Tell the host, if there still is one."""
    with contextlib.suppress(ConnectionError):
        control.sendall(encode(message))


class _MemoryWatch:
    """Tells how much memory a job and the processes that it started hold."""

    def __init__(self, pid: int) -> None:
        self._job = psutil.Process(pid)
        self._started: list[psutil.Process] = []
        self._looked = 0.0

    def resident_bytes(self) -> int:
        """Return the sum; what ends meanwhile holds nothing."""
        now = time.monotonic()
        # Finding them means looking at every process of the machine.
        if now - self._looked > _CHILD_WATCH_SECONDS:
            self._looked = now
            with contextlib.suppress(psutil.Error):
                self._started = self._job.children(recursive=True)
        held = 0
        for process in (self._job, *self._started):
            with contextlib.suppress(psutil.Error):
                held += int(process.memory_info().rss)
        return held


def _end_descendants() -> None:
    """Kill and reap what the job started and left behind."""
    while True:
        try:
            reaped, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not reaped:
            for orphan in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    orphan.kill()
            time.sleep(0.001)


def main(arguments: list[str]) -> None:
    """Import, then serve; `arguments` are the socket's descriptor, the host's pid, the modules."""
    descriptor, host, *modules = arguments
    # Where that cannot be had, the end of the host shows as the end of the socket.
    die_with_parent(int(host))
    extend_niceness_to_session()
    if sys.platform == "linux":
        # What a job leaves behind becomes a child of the server, which ends it.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # The worker's dispositions came along; a terminal's Ctrl-C is the worker's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # An aborting job must not write a user's table to disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(2, 1)
    control = socket.socket(fileno=int(descriptor))
    control.set_inheritable(False)
    # An import leaves no rubbish, and looking for it takes a seventh of the time.
    gc.disable()
    try:
        for name in modules:
            importlib.import_module(name)
    except Exception:  # noqa: BLE001 - whatever a module's import raises goes to the operators
        _say(control, kind="broken", traceback=traceback.format_exc())
        return
    # Untouched by the garbage collector, imported objects stay shared between server and jobs.
    gc.collect()
    gc.freeze()
    gc.enable()
    Server(control).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
    # Skips the libraries' exit handlers: nothing here needs saving, and the host waits.
    sys.stderr.flush()
    os._exit(0)
