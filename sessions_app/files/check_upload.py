"""Reading a user's file in a process of its own, limited in memory and time.

The web process never opens it: whatever a parser does with a file that was made to harm it, it
does to a process that serves nobody.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mlcore.jobs.check_upload import UploadVerdict
from mlcore.jobs.upload_look import FirstRows
from sessions_app.exceptions import RefusedError
from sessions_app.isolation import Ending
from sessions_app.isolation.on_request import Allowance, JobsOnRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlcore.jobs.check_upload import UploadCheck

__all__ = [
    "MEMORY_MB",
    "SECONDS",
    "close",
    "first_rows_apart",
    "is_light_curve",
    "read_apart",
    "refusals_of",
]

_log = logging.getLogger(__name__)

MEMORY_MB = 1500
"""How much memory reading a file may take [10⁶ bytes], the imported libraries included, where a job
may take as much."""
SECONDS = 30
"""How long reading a file may take [s]."""
_TARGET = "mlcore.jobs.check_upload:check_upload"
_CURVES = "mlcore.jobs.check_curves:curves_job"
_FIRST_ROWS = "mlcore.jobs.upload_look:first_rows_job"


_readers = JobsOnRequest(
    (
        *("mlcore.jobs.check_upload", "pandas", "pyarrow.parquet", "openpyxl"),
        # Units of every table's columns are looked up: imported by each reader they took 0.25 s.
        *("astropy.units", "astropy.io.fits"),
    ),
    Allowance(
        at_once=3,
        of_one_caller=2,
        busy="The server is reading other files at the moment; send this one again in a moment.",
        own_busy="Other files of yours are being read: send this one when they have been.",
    ),
)
close = _readers.close


def read_apart(check: UploadCheck, *, field: str, who: str = "") -> UploadVerdict:
    """Read the file that a request's field brought, and return what came of it.

    Refused when reading it took too much or ended in a crash, or when too many others are read: one
    caller may not have all readers at the same time. Whether what it holds can be used,
    `refusals_of` says.
    """
    return UploadVerdict(**_read(_TARGET, asdict(check), field=field, who=who))


def refusals_of(verdict: UploadVerdict, *, field: str) -> Iterator[RefusedError]:
    """Yield why a file that a request's field brought cannot be used."""
    for choice in verdict.open:
        yield RefusedError(f"{field}: {choice['sentence']}", field=field)
    if verdict.about:
        yield RefusedError(verdict.refusal, field=verdict.about)
    elif verdict.refusal:
        yield RefusedError(
            f"{field}: {verdict.refusal}",
            field=field,
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            if verdict.unreadable
            else HTTPStatus.BAD_REQUEST,
        )


def first_rows_apart(path: Path, *, who: str = "") -> FirstRows:
    """Read how a kept file begins, as it is, whatever mission it is of.

    Refused as `read_apart` refuses what takes too much, and where too many others are read.
    """
    return FirstRows(**_read(_FIRST_ROWS, {"path": str(path)}, field="file", who=who))


def is_light_curve(path: Path, *, who: str = "") -> bool:
    """Tell whether an upload is a light curve, or an archive of some, by its headings.

    Where that cannot be told it is none: whoever reads the whole file says what is wrong with it.
    """
    try:
        return bool(_read(_CURVES, {"path": str(path)}, field="file", who=who)["light_curves"])
    except RefusedError as refusal:
        if refusal.retry_after:
            raise
        return False


def _read(target: str, argument: dict[str, Any], *, field: str, who: str) -> dict[str, Any]:
    """Return what a job in a reader's process says of a file; a failure of it is a refusal."""
    outcome = _readers.run(
        target, argument, seconds=SECONDS, memory_bytes=_memory_mb() * 10**6, who=who
    )
    if outcome.ending is not Ending.COMPLETED:
        _log.warning("%s could not be read (%s): %s", field, outcome.ending, outcome.traceback)
        raise _failed(outcome.ending, field)
    value: dict[str, Any] = outcome.value
    return value


def _memory_mb() -> int:
    return min(MEMORY_MB, settings.EXOPLANET_JOB_MEMORY_MB)


def _failed(ending: Ending, field: str) -> RefusedError:
    status, retry_after = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 0
    match ending:
        case Ending.OUT_OF_MEMORY:
            sentence = (
                f"Reading the file needs more memory than the {_memory_mb()} MB that it may take:"
                " send fewer rows, or only the columns that are needed."
            )
        case Ending.OVERRAN:
            sentence = (
                f"Reading the file takes longer than the {SECONDS} seconds that it may take: send"
                " it as CSV or Parquet, or fewer rows of it."
            )
        case Ending.KILLED:
            sentence = "Reading the file was interrupted on the server; send it again."
            status, retry_after = HTTPStatus.SERVICE_UNAVAILABLE, 1
        case _:
            sentence = "The file cannot be read: it is damaged, or not made as its format demands."
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return RefusedError(f"{field}: {sentence}", field=field, status=status, retry_after=retry_after)
