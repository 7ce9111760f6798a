"""The papers that the vetting tests are from."""

from __future__ import annotations

from mlcore.datasets.missions.kepler import CATALOGUE_PAPER
from mlcore.references import Reference

__all__ = ["MULTIPLES", "RED_NOISE", "ROBOVETTER", "VIEWS"]

ROBOVETTER = CATALOGUE_PAPER
"""Its section on the Robovetter: what is tested in a signal, and how."""

MULTIPLES = Reference(
    key="lissauer2012",
    title="Almost All of Kepler's Multiple-planet Candidates Are Planets",
    authors="Lissauer, Jack J. and Marcy, Geoffrey W. and Rowe, Jason F. and others",
    year=2012,
    doi="10.1088/0004-637X/750/2/112",
    where={"journal": "The Astrophysical Journal", "volume": "750", "pages": "112"},
)
RED_NOISE = Reference(
    key="pont2006",
    title="The Effect of Red Noise on Planetary Transit Detection",
    authors="Pont, Frédéric and Zucker, Shay and Queloz, Didier",
    year=2006,
    doi="10.1111/j.1365-2966.2006.11012.x",
    where={
        "journal": "Monthly Notices of the Royal Astronomical Society",
        "volume": "373",
        "pages": "231--242",
    },
)
VIEWS = Reference(
    key="shallue2018",
    title="Identifying Exoplanets with Deep Learning: A Five-planet Resonant Chain around"
    " Kepler-80 and an Eighth Planet around Kepler-90",
    authors="Shallue, Christopher J. and Vanderburg, Andrew",
    year=2018,
    doi="10.3847/1538-3881/aa9e09",
    where={"journal": "The Astronomical Journal", "volume": "155", "pages": "94"},
)
