"""What is the same for every model on the same rows, computed once and kept in files.

A result is found by what it was computed from: the rows themselves, whatever they were read from,
the names of what was asked, and the code and libraries that computed it. So nothing has to be told
when it is out of date. Two processes that need the same at once compute it once: the second waits.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

__all__ = ["NOTHING_KEPT", "Computed", "code_version", "fingerprint"]

_LIBRARIES = ("numpy", "pandas", "sklearn", "scipy", "xgboost")


@dataclass(frozen=True, slots=True)
class Computed:
    """Where results lie that were computed before.

    Examples
    --------
    >>> from mlcore.computed import NOTHING_KEPT
    >>> NOTHING_KEPT.array("a sum", ["of", 1, 2], lambda: np.array([3]))
    array([3])
    """

    folder: Path | None
    """None: nothing is kept."""

    def array(
        self, what: str, of: Sequence[Any], compute: Callable[[], NDArray[Any]]
    ) -> NDArray[Any]:
        """Return an array of numbers.

        Parameters
        ----------
        what
            What it is, in words: a file's name.
        of
            What it follows from, as `fingerprint` takes it.
        compute
            Computes it where it is not there.
        """
        found: NDArray[Any] = self._found(what, of, compute, ".npy", _load_array, _save_array)
        return found

    def frame(
        self, what: str, of: Sequence[Any], compute: Callable[[], pd.DataFrame]
    ) -> pd.DataFrame:
        """Return a table of float64 numbers, its rows numbered from 0; see `array`."""
        found: pd.DataFrame = self._found(what, of, compute, ".npz", _load_frame, _save_frame)
        return found

    def columns(self, what: str, of: Sequence[Any], compute: Callable[[], pa.Table]) -> pa.Table:
        """Return columns of words and numbers with what is said of them; see `array`."""
        return self._found(what, of, compute, ".parquet", _load_columns, _save_columns)

    def json(self, what: str, of: Sequence[Any], compute: Callable[[], Any]) -> Any:
        """Return what JSON can hold; see `array`."""
        return self._found(what, of, compute, ".json", _load_json, _save_json)

    def _found(
        self,
        what: str,
        of: Sequence[Any],
        compute: Callable[[], Any],
        suffix: str,
        load: Callable[[BinaryIO], Any],
        save: Callable[[BinaryIO, Any], None],
    ) -> Any:
        if self.folder is None:
            return compute()
        key = fingerprint([what, code_version(), *of])
        path = self.folder / f"{what.replace(', ', '-').replace(' ', '-')}-{key}{suffix}"
        if (found := _loaded(path, load)) is not None:
            return found[0]
        with _alone(path):
            if (found := _loaded(path, load)) is not None:
                return found[0]
            computed = compute()
            _keep(path, computed, save)
        return computed


NOTHING_KEPT = Computed(None)
"""Everything is computed anew."""


def fingerprint(*parts: Any) -> str:
    """Return a word that two things share where they are the same to the bit.

    Parameters
    ----------
    *parts
        Numbers, words, arrays, tables, sequences of these, or what has a ``fingerprint`` of its
        own; of anything else its ``repr``.
    """
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        for piece in _pieces(part):
            # With its length, so that nothing runs into its neighbour.
            digest.update(len(piece).to_bytes(8, "big"))
            digest.update(piece)
    return digest.hexdigest()


@cache
def code_version() -> str:
    """Return a word for everything that computes: this package, the libraries, the processor."""
    here = Path(__file__).parent
    files = sorted(here.rglob("*.py"))
    return fingerprint(
        [str(file.relative_to(here)) for file in files],
        [file.read_bytes() for file in files],
        [import_module(name).__version__ for name in _LIBRARIES],
        platform.machine(),
        platform.processor(),
    )


def _pieces(part: Any) -> Iterator[Any]:
    if isinstance(part, bytes):
        yield part
    elif isinstance(part, pd.DataFrame):
        for name in part:
            yield str(name).encode()
            yield from _pieces(part[name])
    elif isinstance(part, pd.Series | pd.Index):
        yield from _pieces(part.to_numpy())
    elif isinstance(part, np.ndarray):
        yield f"{part.dtype} {part.shape}".encode()
        if part.dtype == object:
            yield "\0".join(map(repr, part.ravel().tolist())).encode()
        else:
            yield np.ascontiguousarray(part).tobytes()
    elif isinstance(part, list | tuple):
        yield f"{len(part)} parts".encode()
        for each in part:
            yield from _pieces(each)
    else:
        yield str(getattr(part, "fingerprint", None) or repr(part)).encode()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until nobody else computes the same."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o640)
    except OSError:
        # Nothing can be kept here; it is computed all the same.
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def _loaded(path: Path, load: Callable[[BinaryIO], Any]) -> tuple[Any] | None:
    try:
        with path.open("rb") as file:
            found = load(file)
        # What is used stays.
        os.utime(path)
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        # Not there, or damaged: it is computed again.
        return None
    return (found,)


def _keep(path: Path, computed: Any, save: Callable[[BinaryIO, Any], None]) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}.new")
    try:
        with unfinished.open("wb") as file:
            save(file, computed)
        unfinished.replace(path)
    except OSError:
        # No room: it is computed again next time.
        with suppress(OSError):
            unfinished.unlink()
    with suppress(OSError):
        path.with_suffix(".lock").unlink(missing_ok=True)


def _load_array(file: BinaryIO) -> NDArray[Any]:
    array: NDArray[Any] = np.load(file, allow_pickle=False)
    return array


def _save_array(file: BinaryIO, array: NDArray[Any]) -> None:
    np.save(file, array, allow_pickle=False)


def _load_frame(file: BinaryIO) -> pd.DataFrame:
    # Reading it to its end finds a damaged file: each part has its checksum.
    with np.load(file, allow_pickle=False) as parts:
        return pd.DataFrame(parts["values"], columns=parts["columns"].tolist())


def _save_frame(file: BinaryIO, frame: pd.DataFrame) -> None:
    # Column after column, as a table's own matrix is: sums depend on the order in their last bits.
    values = np.asfortranarray(frame.to_numpy(dtype=np.float64))
    np.savez(file, values=values, columns=np.array(list(map(str, frame)), dtype=np.str_))


def _load_columns(file: BinaryIO) -> pa.Table:
    return pq.read_table(file, use_threads=False, page_checksum_verification=True)


def _save_columns(file: BinaryIO, columns: pa.Table) -> None:
    pq.write_table(columns, file, compression="lz4", write_page_checksum=True)


def _load_json(file: BinaryIO) -> Any:
    return json.load(file)


def _save_json(file: BinaryIO, value: Any) -> None:
    file.write(json.dumps(value, allow_nan=False).encode())
