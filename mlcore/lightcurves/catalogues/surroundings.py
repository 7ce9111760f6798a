"""What the catalogues have of a star, and of others that are near it on the sky."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.lightcurves.catalogues.carried import carried_rows

if TYPE_CHECKING:
    from mlcore.lightcurves.catalogues.carried import CatalogueRows
    from mlcore.lightcurves.catalogues.row import CatalogueRow
    from mlcore.lightcurves.light_curve import Star

__all__ = ["REACH", "SAME_PLACE", "Surroundings", "surroundings_of"]

REACH = 240.0
"""How far another star's light is looked for [arcsec].

Of the KOIs of 2025-10-04, 412 pairs at different stars whose ephemerides are one lie within four
arcminutes of each other, where at the rate of pairs farther than 800 arcseconds fewer than one
would; ephemerides were one with periods equal to 5 in 100,000 and epochs to a quarter of the
duration. Coughlin et al. 2014, AJ 147, 119, found 685 such KOIs.
"""
SAME_PLACE = 2.0
"""Within which two places are taken for one star's [arcsec]: half a pixel of Kepler."""
_SAME_ELSEWHERE = 10.0
"""The same of places in catalogues of different stars: a star moves between them, such as KOI-3,
TOI 1144, by 4 arcseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Rows of the catalogues."""

    own: tuple[CatalogueRow, ...] = ()
    """Of the star itself, by its number or its place."""
    near: tuple[tuple[CatalogueRow, float], ...] | None = None
    """Of other stars with known epochs, and how far they are [arcsec]; None where nobody knows
    where the star is."""


def surroundings_of(
    star: Star, name: str | None = None, *, rows: CatalogueRows | None = None
) -> Surroundings:
    """Look a star up.

    Parameters
    ----------
    star
        What its file says of it.
    name
        What its files' names say it is; the file's own word goes before.
    rows
        Where to look; by default what the package carries.
    """
    rows = carried_rows() if rows is None else rows
    own = rows.of_star(star.name or name or "")
    place = (star.right_ascension, star.declination)
    if None in place and own:
        place = own[0].right_ascension, own[0].declination
    ra, dec = (math.nan if one is None else one for one in place)
    if not (math.isfinite(ra) and math.isfinite(dec)):
        return Surroundings(own=own)
    around = rows.near(ra, dec, within=REACH)
    numbered = (star.name or name or "").partition(" ")[0]
    # What is unknown of a row is not equal to itself.
    names = {(row.mission, row.name) for row in own}
    others = [(row, apart) for row, apart in around if (row.mission, row.name) not in names]

    def is_it(row: CatalogueRow, apart: float) -> bool:
        same_list = not numbered or row.star.partition(" ")[0] == numbered
        return apart <= (SAME_PLACE if same_list else _SAME_ELSEWHERE)

    here = tuple(row for row, apart in others if is_it(row, apart))
    return Surroundings(
        own=own + here,
        near=tuple(
            (row, apart)
            for row, apart in others
            if not is_it(row, apart) and math.isfinite(row.epoch) and row.period > 0
        ),
    )
