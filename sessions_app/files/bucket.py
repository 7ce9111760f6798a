"""A bucket of an S3-like store as a storage of Django's, with the patience that it is given.

Named in the settings and imported nowhere: it needs the extra `s3`.
"""

from __future__ import annotations

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from django.db import connection
from storages.backends.s3 import S3Storage

__all__ = ["Bucket"]

_READING = frozenset({"GET", "HEAD"})
_IN_MEMORY = 8 * 10**6
"""How much of an object is in memory at the same time [bytes]."""


class Bucket(S3Storage):
    """A bucket whose client tries again by botocore's own standard rules.

    Parameters
    ----------
    attempts
        How often a request is sent at the most; the pauses grow to 20 s.
    seconds
        How long each waits for a connection, and for an answer.
    addressing_style
        Whether the bucket stands in the address's ``path`` or in its host, ``virtual``; None: as
        botocore thinks best.
    options
        As `storages.backends.s3.S3Storage` takes them.
    """

    def __init__(
        self, *, attempts: int, seconds: float, addressing_style: str | None = None, **options: Any
    ) -> None:
        super().__init__(
            client_config=Config(
                retries={"mode": "standard", "total_max_attempts": attempts},
                connect_timeout=seconds,
                read_timeout=seconds,
                s3={"addressing_style": addressing_style},
            ),
            # One part after another: a worker's memory is bounded.
            transfer_config=TransferConfig(use_threads=False),
            max_memory_size=_IN_MEMORY,
            file_overwrite=True,
            default_acl=None,
            **options,
        )

    def _create_session(self) -> Any:
        session = super()._create_session()
        session.events.register("before-send.s3", _refuse_what_counts_no_more)
        return session


def _refuse_what_counts_no_more(request: Any, **_: Any) -> None:
    """Raise the database's error where the transaction is gone in which something is written.

    A host that was cut off tries again when it is back. Its session may be another host's by then,
    and what that one has kept must be neither replaced nor removed. For as long as the transaction
    lives nobody else can have the session, whose row it has locked.
    """
    if request.method not in _READING and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
