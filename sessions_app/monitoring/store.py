"""Whether the store of files answers, where it is somewhere else."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from django.core.files.storage import FileSystemStorage, storages

__all__ = ["failures", "is_absence", "is_elsewhere", "store_answers"]

_REMEMBERED_SECONDS = 5.0
"""How long an answer counts: health is asked for all the time."""
_last: dict[str, Any] = {"at": float("-inf"), "answers": True}


def is_elsewhere() -> bool:
    """Tell whether what is kept lies anywhere but in this host's media folder."""
    return not isinstance(storages["default"], FileSystemStorage)


def store_answers() -> bool:
    """Ask the store, once and not for long, for what is in it."""
    if not is_elsewhere():
        return True
    if time.monotonic() - _last["at"] > _REMEMBERED_SECONDS:
        try:
            # A bucket that is not there has no objects either, but cannot be listed.
            storages["probe"].listdir("datasets")
            answers = True
        except failures():
            answers = False
        _last.update(at=time.monotonic(), answers=answers)
    return bool(_last["answers"])


@cache
def failures() -> tuple[type[Exception], ...]:
    """Return the errors by which a storage says that it cannot do what it was asked."""
    network = (ConnectionError, TimeoutError)
    try:
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 - of an optional extra
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError:
        return network
    return (*network, Boto3Error, BotoCoreError, ClientError)


def is_absence(error: Exception) -> bool:
    """Tell whether it was asked for an object that is not there, which is no failure."""
    said = getattr(error, "response", None) or {}
    return (
        said.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404
        and said.get("Error", {}).get("Code") != "NoSuchBucket"
    )
