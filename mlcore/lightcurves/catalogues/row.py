"""What is carried of a catalogue's row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from mlcore.datasets.object_names import parse_name

__all__ = ["MISSIONS", "CatalogueRow", "called", "lost_light"]

MISSIONS = MappingProxyType({"kepler": "Kepler", "k2": "K2", "tess": "TESS"})
"""Whose catalogues there are, and what they are called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueRow:
    """An object of a mission's catalogue; numbers are NaN where the catalogue has none."""

    mission: str
    """``kepler``, ``k2`` or ``tess``."""
    name: str
    """As the catalogue writes it."""
    star: str
    """With its number, such as ``KIC 11442793``; K2's stars have names, such as ``K2-3``."""
    period: float
    """[d]."""
    period_error: float
    """[d]."""
    epoch: float
    """Mid-time of a transit [BJD]; K2's default columns have none."""
    epoch_error: float
    """[d]."""
    duration: float
    """[h]."""
    depth: float
    """[ppm]; of K2 in percent."""
    magnitude: float
    """In the mission's band."""
    right_ascension: float
    """[deg], as all places in J2000."""
    declination: float
    """[deg]."""
    disposition: str
    """A `Disposition`, as the catalogue states it; empty where it states none."""
    planet: float
    """Probability of a planet by the catalogue's recipe, fitted on other stars, or by `model`."""
    model: str = ""
    """The published model that states it; empty: the recipe."""
    in_sample: bool = False
    """Whether that model was trained on objects of the star."""
    also: tuple[str, ...] = ()
    """The star's numbers in other catalogues, such as ``EPIC 201367065``."""

    @property
    def lost_light(self) -> float:
        """The light that is lost in a transit, in that of a star of magnitude 0."""
        return lost_light(self.depth, self.magnitude)


def lost_light(depth: float, magnitude: float | None) -> float:
    """Return the light that is lost in a transit [10⁻⁶ of a star of magnitude 0]; NaN: unknown.

    Parameters
    ----------
    depth
        [ppm].
    magnitude
        Of the star; None where it is not known.
    """
    return math.nan if magnitude is None else depth * 10 ** (-0.4 * magnitude)


def called(name: str) -> str:
    """Return an object's name as people write it.

    Examples
    --------
    >>> called("K00351.06"), called("TOI 207.01"), called("K2-3 b")
    ('KOI-351.06', 'TOI 207.01', 'K2-3 b')
    """
    read = parse_name(name)
    if read is None or read.catalogue.name != "KOI" or read.candidate is None:
        return name
    return f"KOI-{read.number}.{read.candidate:02d}"
