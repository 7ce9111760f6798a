"""Refusals: what a request is told when it cannot be served."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mlcore.datasets import NotATableError
from mlcore.errors import ArtifactError, MlcoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ConflictError", "DamagedError", "GoneError", "RefusedError", "StoreError", "naming"]


class RefusedError(Exception):
    """A request cannot be served; the text is one sentence for the person who sent it."""

    def __init__(
        self,
        sentence: str,
        *,
        field: str = "",
        allowed: Sequence[str] = (),
        errors: Sequence[Mapping[str, Any]] = (),
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        retry_after: int = 0,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        """Name of the request's field that is wrong; empty when it is the whole request."""
        self.allowed = tuple(allowed)
        """What the field may be, where that can be listed."""
        self.errors = tuple(errors)
        """Field, sentence and what is allowed of each field, when several are wrong."""
        self.status = status
        self.retry_after = retry_after
        """When the same request may succeed [s]; 0 when that is not known."""


class ConflictError(RefusedError):
    """A request does not fit the state in which something is now."""

    def __init__(self, sentence: str, **details: Any) -> None:
        super().__init__(sentence, status=HTTPStatus.CONFLICT, **details)


class DamagedError(ArtifactError):
    """What the store of files has under a name is not what was put there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} in the store of files is not what was put there.")


class GoneError(RefusedError):
    """What a session left is no longer on this server."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=HTTPStatus.GONE)


class StoreError(RefusedError):
    """The store of files does not answer, or refuses what it is asked for."""

    def __init__(self) -> None:
        super().__init__(
            "The store of files does not answer; try again in a moment.",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=5,
        )


@contextmanager
def naming(field: str, *, in_sentence: bool = False) -> Iterator[None]:
    """Turn what mlcore refuses into a refusal of the request's field.

    The sentence has to begin with the name of a file's field, of which mlcore does not know what
    the request called it: `in_sentence`.
    """
    try:
        yield
    except MlcoreError as error:
        unreadable = isinstance(error, NotATableError)
        raise RefusedError(
            f"{field}: {error}" if in_sentence else str(error),
            field=field,
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE if unreadable else HTTPStatus.BAD_REQUEST,
        ) from error
