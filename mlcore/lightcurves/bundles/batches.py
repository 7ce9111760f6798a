"""Stars with what is in their files, as many at a time as memory has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcore.lightcurves.bundles.bundle import Bundle, StarFiles

__all__ = ["AT_ONCE", "Contents", "batches"]

AT_ONCE = 64
"""Stars whose files are held at the same time, at most."""
_BYTES_AT_ONCE = 256 * 10**6
"""Of files that are held, beyond which no further star's are read meanwhile [bytes]."""

Contents: TypeAlias = "tuple[tuple[str, bytes], ...] | str"
"""What each file of a star is called and what is in it, or why they could not be read."""


def batches(
    bundle: Bundle,
    stars: Sequence[StarFiles],
    *,
    most: int = AT_ONCE,
    most_bytes: int = _BYTES_AT_ONCE,
) -> Iterator[list[tuple[StarFiles, Contents]]]:
    """Yield stars in their order with what is in their files, some at a time.

    Parameters
    ----------
    bundle, stars
        Some stars of a bundle.
    most
        How many there are at a time.
    most_bytes
        A batch ends with the star whose files make it larger than this.
    """
    batch: list[tuple[StarFiles, Contents]] = []
    held = 0
    for star in stars:
        contents = _read(bundle, star)
        batch.append((star, contents))
        held += 0 if isinstance(contents, str) else sum(len(content) for _, content in contents)
        if len(batch) >= most or held > most_bytes:
            yield batch
            # A new list, and not this one emptied: whoever has it may have it still.
            batch, held = [], 0
    if batch:
        yield batch


def _read(bundle: Bundle, star: StarFiles) -> Contents:
    try:
        return bundle.contents(star)
    except DataError as error:
        return str(error)
    except OSError as error:
        return f"It cannot be read: {error.strerror}."
