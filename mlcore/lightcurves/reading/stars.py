"""Which star a file, a cell or a file's name means."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers.light_curve_words import STARS, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MISSION_OF", "named_by_cell", "named_by_file", "same_star"]

MISSION_OF = {"KIC": "Kepler", "EPIC": "K2", "TIC": "TESS"}
"""For which mission each catalogue of stars was made."""
_NAMED = re.compile(r"(?<![a-z])(kic|tic|epic)[\s_.:-]*0*(\d{1,12})(?!\d)", re.IGNORECASE)
_FILES = (
    # As MAST calls them: of Kepler, K2, TESS's own pipeline, and what others made of TESS.
    # Kepler's and K2's prefix says it whatever follows: a curve that was saved anew keeps it.
    (re.compile(r"kplr0*(\d{1,9})(?!\d)", re.IGNORECASE), "KIC"),
    (re.compile(r"ktwo0*(\d{1,9})(?!\d)", re.IGNORECASE), "EPIC"),
    (re.compile(r"tess\d+-s\d+-0*(\d{1,16})-", re.IGNORECASE), "TIC"),
    (
        re.compile(
            r"hlsp_(?:qlp|tess-spoc)_tess_(?:ffi|phot)_(?:s\d+-)?0*(\d{1,16})[_-]", re.IGNORECASE
        ),
        "TIC",
    ),
)


def named_by_file(name: str) -> str | None:
    """Return the star that a file's name names, None where it names none.

    Examples
    --------
    >>> named_by_file("kplr011442793-2009350155506_llc.fits"), named_by_file("EPIC201367065.csv")
    ('KIC 11442793', 'EPIC 201367065')
    >>> named_by_file("kplr011442793.csv"), named_by_file("ktwo201367065_flat.csv")
    ('KIC 11442793', 'EPIC 201367065')
    """
    for pattern, catalogue in _FILES:
        if found := pattern.search(name):
            return f"{catalogue} {found[1]}"
    found = _NAMED.search(name)
    return f"{found[1].upper()} {found[2]}" if found else None


def named_by_cell(cell: Any, heading: str) -> str | None:
    """Return the star that a cell names, None where it is empty.

    Examples
    --------
    >>> named_by_cell(11442793.0, "kepid"), named_by_cell("TIC 260271203", "star")
    ('KIC 11442793', 'TIC 260271203')
    """
    if isinstance(cell, float):
        if math.isnan(cell):
            return None
        cell = int(cell) if cell.is_integer() else cell
    text = str(cell).strip().removesuffix(".0")
    if not text or text.lower() in {"nan", "none"}:
        return None
    catalogue = STARS.get(plain(heading), "")
    if catalogue and text.isdigit():
        return f"{catalogue} {int(text)}"
    found = _NAMED.fullmatch(text)
    return f"{found[1].upper()} {found[2]}" if found else text[:60]


def same_star(names: Iterable[str]) -> bool:
    """Tell whether names mean one star; that it has two in two catalogues cannot be known."""
    return len({re.sub(r"[\s_-]+", "", name).lower() for name in names}) <= 1
