"""What the tests run as jobs, each in a process of its own."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import itertools
import mmap
import os
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Argument = dict[str, Any]
    Emit = Callable[[dict[str, Any]], None]

counter = 0


def adds(argument: Argument, emit: Emit) -> Any:
    return {"sum": sum(argument["terms"]), "pid": os.getpid(), "server": os.getppid()}


def counts_up(argument: Argument, emit: Emit) -> Any:
    for number in range(argument["to"]):
        emit({"number": number})
    return argument["to"]


def leaves_a_temporary_file(argument: Argument, emit: Emit) -> None:
    from mlcore.errors import DataError

    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    raise DataError(name)


def refuses(argument: Argument, emit: Emit) -> None:
    from mlcore.errors import DataError

    raise DataError("The column koi_period holds text; it must hold numbers.")


def raises(argument: Argument, emit: Emit) -> None:
    sys.stderr.write("the last words on stderr\n")
    raise KeyError("secret detail")


def exits(argument: Argument, emit: Emit) -> None:
    sys.exit(3)


def exits_at_once(argument: Argument, emit: Emit) -> None:
    os._exit(3)


def aborts(argument: Argument, emit: Emit) -> None:
    os.abort()


def reads_address_zero(argument: Argument, emit: Emit) -> None:
    ctypes.string_at(0)


def announces_itself_and_sleeps(argument: Argument, emit: Emit) -> None:
    emit({"pid": os.getpid(), "server": os.getppid()})
    time.sleep(600)


def announces_itself_and_holds_the_interpreter(argument: Argument, emit: Emit) -> None:
    """Never return from one C call that neither releases the lock nor looks at signals."""
    emit({"pid": os.getpid(), "server": os.getppid()})
    sum(itertools.repeat(0))


def fills_memory(argument: Argument, emit: Emit) -> Any:
    emit({"pid": os.getpid(), "server": os.getppid()})
    kept = []
    for _ in range(argument["mebibytes"]):
        kept.append(b"x" * 2**20)
        time.sleep(0.0002)
    return len(kept)


def reserves_address_space(argument: Argument, emit: Emit) -> Any:
    reserved = mmap.mmap(-1, 2**36, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    return len(reserved)


def allocates_the_impossible(argument: Argument, emit: Emit) -> Any:
    return len(bytearray(2**62))


def finds_the_disk_full(argument: Argument, emit: Emit) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    match argument["how"]:
        case "as it is":
            raise full
        case "under a library's error":
            raise RuntimeError("the model could not be written") from full
        case _:
            raise RuntimeError("write: No space left on device")


def prints_everywhere(argument: Argument, emit: Emit) -> Any:
    print('{"verdict": "completed", "value": "forged"}')  # noqa: T201 - the case tested
    emit({"number": 1})
    os.write(1, b"from C\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
    warnings.warn("a library warns", RuntimeWarning, stacklevel=1)
    return "the real value"


def prints_much_then_raises(argument: Argument, emit: Emit) -> None:
    for number in range(20_000):
        sys.stderr.write(f"line {number}\n")
    raise ValueError


def lists_modules(argument: Argument, emit: Emit) -> Any:
    return [name for name in argument["names"] if name in sys.modules]


def lists_open_files(argument: Argument, emit: Emit) -> Any:
    files = {}
    for descriptor in list(Path("/proc/self/fd").iterdir()):
        # The listing's own descriptor is gone by now.
        with contextlib.suppress(FileNotFoundError):
            files[descriptor.name] = str(descriptor.readlink()).split(":")[0]
    return files


def describes_its_surroundings(argument: Argument, emit: Emit) -> Any:
    return {
        "environment": {name: os.environ.get(name) for name in argument["names"]},
        "threads": threading.active_count(),
        "server_threads": len(list(Path(f"/proc/{os.getppid()}/task").iterdir())),
        "directory": str(Path.cwd()),
    }


def counts_its_calls(argument: Argument, emit: Emit) -> Any:
    global counter  # noqa: PLW0603
    counter += 1
    os.environ["LEFT_BEHIND"] = str(counter)
    return counter


def emits_nan(argument: Argument, emit: Emit) -> None:
    emit({"accuracy": float("nan")})


def returns_infinity(argument: Argument, emit: Emit) -> Any:
    return {"loss": float("inf")}


def emits_a_numpy_integer(argument: Argument, emit: Emit) -> None:
    import numpy as np

    emit({"rows": np.int64(3)})


def leaves_a_child_behind(argument: Argument, emit: Emit) -> Any:
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    return child.pid


def fits_and_digests(argument: Argument, emit: Emit) -> Any:
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng(argument["seed"])
    X = generator.normal(size=(2000, 30))
    y = (X[:, 0] + generator.normal(size=2000) > 0).astype(int)
    digest = hashlib.sha256()
    for model in (HistGradientBoostingClassifier(max_iter=20), LogisticRegression()):
        digest.update(model.fit(X, y).predict_proba(X).tobytes())
    digest.update(np.linalg.svd(X, compute_uv=False).tobytes())
    return digest.hexdigest()
