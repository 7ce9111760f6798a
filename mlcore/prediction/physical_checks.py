"""What is physically expected of a transiting planet, as rows with formula, source and limit.

No label was used to set a limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import constants, units

from mlcore.datasets.radii import LARGEST_PLANET, SUN_IN_EARTHS
from mlcore.features.stars import stellar_density
from mlcore.features.transit import scaled_axis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Quantities = Mapping[str, NDArray[np.float64]]

__all__ = ["CHECKS", "CHECKS_BY_NAME", "Measured", "PhysicalCheck", "checks_in_full"]

_JUPITER_DENSITY = (constants.M_jup / (4 / 3 * np.pi * (1 * units.R_earth) ** 3)).to_value(
    "g / cm3"
)
"""Mean density of one Jupiter mass within one Earth radius [g / cm3]."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Measured:
    """What a check found for each row, with the limits that it allows; shape ``(n,)`` each."""

    value: NDArray[np.float64]
    low: NDArray[np.float64] | float = -math.inf
    high: NDArray[np.float64] | float = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class PhysicalCheck:
    """A physical expectation of a transiting planet."""

    name: str
    subject: str
    """What is compared with the limit, a noun phrase that can begin a sentence."""
    unit: str
    """Of the compared value, as `mlcore.datasets.units.parse_unit` reads it."""
    question: str
    """What it checks, as a sentence about planets."""
    formula: str
    source: str
    threshold: str
    """The limit in words."""
    limit: str
    """What the limit is, in words that follow its number."""
    needs: tuple[str, ...]
    """Names of the quantities in `mlcore.datasets.quantities` without which it cannot be done."""
    measure: Callable[[Quantities], Measured]
    """Return value and limits from the values of the quantities, by name."""

    def as_json(self) -> dict[str, Any]:
        """Return what is declared of it as JSON values."""
        names = ("subject", "unit", "question", "formula", "threshold", "source")
        return {"check": self.name, **{name: getattr(self, name) for name in names}}


def _scaled_axis(rows: Quantities) -> NDArray[np.float64]:
    density = stellar_density(rows["stellar_gravity"], rows["stellar_radius"])
    return scaled_axis(rows["period"], density)


def _ratio(rows: Quantities) -> NDArray[np.float64]:
    """Return the planet-star radius ratio: the fitted one, else that of the two radii."""
    of_radii = rows["radius"] / (rows["stellar_radius"] * SUN_IN_EARTHS)
    fitted = rows["radius_ratio"]
    return np.where(np.isnan(fitted), of_radii, fitted)


def _duration(rows: Quantities) -> Measured:
    ratio = np.sqrt(np.minimum(rows["depth"] * 1e-6, 1.0))
    sine = np.minimum((1 + ratio) / _scaled_axis(rows), 1.0)
    longest = 24 * rows["period"] / np.pi * np.arcsin(sine)
    return Measured(value=rows["duration"], high=2 * longest)


def _depth(rows: Quantities) -> Measured:
    implied = 1e6 * _ratio(rows) ** 2
    return Measured(value=rows["depth"], low=implied / 2, high=2 * implied)


def _temperature(rows: Quantities) -> Measured:
    blackbody = 278.3 * rows["insolation"] ** 0.25
    value = rows["equilibrium_temperature"]
    return Measured(value=value, low=0.7 * blackbody, high=1.2 * blackbody)


def _roche(rows: Quantities) -> Measured:
    density = np.minimum(10.0, 3 * _JUPITER_DENSITY / rows["radius"] ** 3)
    return Measured(value=24 * rows["period"], low=12.6 / np.sqrt(density))


def _odd_even(rows: Quantities) -> Measured:
    significance = rows["odd_even"]
    # The catalogue writes -1 where there were not transits enough to compare.
    return Measured(value=np.where(significance < 0, np.nan, significance), low=0.0027)


def _source(rows: Quantities) -> Measured:
    offset, error = rows["catalogue_offset"], rows["catalogue_offset_error"]
    # Saturation and crowding shift it by part of a pixel, however small its formal error.
    return Measured(value=offset, high=np.maximum(3 * error, 1.0))


CHECKS: tuple[PhysicalCheck, ...] = (
    PhysicalCheck(
        name="planet_radius",
        subject="Planet radius",
        unit="R_earth",
        question="A planet is no larger than the most inflated hot Jupiters.",
        formula="R_p ≤ 2 R_Jup",
        source="Chabrier and Baraffe 2000, ARA&A 38, 337; Thorngren and Fortney 2018, AJ 155, 214",
        threshold="2 Jupiter radii, 22.4 Earth radii",
        limit="2 Jupiter radii, which hardly any planet exceeds",
        needs=("radius",),
        measure=lambda rows: Measured(value=rows["radius"], high=LARGEST_PLANET),
    ),
    PhysicalCheck(
        name="transit_duration",
        subject="Transit duration",
        unit="h",
        question="A transit lasts no longer than the star's density and the period allow.",
        formula="T ≤ 2 P/π asin((1 + √δ) / (a/R★)), (a/R★)³ = G ρ★ P² / (3π), ρ★ = 3g / (4πGR★)",
        source="Seager and Mallén-Ornelas 2003, ApJ 585, 1038",
        threshold="twice the central transit of a circular orbit, which leaves room for an"
        " eccentricity of 0.6 at apastron",
        limit="twice the longest transit that the star's density and the period allow on a"
        " circular orbit",
        needs=("duration", "period", "depth", "stellar_gravity", "stellar_radius"),
        measure=_duration,
    ),
    PhysicalCheck(
        name="duty_cycle",
        subject="Share of the orbit spent in transit",
        unit="",
        question="A planet is in transit for a small part of its orbit.",
        formula="T / P ≤ 0.2",
        source="Winn 2010, arXiv:1001.2010: 0.2 of a circular orbit means 1.7 stellar radii",
        threshold="0.2",
        limit="which only an orbit next to the star's surface exceeds",
        needs=("duration", "period"),
        measure=lambda rows: Measured(value=rows["duration"] / (24 * rows["period"]), high=0.2),
    ),
    PhysicalCheck(
        name="transit_depth",
        subject="Transit depth",
        unit="ppm",
        question="A transit is as deep as the planet's and the star's radius make it.",
        formula="k² / 2 ≤ δ ≤ 2 k², k = R_p / R★",
        source="Seager and Mallén-Ornelas 2003, ApJ 585, 1038",
        threshold="a factor of 2, which leaves room for limb darkening",
        limit="a factor of 2 from the square of the planet-star radius ratio",
        needs=("depth", "radius", "stellar_radius"),
        measure=_depth,
    ),
    PhysicalCheck(
        name="grazing",
        subject="Impact parameter plus radius ratio",
        unit="",
        question="The whole of the planet passes in front of the star.",
        formula="b + k ≤ 1, k = R_p / R★",
        source="Winn 2010, arXiv:1001.2010",
        threshold="1",
        limit="beyond which only a part of the body crosses the star",
        needs=("impact", "radius", "stellar_radius"),
        measure=lambda rows: Measured(value=rows["impact"] + _ratio(rows), high=1.0),
    ),
    PhysicalCheck(
        name="equilibrium_temperature",
        subject="Equilibrium temperature",
        unit="K",
        question="The equilibrium temperature is that of the insolation.",
        formula="0.7 ≤ T_eq / (278.3 K S^¼) ≤ 1.2",
        source="Stefan–Boltzmann law with albedo 0 and even redistribution; an albedo of 0.3"
        " gives 0.91",
        threshold="−30 % and +20 %",
        limit="the most that an albedo can make of this insolation",
        needs=("equilibrium_temperature", "insolation"),
        measure=_temperature,
    ),
    PhysicalCheck(
        name="roche_limit",
        subject="Orbital period",
        unit="h",
        question="A planet orbits outside the distance at which the star's tides disrupt it.",
        formula="P ≥ 12.6 h / √(ρ_p / 1 g cm⁻³), ρ_p = min(10 g cm⁻³, 3 M_Jup / (4/3 π R_p³))",
        source="Rappaport et al. 2013, ApJ 773, L15",
        threshold="for the densest planet of this radius: iron-rich, or of 3 Jupiter masses",
        limit="the shortest on which tides leave even a dense planet of this radius whole",
        needs=("period", "radius"),
        measure=_roche,
    ),
    PhysicalCheck(
        name="orbit_outside_star",
        subject="Semi-major axis in stellar radii",
        unit="",
        question="A planet's orbit lies outside its star.",
        formula="a/R★ ≥ 1.5, (a/R★)³ = G ρ★ P² / (3π), ρ★ = 3g / (4πGR★)",
        source="Kepler's third law; Seager and Mallén-Ornelas 2003, ApJ 585, 1038",
        threshold="1.5",
        limit="within which an orbit all but touches the star",
        needs=("period", "stellar_gravity", "stellar_radius"),
        measure=lambda rows: Measured(value=_scaled_axis(rows), low=1.5),
    ),
    PhysicalCheck(
        name="odd_even_depth",
        subject="Significance that odd and even transits are equally deep",
        unit="",
        question="Every second transit is as deep as the others; two stars that eclipse each"
        " other alternate.",
        formula="p(odd = even) ≥ 0.0027",
        source="Batalha et al. 2010, ApJ 713, L103",
        threshold="0.0027, three standard deviations",
        limit="three standard deviations",
        needs=("odd_even",),
        measure=_odd_even,
    ),
    PhysicalCheck(
        name="source_offset",
        subject="Angular offset of the transit source from the star",
        unit="arcsec",
        question="The light is lost where the star is, not at a neighbour.",
        formula="d ≤ max(3 σ_d, 1 arcsec)",
        source="Bryson et al. 2013, PASP 125, 889",
        threshold="three standard deviations and a quarter of a Kepler pixel",
        limit="three standard deviations and at least a quarter of a pixel",
        needs=("catalogue_offset", "catalogue_offset_error"),
        measure=_source,
    ),
    PhysicalCheck(
        name="signal_to_noise",
        subject="Transit signal-to-noise ratio",
        unit="",
        question="The signal is stronger than what noise makes once in a survey.",
        formula="S/N ≥ 7.1",
        source="Jenkins, Caldwell and Borucki 2002, ApJ 564, 495",
        threshold="7.1",
        limit="the Kepler pipeline's own limit for a detection",
        needs=("snr",),
        measure=lambda rows: Measured(value=rows["snr"], low=7.1),
    ),
)
"""The checks in the order in which they are shown."""

CHECKS_BY_NAME: Mapping[str, PhysicalCheck] = MappingProxyType(
    {check.name: check for check in CHECKS}
)


def checks_in_full(assessed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came of an object's checks, each with what is declared of it.

    Parameters
    ----------
    assessed
        As `mlcore.prediction.assessment.Assessment.as_json` has it; of an object that nobody has
        looked at it lacks values and sentences.

    Returns
    -------
    dict
        ``failed`` and ``passed``, each a list, and ``unchecked``, of names alone.
    """
    measured: dict[str, dict[str, Any]] = {
        check["check"]: check for check in assessed.get("checks", ())
    }

    def in_full(name: str) -> dict[str, Any]:
        return CHECKS_BY_NAME[name].as_json() | measured.get(name, {})

    return {
        "failed": [in_full(one["check"]) | one for one in assessed.get("failed_checks", ())],
        "passed": [in_full(name) for name in assessed.get("passed_checks", ())],
        "unchecked": list(assessed.get("unchecked", ())),
    }
