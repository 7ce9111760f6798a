"""Telling a file with a light curve from one with a table of objects, without reading its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.readers import text_tables
from mlcore.datasets.readers.archives import content_of
from mlcore.datasets.readers.formats import Format
from mlcore.datasets.readers.light_curve_words import plain
from mlcore.datasets.readers.names_line import NoNamesError, nameless_layout
from mlcore.datasets.readers.read import open_content
from mlcore.datasets.readers.text_source import head_of
from mlcore.errors import DataError
from mlcore.lightcurves.reading.arrays import npz_content, npz_headings
from mlcore.lightcurves.reading.columns import Role, refuse_other_tables, roles_of
from mlcore.lightcurves.reading.tables import UNNAMED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["are_of_light_curve", "holds_light_curve"]

_LETTERS = ("f", "counts")
"""What is a flux only where little stands beside it."""
_LITTLE = 4


def are_of_light_curve(headings: Sequence[str]) -> bool:
    """Tell whether a file with these headings is to be read as a light curve.

    Parameters
    ----------
    headings
        All of the file's.

    Examples
    --------
    >>> are_of_light_curve(["BJD - 2457000", "flux_ppm"]), are_of_light_curve(["koi_period", "t"])
    (True, False)
    """
    try:
        refuse_other_tables(headings)
        flux = roles_of(headings)[Role.FLUX]
    except DataError:
        return False
    return len(headings) <= _LITTLE or plain(headings[flux]) not in _LETTERS


def holds_light_curve(path: Path) -> bool:
    """Tell whether a file is to be read as a light curve, and not as a table of objects.

    Only its headings are looked at, and where it is a text without any, its first rows. What cannot
    be read is none, whatever is wrong with it: whoever reads it says what.

    Parameters
    ----------
    path
        A file; its name does not matter.
    """
    try:
        if arrays := npz_content(path):
            return are_of_light_curve(npz_headings(arrays))
        content = content_of(path)
        if content.kind is not Format.TEXT:
            with open_content(content) as opened:
                return are_of_light_curve([heading.name for heading in opened.headings])
        head = head_of(content)
        try:
            headings, _ = text_tables.headings_of(head)
        except NoNamesError:
            return nameless_layout(head, UNNAMED) is not None
        return are_of_light_curve([heading.name for heading in headings])
    except DataError:
        return False
