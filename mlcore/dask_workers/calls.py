"""Calls made by the workers of a cluster, none of which and not even the cluster has to survive."""

from __future__ import annotations

import asyncio
import inspect
import logging
import pickle
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.dask_workers.parcels import packed
from mlcore.dask_workers.usable import usable_workers
from mlcore.dask_workers.worker import TOPIC, described, made, part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcore.dask_workers.parcels import Parcel

__all__ = ["Outcome", "made_by_workers"]

_log = logging.getLogger(__name__)

_CONNECTING = 5.0
"""Seconds within which the scheduler answers."""
_FORGIVEN_AFTER = 60.0
"""Seconds for which a cluster that failed is not tried again."""
_LOOK = 1.0
"""Seconds between looks whether scheduler and workers are there."""
_PATIENCE = 15.0
"""Seconds for which the scheduler may be silent."""
_WORKERS_COME = 20.0
"""Seconds within which workers that ended come again."""
_ROUNDS = 3
"""How often workers are looked for, before what is left is done here."""

_not_there_until: dict[str, float] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a call."""

    result: Any = None
    refusal: Exception | None = None
    """What it raised, one of mlcore's own errors."""


def made_by_workers(
    address: str,
    calls: Sequence[Callable[..., Any]],
    told: Callable[[int, float, str], None],
) -> list[Outcome | None]:
    """Make calls on the workers of a cluster.

    Parameters
    ----------
    address
        The scheduler's, such as ``tcp://127.0.0.1:8786``.
    calls
        As in `mlcore.parallel.run_all`.
    told
        Called, in another thread, with a call's place, its fraction that is done and a detail.

    Returns
    -------
    list
        Of each call what came of it; None where it is still to be made, because the workers could
        not or because an earlier one was refused.
    """
    outcomes: list[Outcome | None] = [None] * len(calls)
    if time.monotonic() < _not_there_until.get(address, 0.0):
        return outcomes
    run = _Run(address, outcomes, told)
    try:
        parcels, parts = packed(calls)
        # In a thread of its own: a notebook has an event loop in this one.
        with ThreadPoolExecutor(1) as thread:
            try:
                thread.submit(asyncio.run, run.through(parcels, parts)).result()
            finally:
                # Whoever interrupts this one waits no longer for the other.
                run.is_over = True
    except Exception as error:  # noqa: BLE001 - whatever it is, the work can be done without it
        _not_there_until[address] = time.monotonic() + _FORGIVEN_AFTER
        missing = outcomes.count(None)
        why = "it gave no answer in time" if isinstance(error, TimeoutError) else error
        _log.warning(
            "The Dask cluster %s failed, and %d of %d calls are made on this machine: %s",
            *(address, missing, len(calls), why),
        )
    finally:
        # The client knows the run for as long as it is rubbish that nobody has collected.
        run.outcomes = []
    return outcomes


class _Run:
    def __init__(
        self,
        address: str,
        outcomes: list[Outcome | None],
        told: Callable[[int, float, str], None],
    ) -> None:
        self.address = address
        self.outcomes = outcomes
        self.told = told
        self.name = uuid.uuid4().hex
        self.here = described()
        self.is_over = False

    async def through(self, parcels: Sequence[Parcel], parts: dict[str, bytes]) -> None:
        import dask  # noqa: PLC0415 - an optional extra
        from distributed import Client  # noqa: PLC0415

        # Parts are large, and told to the scheduler once.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TiB"}):
            client = Client(
                self.address,
                asynchronous=True,
                timeout=_CONNECTING,
                set_as_default=False,
                name="mlcore",
            )
            try:
                await asyncio.wait_for(client, 2 * _CONNECTING)
                await _awaited(client.subscribe_topic(TOPIC, self._hear))
                for number in range(_ROUNDS):
                    # Those that ended are started again by whoever watches them.
                    workers = await self._workers(client, _WORKERS_COME if number else 0.0)
                    if not workers or await self._round(client, workers, parcels, parts):
                        break
                if self._is_wanted():
                    raise RuntimeError("no worker could make them")
            finally:
                with suppress(Exception):
                    await asyncio.wait_for(client.close(timeout=2), _CONNECTING)

    async def _workers(self, client: Any, patience: float) -> list[str]:
        """Return whom to ask, and wait for so many seconds until there is somebody."""
        until = time.monotonic() + patience
        while True:
            workers = await usable_workers(client, self.here)
            if workers or time.monotonic() > until:
                return workers
            await asyncio.sleep(_LOOK)

    async def _round(
        self, client: Any, workers: list[str], parcels: Sequence[Parcel], parts: dict[str, bytes]
    ) -> bool:
        """Have what is left made; tell whether that came to an end by itself."""
        # A worker that ended leaves none of its names behind.
        prefix = f"mlcore-{uuid.uuid4().hex}"
        left = [place for place, outcome in enumerate(self.outcomes) if outcome is None]
        needed = {name for place in left for name in parcels[place].parts}
        # As tasks, and not scattered: Dask makes a task again whose worker was lost with it.
        sent = {
            name: client.submit(part, parts[name], key=f"{prefix}-{name}", workers=workers)
            for name in needed
        }
        futures = []
        waiting = set()
        for place in left:
            parcel = parcels[place]
            future = client.submit(
                *(made, self.name, place, parcel.payload, parcel.parts),
                *(sent[name] for name in parcel.parts),
                key=f"{prefix}-call-{place}",
                workers=workers,
                # The first ones first, whoever else asks.
                priority=-place,
            )
            futures.append(future)
            waiting.add(asyncio.ensure_future(self._keep(place, future)))
        try:
            while waiting and self._is_wanted():
                done, waiting = await asyncio.wait(
                    waiting, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED
                )
                if not done and not await self._are_there(client, workers):
                    return False
            return not self._is_wanted()
        finally:
            for one in waiting:
                one.cancel()
            with suppress(Exception):
                await asyncio.wait_for(client.cancel([*futures, *sent.values()]), _CONNECTING)

    async def _keep(self, place: int, future: Any) -> None:
        # Its own errors are what it returns: whatever is raised here is the cluster's.
        try:
            returned, what = pickle.loads(await future.result())  # noqa: S301 - see `parcels`
        except Exception as error:  # noqa: BLE001 - it is made again
            _log.info("Call %d failed on a worker: %r", place, error)
            return
        self.outcomes[place] = Outcome(result=what) if returned else Outcome(refusal=what)
        self.told(place, 1.0, "")

    async def _are_there(self, client: Any, workers: list[str]) -> bool:
        known = await asyncio.wait_for(client.scheduler.identity(), _PATIENCE)
        return not known["workers"].keys().isdisjoint(workers)

    def _is_wanted(self) -> bool:
        """Tell whether something is left to do, of what comes before the first refusal."""
        if self.is_over:
            return False
        for outcome in self.outcomes:
            if outcome is None:
                return True
            if outcome.refusal is not None:
                return False
        return False

    def _hear(self, event: Any) -> None:
        _, (run, place, fraction, detail) = event
        if run == self.name and self.outcomes[place] is None:
            self.told(place, fraction, detail)


async def _awaited(perhaps: Any) -> Any:
    return await perhaps if inspect.isawaitable(perhaps) else perhaps
