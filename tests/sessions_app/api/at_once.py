"""Requests at the same time, each in a thread with a connection of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once(count: int, ask: Callable[[], Any]) -> list[Any]:
    """Return what `ask` gives when so many threads call it at the same moment."""
    together = Barrier(count)

    def one(_number: int) -> Any:
        try:
            connection.ensure_connection()
            together.wait(timeout=30)
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))
