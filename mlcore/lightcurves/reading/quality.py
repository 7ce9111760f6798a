"""Which points the missions themselves call useless, by the bits of their quality flags.

Source of the bits: Kepler Archive Manual (KDMC-10008); TESS Science Data Products
Description Document (EXP-TESS-ARC-ICD-0014), table 28. Which of them make a point useless is what
lightkurve publishes as its default, 1130799 for Kepler and K2 and 17087 for TESS: flags such as
that of a cosmic ray, which the pipelines mend, are no reason to leave a point out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.in_words import counted, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.reading.facts import Facts

__all__ = ["KEPLER", "QUICK_LOOK", "TESS", "Bit", "flagged", "mask_of"]

_WORST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Bit:
    """One flag."""

    number: int
    """From 1, as the missions' documents count."""
    name: str
    useless: bool = False

    @property
    def value(self) -> int:
        """What it adds to the flags of a point."""
        return 1 << (self.number - 1)


KEPLER = (
    Bit(1, "attitude tweak", useless=True),
    Bit(2, "safe mode", useless=True),
    Bit(3, "coarse point", useless=True),
    Bit(4, "Earth point", useless=True),
    Bit(5, "zero crossing of a reaction wheel"),
    Bit(6, "desaturation of the wheels", useless=True),
    Bit(7, "argabrightening"),
    Bit(8, "cosmic ray in the aperture"),
    Bit(9, "excluded by hand", useless=True),
    Bit(11, "sudden drop of sensitivity"),
    Bit(12, "impulsive outlier"),
    Bit(13, "argabrightening on the detector"),
    Bit(14, "cosmic ray in collateral data"),
    Bit(15, "detector anomaly", useless=True),
    Bit(16, "no fine point"),
    Bit(17, "no data", useless=True),
    Bit(18, "rolling band in the aperture"),
    Bit(19, "rolling band in the mask"),
    Bit(20, "possible thruster firing"),
    Bit(21, "thruster firing", useless=True),
)
TESS = (
    Bit(1, "attitude tweak", useless=True),
    Bit(2, "safe mode", useless=True),
    Bit(3, "coarse point", useless=True),
    Bit(4, "Earth point", useless=True),
    Bit(5, "argabrightening", useless=True),
    Bit(6, "desaturation of the wheels", useless=True),
    Bit(7, "cosmic ray in the aperture"),
    Bit(8, "excluded by hand", useless=True),
    Bit(9, "discontinuity corrected"),
    Bit(10, "impulsive outlier", useless=True),
    Bit(11, "cosmic ray in collateral data"),
    Bit(12, "stray light"),
    Bit(13, "scattered light"),
    Bit(14, "excluded from the planet search"),
    Bit(15, "bad calibration", useless=True),
    Bit(16, "too few targets for the correction of errors"),
)
QUICK_LOOK = (
    # The first 12 are SPOC's; the 13th is its own (Huang et al. 2020, RNAAS 4, 204).
    *TESS[:12],
    Bit(13, "low precision", useless=True),
)
_OF_MISSION = {"Kepler": KEPLER, "K2": KEPLER, "TESS": TESS}


def mask_of(bits: Sequence[Bit]) -> int:
    """Return the bits of useless points, added up.

    Examples
    --------
    >>> mask_of(KEPLER), mask_of(TESS)
    (1130799, 17087)
    """
    return sum(bit.value for bit in bits if bit.useless)


def flagged(
    flags: NDArray[np.float64], facts: Facts, heading: str
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Tell which points their flags call useless.

    Parameters
    ----------
    flags
        The column, NaN where it is empty, shape ``(n,)``.
    facts
        Of the file. Where it is of no mission, any flag but 0 makes a point useless, unless most
        points have one: then nobody knows what they mean.
    heading
        What the column is called.

    Returns
    -------
    useless : (n,) bool array
    notes : tuple of str
    """
    nothing = np.zeros(len(flags), dtype=bool)
    whole = np.where(np.isfinite(flags) & (np.abs(flags) < 2**53), flags, 0).astype(np.int64)
    bits = QUICK_LOOK if facts.quick_look else _OF_MISSION.get(facts.mission or "")
    if bits is None:
        useless = whole != 0
        if not useless.any():
            return nothing, ()
        if useless.mean() > 0.5:
            return nothing, (
                f"The column {quoted(heading)} was not used: most points have a flag other than 0.",
            )
        count = counted(int(useless.sum()), "point")
        return useless, (f"{count} with a flag in the column {quoted(heading)} left out.",)
    useless = (whole & mask_of(bits)) != 0
    if not useless.any():
        return nothing, ()
    counts = {bit.name: int((whole & bit.value != 0).sum()) for bit in bits if bit.useless}
    worst = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
    whose = "the Quick-Look Pipeline" if facts.quick_look else facts.mission
    why = joined([f"{name} {counts[name]}" for name in worst[:_WORST_NAMED]])
    note = f"{counted(int(useless.sum()), 'point')} that {whose} flags as useless left out: {why}."
    return useless, (note,)
