"""Memory that is of no use any more, given back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress

import pyarrow as pa

__all__ = ["give_back"]


def give_back() -> None:
    """Give back what was freed: of large pieces allocators keep more, the more often they come."""
    pa.default_memory_pool().release_unused()
    # Of the C library of Linux; others keep it for what comes.
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
