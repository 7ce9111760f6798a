"""What a command says where the store of files does not answer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

from sessions_app.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["store_errors_in_words"]


@contextmanager
def store_errors_in_words() -> Iterator[None]:
    """End a command with a sentence, and what the store's client says, instead of a traceback."""
    try:
        yield
    except StoreError as error:
        raise CommandError(f"The store of files does not answer: {error.__cause__}") from error
