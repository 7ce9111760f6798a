"""Tables of text: which of the forms that a text can have it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcore.datasets.readers import delimited, ecsv, ipac, mrt
from mlcore.datasets.readers.dates import dated
from mlcore.datasets.readers.names_line import nameless_layout
from mlcore.datasets.readers.text_source import inspected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from mlcore.datasets.readers.packing import Content
    from mlcore.datasets.readers.raw_table import Heading, Opened

__all__ = ["headings_of", "opened", "opened_without_names"]

_FORMS = (ipac, mrt, ecsv, delimited)
"""In this order, because the last takes any text."""


def headings_of(head: str) -> tuple[Sequence[Heading], date | None]:
    """Return what stands above the columns of a text, and the date in its header.

    Raises
    ------
    NotATableError
        When no line can hold names.
    DataError
        When the names cannot be read.
    """
    form = next(form for form in _FORMS if form.is_it(head))
    return form.headings_of(head), dated(head.splitlines())


@contextmanager
def opened_without_names(content: Content, names: Sequence[str]) -> Iterator[Opened | None]:
    """Open a text that has rows of numbers and no names above them.

    Parameters
    ----------
    content
        A text.
    names
        What its columns are called, from the left; it may have fewer.

    Yields
    ------
    Opened or None
        None where it is no such text; see `names_line.nameless_layout`.

    Raises
    ------
    NotATableError, DataError
        As `opened`.
    """
    source = inspected(content)
    layout = nameless_layout(source.head, names)
    yield None if layout is None else delimited.opened(source, layout)


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Look through a text and open it with the reader of its form.

    Raises
    ------
    NotATableError
        When it is no text, cannot be unpacked, or has no line that can hold names.
    DataError
        When it is larger than `LIMITS` allows, or its names cannot be read.
    """
    source = inspected(content)
    form = next(form for form in _FORMS if form.is_it(source.head))
    table = form.opened(source)
    table.dated = dated(source.head.splitlines())
    yield table
