"""Inside a job's own process: call the target and tell the host what came of it."""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import importlib
import io
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sessions_app.isolation.outcome import Ending
from sessions_app.isolation.protocol import Emit, encode

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(
    order: Mapping[str, Any], events: int, stderr: int, requests: int | None = None
) -> NoReturn:
    """Run ``order["target"]`` ("package.module:function") on ``order["argument"]``, and end.

    The descriptors are for the job's events and its verdict, for what the job and its libraries
    print, on either standard stream, and for what a job that stays is asked, on standard input.
    """
    if requests is not None:
        os.dup2(requests, 0)
        os.close(requests)
    os.dup2(stderr, 1)
    os.dup2(stderr, 2)
    os.close(stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    faulthandler.enable(file=2)
    # Python's own handler, so that an operator's SIGINT ends a job as SIGTERM does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Before anything asks where temporary files go, and for what the job starts as well.
    tempfile.tempdir = order["temporary"]
    # When memory runs out, the kernel is to take the job rather than the worker or the database.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")

    with open(events, "wb") as channel:

        def emit(event: Mapping[str, Any]) -> None:
            channel.write(encode({"event": dict(event)}))
            channel.flush()

        channel.write(_verdict(order["target"], order["argument"], emit))
        channel.flush()
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        # Exit handlers that the libraries registered in the server are not the job's to run.
        os._exit(0)


def _verdict(target: str, argument: Any, emit: Emit) -> bytes:
    try:
        module, _, function = target.partition(":")
        value = getattr(importlib.import_module(module), function)(argument, emit)
        return encode({"verdict": Ending.COMPLETED, "value": value})
    except BaseException as error:  # noqa: BLE001 - sys.exit in a library is no result either
        verdict = {
            "verdict": _ending_of(error),
            "sentence": str(error),
            "traceback": traceback.format_exc(),
        }
        return encode(verdict)


def _ending_of(error: BaseException) -> Ending:
    if isinstance(error, MemoryError):
        return Ending.OUT_OF_MEMORY
    if _is_for_want_of_room(error):
        return Ending.NO_ROOM
    # If the module was never imported, nothing can have raised what it defines.
    errors = sys.modules.get("mlcore.errors")
    is_refusal = errors is not None and isinstance(error, errors.MlcoreError)
    return Ending.REFUSED if is_refusal else Ending.CRASHED


def _is_for_want_of_room(error: BaseException | None) -> bool:
    # Libraries raise errors of their own over the operating system's, or tell it in words alone.
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        if os.strerror(errno.ENOSPC) in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
