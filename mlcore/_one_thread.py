"""Numerical libraries on one thread each."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["ONE_THREAD"]

ONE_THREAD = MappingProxyType(
    dict.fromkeys(
        (
            *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
            *("NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        ),
        "1",
    )
)
"""Environment in which processes are started that compute.

Side by side, thread pools of the size of the machine slow each other down tenfold, and the number
of threads changes the order of additions and so the last bits.
"""
