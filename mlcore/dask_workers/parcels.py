"""Calls as bytes: what is big in them, and mostly the same in all, is a part that travels once."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Parcel", "packed", "unpacked"]

_BIG = 50_000
"""Bytes from which on something is a part of its own."""
_BYTES_OF_AN_OBJECT = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A call as bytes, without its parts."""

    payload: bytes
    parts: tuple[str, ...]
    """Names of the parts that it needs."""


def packed(
    calls: Sequence[Callable[..., Any]],
) -> tuple[list[Parcel], dict[str, bytes]]:
    """Return calls as bytes, and by their names the parts that they share.

    Parameters
    ----------
    calls
        Functions of modules, closures and partial ones of either.
    """
    named: dict[int, tuple[str, Any]] = {}
    parts: dict[str, bytes] = {}
    parcels = []
    for call in calls:
        file = io.BytesIO()
        packer = _Packer(file, named)
        packer.dump(call)
        parcels.append(Parcel(payload=file.getvalue(), parts=tuple(packer.needed)))
    for name, part in named.values():
        # Arrays are not compressed: a network is faster than that.
        parts[name] = cloudpickle.dumps(part, protocol=pickle.HIGHEST_PROTOCOL)
    return parcels, parts


def unpacked(payload: bytes, parts: Mapping[str, bytes]) -> Callable[..., Any]:
    """Return a call that `packed` packed; nobody else sees the parts that it is given."""
    call: Callable[..., Any] = _Unpacker(io.BytesIO(payload), parts).load()
    return call


class _Packer(cloudpickle.Pickler):  # type: ignore[misc]  # it has no types
    def __init__(self, file: io.BytesIO, named: dict[int, tuple[str, Any]]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._named = named
        self.needed: dict[str, None] = {}

    def persistent_id(self, thing: Any) -> str | None:
        if not _is_big(thing):
            return None
        # The thing is held too, so that its number stays its own.
        name, _ = self._named.setdefault(id(thing), (f"part-{len(self._named)}", thing))
        self.needed[name] = None
        return name


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, parts: Mapping[str, bytes]) -> None:
        super().__init__(file)
        self._parts = parts
        self._found: dict[str, Any] = {}

    def persistent_load(self, pid: str) -> Any:
        if pid not in self._found:
            # Written by this package, and sent by whoever could send any other code as well.
            self._found[pid] = pickle.loads(self._parts[pid])  # noqa: S301
        return self._found[pid]


def _is_big(thing: Any) -> bool:
    if isinstance(thing, np.ndarray):
        each = _BYTES_OF_AN_OBJECT if thing.dtype == object else thing.itemsize
        return thing.size * each >= _BIG
    if isinstance(thing, pd.DataFrame | pd.Series | pd.Index):
        # Words and numbers alike: that they are counted exactly is not worth the time.
        return thing.size * 8 >= _BIG
    if isinstance(thing, tuple):
        return len(thing) * _BYTES_OF_AN_OBJECT >= _BIG
    return isinstance(thing, bytes) and len(thing) >= _BIG
