"""What a derived feature is: a row of facts, like a column, and how a group of them is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mlcore.datasets.spec import Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from mlcore.features.observation import Says

__all__ = ["Arrays", "Feature", "Idea"]

Arrays: TypeAlias = "Mapping[str, NDArray[Any]]"
"""Values by name, each of shape ``(n,)``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One quantity that is computed from a catalogue's measured columns."""

    name: str
    """Its name, lower case; no column of a mission has it."""
    unit: str = ""
    """Its unit as `mlcore.datasets.units.parse_unit` reads it; empty without one."""
    meaning: str
    """A noun phrase that can begin a sentence, such as "Stellar density"."""
    scale: Scale = Scale.LINEAR
    group: str
    """The physical quantity that it belongs to, in words."""
    source: str
    """Where the formula is from."""
    needs: tuple[str, ...]
    """Names of the columns without any of which it is missing."""
    facts: tuple[str, ...] = ()
    """Fields of `mlcore.datasets.spec.Dataset` without any of which a mission does not have it."""
    wide: bool = False
    """Whether it needs a column that only the archive's full table has."""
    of_neighbours: bool = False
    """Whether it depends on the catalogue's other objects."""
    tells_of: str | None = None
    """The physical quantity whose sentence it joins, in words, where that is another than
    `group`: what is the same fact to an astronomer is said once."""
    says: Says | None = None
    """What a sentence says of an object by it; None for the column's own plain phrase."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Idea:
    """Features that one piece of physics gives, computed together."""

    features: tuple[Feature, ...]
    """Their `needs` name quantities of `mlcore.datasets.quantities`, not a mission's columns."""
    compute: Callable[[Arrays, Any], Arrays]
    """Return each feature's values from the quantities of n objects and, where it is
    `of_neighbours`, of everything that is `mlcore.features.surroundings.Around` them."""

    @property
    def of_neighbours(self) -> bool:
        """Whether they depend on the catalogue's other objects."""
        return any(feature.of_neighbours for feature in self.features)
