"""What the missions measure, under one set of names and in one system of units.

A quantity is the same thing wherever a mission has it: depths in parts per million, durations in
hours, epochs as barycentric Julian dates. Everything that is derived starts from here, so that a
formula is written once for all missions.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.spec import Scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets.spec import Dataset

__all__ = ["QUANTITIES", "Quantity", "available"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A measured quantity and where each mission has it."""

    name: str
    unit: str
    """The unit that `quantities_of` gives it in."""
    meaning: str
    columns: Mapping[str, str]
    """Name of its column for each mission that has it."""
    scale: Scale = Scale.LINEAR
    positive: bool = False
    """Whether a value that is not above zero says that it was not measured."""


def _quantity(
    name: str,
    unit: str,
    meaning: str,
    *,
    kepler: str = "",
    tess: str = "",
    k2: str = "",
    scale: Scale = Scale.LINEAR,
    positive: bool = False,
) -> Quantity:
    columns = {"kepler": kepler, "k2": k2, "tess": tess}
    return Quantity(
        name=name,
        unit=unit,
        meaning=meaning,
        columns=MappingProxyType({mission: each for mission, each in columns.items() if each}),
        scale=scale,
        positive=positive or scale is Scale.LOG,
    )


_LOG = Scale.LOG

_SHARED = (
    _quantity(
        "period",
        "d",
        "Orbital period",
        kepler="koi_period",
        tess="pl_orbper",
        k2="pl_orbper",
        scale=_LOG,
    ),
    _quantity(
        "epoch",
        "d",
        "Transit epoch (BJD)",
        kepler="koi_time0bk",
        tess="pl_tranmid",
    ),
    _quantity(
        "duration",
        "h",
        "Transit duration",
        kepler="koi_duration",
        tess="pl_trandurh",
        k2="pl_trandur",
        scale=_LOG,
    ),
    _quantity(
        "depth",
        "ppm",
        "Transit depth",
        kepler="koi_depth",
        tess="pl_trandep",
        k2="pl_trandep",
        scale=_LOG,
    ),
    _quantity(
        "radius",
        "R_earth",
        "Planet radius",
        kepler="koi_prad",
        tess="pl_rade",
        k2="pl_rade",
        scale=_LOG,
    ),
    _quantity(
        "insolation",
        "",
        "Insolation in Earth flux",
        kepler="koi_insol",
        tess="pl_insol",
        scale=_LOG,
    ),
    _quantity(
        "equilibrium_temperature",
        "K",
        "Equilibrium temperature",
        kepler="koi_teq",
        tess="pl_eqt",
        positive=True,
    ),
    _quantity(
        "stellar_temperature",
        "K",
        "Stellar effective temperature",
        kepler="koi_steff",
        tess="st_teff",
        k2="st_teff",
        positive=True,
    ),
    _quantity(
        "stellar_gravity",
        "dex(cm / s2)",
        "Stellar surface gravity",
        kepler="koi_slogg",
        tess="st_logg",
        k2="st_logg",
    ),
    _quantity(
        "stellar_radius",
        "R_sun",
        "Stellar radius",
        kepler="koi_srad",
        tess="st_rad",
        k2="st_rad",
        scale=_LOG,
    ),
    _quantity("distance", "pc", "Stellar distance", tess="st_dist", k2="sy_dist", scale=_LOG),
    _quantity(
        "magnitude",
        "mag",
        "Magnitude in the mission's own band",
        kepler="koi_kepmag",
        tess="st_tmag",
        k2="sy_gaiamag",
    ),
    _quantity("right_ascension", "deg", "Right ascension", kepler="ra", tess="ra", k2="ra"),
    _quantity("declination", "deg", "Declination", kepler="dec", tess="dec", k2="dec"),
    _quantity("proper_motion_ra", "mas / yr", "Proper motion in right ascension", tess="st_pmra"),
    _quantity("proper_motion_dec", "mas / yr", "Proper motion in declination", tess="st_pmdec"),
)

_KEPLER_ONLY = (
    _quantity("impact", "", "Impact parameter", kepler="koi_impact"),
    _quantity("snr", "", "Transit signal-to-noise ratio", kepler="koi_model_snr", scale=_LOG),
    *(
        _quantity(f"{name}_{side}", unit, f"{word} uncertainty of the {meaning}", kepler=column)
        for name, unit, meaning, stem in (
            ("period", "d", "orbital period", "koi_period"),
            ("epoch", "d", "transit epoch", "koi_time0bk"),
            ("impact", "", "impact parameter", "koi_impact"),
            ("duration", "h", "transit duration", "koi_duration"),
            ("depth", "ppm", "transit depth", "koi_depth"),
            ("radius", "R_earth", "planet radius", "koi_prad"),
            ("insolation", "", "insolation", "koi_insol"),
            ("stellar_temperature", "K", "stellar effective temperature", "koi_steff"),
            ("stellar_gravity", "dex(cm / s2)", "stellar surface gravity", "koi_slogg"),
            ("stellar_radius", "R_sun", "stellar radius", "koi_srad"),
        )
        for side, word, column in (
            ("upper", "Upper", f"{stem}_err1"),
            ("lower", "Lower", f"{stem}_err2"),
        )
    ),
    _quantity("radius_ratio", "", "Planet-star radius ratio", kepler="koi_ror", scale=_LOG),
    _quantity(
        "transit_density",
        "g / cm3",
        "Stellar density from the transit",
        kepler="koi_srho",
        scale=_LOG,
    ),
    _quantity(
        "single_event", "", "Maximum single event statistic", kepler="koi_max_sngle_ev", scale=_LOG
    ),
    _quantity(
        "multiple_event",
        "",
        "Maximum multiple event statistic",
        kepler="koi_max_mult_ev",
        scale=_LOG,
    ),
    _quantity("transits", "", "Number of transits", kepler="koi_num_transits", scale=_LOG),
    _quantity(
        "odd_even",
        "",
        "Significance that odd and even transits are equally deep",
        kepler="koi_bin_oedp_sig",
    ),
    _quantity(
        "freedom", "", "Degrees of freedom of the transit fit", kepler="koi_model_dof", scale=_LOG
    ),
    _quantity(
        "chi_square", "", "Chi-square of the transit fit", kepler="koi_model_chisq", scale=_LOG
    ),
    *(
        _quantity(f"{band}_magnitude", "mag", f"{band} magnitude", kepler=f"koi_{band}mag")
        for band in "grizjhk"
    ),
    *(
        each
        for name, meaning, stem in (
            ("centroid_ra", "Flux-weighted right ascension offset of the source", "koi_fwm_srao"),
            ("centroid_dec", "Flux-weighted declination offset of the source", "koi_fwm_sdeco"),
            ("shift_ra", "Flux-weighted right ascension shift in transit", "koi_fwm_prao"),
            ("shift_dec", "Flux-weighted declination shift in transit", "koi_fwm_pdeco"),
            ("image_ra", "Right ascension offset from the star out of transit", "koi_dicco_mra"),
            ("image_dec", "Declination offset from the star out of transit", "koi_dicco_mdec"),
            ("image", "Angular offset from the star out of transit", "koi_dicco_msky"),
            ("catalogue_ra", "Right ascension offset from the catalogue", "koi_dikco_mra"),
            ("catalogue_dec", "Declination offset from the catalogue", "koi_dikco_mdec"),
            ("catalogue", "Angular offset from the catalogue", "koi_dikco_msky"),
        )
        for each in (
            _quantity(f"{name}_offset", "arcsec", meaning, kepler=stem),
            _quantity(
                f"{name}_offset_error",
                "arcsec",
                f"Uncertainty of the {meaning[0].lower()}{meaning[1:]}",
                kepler=f"{stem}_err",
            ),
        )
    ),
)

QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {quantity.name: quantity for quantity in (*_SHARED, *_KEPLER_ONLY)}
)
"""Every quantity by name."""


def available(dataset: Dataset) -> Mapping[str, str]:
    """Return the column of each quantity that a mission has."""
    return {
        name: quantity.columns[dataset.name]
        for name, quantity in QUANTITIES.items()
        if dataset.name in quantity.columns
    }
