"""A first pass through XML of unknown origin, before a library reads it.

What has a document type is refused, and with it every entity that multiplies or names a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from mlcore.datasets.readers.formats import EXPECTED, NotATableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["look_through"]


def look_through(
    pieces: Iterable[bytes],
    *,
    damaged: NotATableError,
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML, keeping nothing of it.

    Parameters
    ----------
    pieces
        The file.
    damaged
        What is raised when it is not well-formed.
    begin, end
        Called with the name of each element, when it begins with its attributes.
    text
        Called with what stands between elements, in parts.

    Raises
    ------
    NotATableError
        When it is damaged or declares a document type.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003
    # Of an encoding that Python does not know, or cannot give to a parser, the latter two.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise damaged from error


def _refuse(*_: object) -> None:
    raise NotATableError(
        "The XML in the file declares a document type or entities, which no table needs;"
        f" {EXPECTED}."
    )
