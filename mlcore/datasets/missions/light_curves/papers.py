"""The papers that the vetting tests are from."""

from __future__ import annotations

from mlcore.datasets.missions.kepler import CATALOGUE_PAPER
from mlcore.references import Reference

__all__ = [
    "CENTROIDS",
    "DURATIONS",
    "EPHEMERIS_MATCHING",
    "EXPOSURES",
    "INFLATED",
    "MULTIPLES",
    "RED_NOISE",
    "ROBOVETTER",
]

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
EXPOSURES = Reference(
    key="kipping2010",
    title="Binning is sinning: morphological light-curve distortions due to finite integration"
    " time",
    authors="Kipping, David M.",
    year=2010,
    doi="10.1111/j.1365-2966.2010.17242.x",
    where={
        "journal": "Monthly Notices of the Royal Astronomical Society",
        "volume": "408",
        "pages": "1758--1769",
    },
)
DURATIONS = Reference(
    key="seager2003",
    title="A Unique Solution of Planet and Star Parameters from an Extrasolar Planet Transit Light"
    " Curve",
    authors="Seager, Sara and Mallén-Ornelas, Gabriela",
    year=2003,
    doi="10.1086/346105",
    where={"journal": "The Astrophysical Journal", "volume": "585", "pages": "1038--1055"},
)
CENTROIDS = Reference(
    key="bryson2013",
    title="Identification of Background False Positives from Kepler Data",
    authors="Bryson, Stephen T. and Jenkins, Jon M. and Gilliland, Ronald L. and others",
    year=2013,
    doi="10.1086/671767",
    where={
        "journal": "Publications of the Astronomical Society of the Pacific",
        "volume": "125",
        "pages": "889",
    },
)
EPHEMERIS_MATCHING = Reference(
    key="coughlin2014",
    title="Contamination in the Kepler Field. Identification of 685 KOIs as False Positives via"
    " Ephemeris Matching Based on Q1-Q12 Data",
    authors="Coughlin, Jeffrey L. and Thompson, Susan E. and Bryson, Stephen T. and others",
    year=2014,
    doi="10.1088/0004-6256/147/5/119",
    where={"journal": "The Astronomical Journal", "volume": "147", "pages": "119"},
)
INFLATED = Reference(
    key="thorngren2018",
    title="Bayesian Analysis of Hot-Jupiter Radius Anomalies: Evidence for Ohmic Dissipation?",
    authors="Thorngren, Daniel P. and Fortney, Jonathan J.",
    year=2018,
    doi="10.3847/1538-3881/aaba13",
    where={"journal": "The Astronomical Journal", "volume": "155", "pages": "214"},
)
