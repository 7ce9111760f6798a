"""Which workers of a cluster compute the same bits as this process: they are asked."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from mlcore.dask_workers.worker import described

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["usable_workers"]

_log = logging.getLogger(__name__)

_ANSWERING = 15.0
"""Seconds within which the scheduler answers."""
_ASKING = 30.0
"""Seconds within which a worker answers; the first time it loads all libraries."""

_answers: dict[str, str | None] = {}
"""By the name that Dask gave to a worker and to no other, why it is not used; None where it is."""


async def usable_workers(client: Any, here: Mapping[str, str]) -> list[str]:
    """Return the addresses of the workers that may be used, and log why others may not.

    Parameters
    ----------
    client
        A client of the cluster, from its own event loop.
    here
        What `described` says of this process, which may load libraries for it: no event loop should
        wait for that.
    """
    known = (await asyncio.wait_for(client.scheduler.identity(), _ANSWERING))["workers"]
    names = {address: f"{worker['id']} {address}" for address, worker in known.items()}
    strangers = [address for address, name in names.items() if name not in _answers]
    asked = {asyncio.ensure_future(_asked(client, address)): address for address in strangers}
    if asked:
        answered, silent = await asyncio.wait(asked, timeout=_ASKING)
        for question in silent:
            # It is asked again the next time.
            question.cancel()
            _log.warning("The Dask worker %s gave no answer.", asked[question])
        for question in answered:
            address = asked[question]
            refusal = _answers[names[address]] = _refusal(question.result(), here)
            if refusal is not None:
                _log.warning("The Dask worker %s is not used: %s.", address, refusal)
    return [
        address for address, name in names.items() if name in _answers and _answers[name] is None
    ]


async def _asked(client: Any, address: str) -> Any:
    """Return what a worker says of itself, or the error that came instead."""
    try:
        said = await client.run(described, workers=[address], on_error="return")
    except Exception as error:  # noqa: BLE001 - whatever Dask raises, it is not used
        return error
    return said.get(address)


def _refusal(there: Any, here: Mapping[str, str]) -> str | None:
    """Return why a worker is not used, as half a sentence."""
    if not isinstance(there, dict):
        return f"asked for its version, it said {there!r}"
    other = [name for name, value in here.items() if there.get(name) != value]
    if not other:
        return None
    differences = "; ".join(f"{name}: {there.get(name)}, here {here[name]}" for name in other)
    return f"it is of another version ({differences})"
