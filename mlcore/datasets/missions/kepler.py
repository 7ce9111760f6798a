"""The Kepler objects of interest, the archive's table ``cumulative``."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from mlcore.datasets.links import Link
from mlcore.datasets.object_names import Catalogue
from mlcore.datasets.publication import DEEP_TREES, THREE_CLASS_TREES, Publication
from mlcore.datasets.spec import (
    CarriedTable,
    Column,
    Dataset,
    Disposition,
    Role,
    Scale,
    Untreated,
    with_errors,
)
from mlcore.in_words import lowered
from mlcore.references import Reference

__all__ = ["CATALOGUE_PAPER", "DR25", "KEPLER"]

_MISSION = Reference(
    key="borucki2010",
    title="Kepler Planet-Detection Mission: Introduction and First Results",
    authors="Borucki, William J. and Koch, David and Basri, Gibor and others",
    year=2010,
    doi="10.1126/science.1185402",
    where={"journal": "Science", "volume": "327", "pages": "977--980"},
)
CATALOGUE_PAPER = Reference(
    key="thompson2018",
    title="Planetary Candidates Observed by Kepler. VIII. A Fully Automated Catalog with Measured"
    " Completeness and Reliability Based on Data Release 25",
    authors="Thompson, Susan E. and Coughlin, Jeffrey L. and Hoffman, Kelsey and others",
    year=2018,
    doi="10.3847/1538-4365/aab4f9",
    where={
        "journal": "The Astrophysical Journal Supplement Series",
        "volume": "235",
        "pages": "38",
    },
)

_VERDICT = "it is part of the vetting that led to the disposition"
_NAMED = "only a confirmed planet has one"
_FOLLOW_UP = (
    "how exactly a star is known follows its follow-up, which hosts of planets got, and what is"
    " computed from the star inherits that"
)
_RUN = "it tells which objects the last pipeline run left out, nearly all of them false positives"

_text = partial(Column, unit="", text=True)
_identifier = partial(_text, role=Role.IDENTIFIER)
_position = partial(Column, unit="deg", role=Role.IDENTIFIER)
_verdict = partial(Column, unit="", role=Role.BOOKKEEPING, leak=_VERDICT)
_run = partial(_text, role=Role.BOOKKEEPING, leak=_RUN)
_record = partial(Column, unit="", role=Role.BOOKKEEPING)
_note = partial(_record, text=True)
_LOG = Scale.LOG

_PLANET_NAME = _identifier(
    name="kepler_name",
    meaning="Planet name",
    leak=_NAMED,
    aliases=("Kepler Name", "Kepler planet name", "Planet name"),
    catalogue=Catalogue.KEPLER,
)


def _value(name: str, unit: str, meaning: str, role: Role = Role.FEATURE, **facts: Any) -> Column:
    return Column(name=name, unit=unit, meaning=meaning, role=role, **facts)


def _quantity(*described: Any, errors: Role | None = None, **facts: Any) -> tuple[Column, ...]:
    """Declare a measured value, as `_value` does, and its uncertainties."""
    return with_errors(_value(*described, **facts), role=errors)


def _by_star(*described: Any, **facts: Any) -> tuple[Column, ...]:
    """Declare a value that is computed from the star's: its uncertainties are no features."""
    return with_errors(_value(*described, **facts), role=Role.BOOKKEEPING, leak=_FOLLOW_UP)


def _offset(*described: Any, **facts: Any) -> tuple[Column, Column]:
    """Declare a measured place or offset and its only, symmetric, uncertainty."""
    value = _wide(*described, **facts)
    error = replace(
        value,
        name=f"{value.name}_err",
        meaning=f"Uncertainty of the {lowered(value.meaning)}",
        scale=_LOG,
        uncertainty_of=value.name,
    )
    return value, error


_wide = partial(_value, wide=True)
_wide_quantity = partial(_quantity, wide=True)
_of_star = partial(_by_star, of_star=True)
_wide_of_star = partial(_of_star, wide=True)
_place = partial(_offset, role=Role.IDENTIFIER)
_shift = partial(_offset, misstated=("s",))

_DIFFERENCE_IMAGES = tuple(
    column
    for reference, against in (("dicco", "the star out of transit"), ("dikco", "the catalogue"))
    for quarters, measured in (("m", "over all quarters"), ("f", "in a single quarter"))
    for axis, along, scale in (
        ("ra", "Right ascension", Scale.LINEAR),
        ("dec", "Declination", Scale.LINEAR),
        ("sky", "Angular", _LOG),
    )
    for column in _offset(
        f"koi_{reference}_{quarters}{axis}",
        "arcsec",
        f"{along} offset of the transit source from {against}, {measured}",
        scale=scale,
    )
)

DR25 = CarriedTable(
    path=Path(__file__).parents[1] / "carried" / "kepler_q1_q17_dr25.parquet",
    title="Kepler Q1-Q17 DR25 table of 2017",
    dated=date(2017, 7, 19),
    sha256="328c5ce08d6388b77c4a81543e37bf19f755236828359d5fc2c00d7cb2d0cd6c",
    rows=8054,
    names=Path(__file__).parents[1] / "carried" / "kepler_names.csv",
)

_WITH_UNCERTAINTIES = {
    "period": "koi_period",
    "epoch": "koi_time0bk",
    "duration": "koi_duration",
    "depth": "koi_depth",
    "impact": "koi_impact",
}
_OFFSETS = {
    "centroid_ra": "koi_fwm_srao",
    "centroid_dec": "koi_fwm_sdeco",
    "shift_ra": "koi_fwm_prao",
    "shift_dec": "koi_fwm_pdeco",
    "image_ra": "koi_dicco_mra",
    "image_dec": "koi_dicco_mdec",
    "image": "koi_dicco_msky",
    "catalogue_ra": "koi_dikco_mra",
    "catalogue_dec": "koi_dikco_mdec",
    "catalogue": "koi_dikco_msky",
}
_QUANTITIES = {
    **_WITH_UNCERTAINTIES,
    **{f"{quantity}_upper": f"{column}_err1" for quantity, column in _WITH_UNCERTAINTIES.items()},
    **{f"{quantity}_lower": f"{column}_err2" for quantity, column in _WITH_UNCERTAINTIES.items()},
    "radius": "koi_prad",
    "insolation": "koi_insol",
    "equilibrium_temperature": "koi_teq",
    "stellar_temperature": "koi_steff",
    "stellar_gravity": "koi_slogg",
    "stellar_radius": "koi_srad",
    "magnitude": "koi_kepmag",
    "right_ascension": "ra",
    "declination": "dec",
    "snr": "koi_model_snr",
    "radius_ratio": "koi_ror",
    "transit_density": "koi_srho",
    "single_event": "koi_max_sngle_ev",
    "multiple_event": "koi_max_mult_ev",
    "transits": "koi_num_transits",
    "odd_even": "koi_bin_oedp_sig",
    "freedom": "koi_model_dof",
    "chi_square": "koi_model_chisq",
    **{f"{band}_magnitude": f"koi_{band}mag" for band in "grizjhk"},
    **{f"{quantity}_offset": column for quantity, column in _OFFSETS.items()},
    **{f"{quantity}_offset_error": f"{column}_err" for quantity, column in _OFFSETS.items()},
}

_WIDE_LIMIT = (
    "It needs the columns of the archive's full table, such as the centroid offsets, which only"
    " objects have that the pipeline's last run (DR25) treated: it was trained and tested on these"
    " alone, of a table that was put together from several of the archive's own."
)

KEPLER = Dataset(
    name="kepler",
    title="Kepler objects of interest",
    short_title="Kepler",
    archive_table="cumulative",
    # https://exoplanetarchive.ipac.caltech.edu/docs/doi.html
    doi="10.26133/NEA4",
    references=(_MISSION, CATALOGUE_PAPER),
    columns=(
        _note(name="rowid", meaning="Number of the row in the archive"),
        _note(name="loc_rowid", meaning="Number of the row in a download"),
        _identifier(
            name="kepid",
            meaning="Kepler Input Catalog number of the star",
            aliases=(
                *("KepID", "KIC", "KIC ID", "KIC number"),
                *("KIC no", "KIC #", "Kepler ID", "KIC name"),
            ),
            catalogue=Catalogue.KIC,
        ),
        _identifier(
            name="kepoi_name",
            meaning="Kepler object of interest",
            aliases=(
                *("KOI Name", "KOI", "KOI ID", "KOI number"),
                *("KOI no", "KOI #", "Kepler Object of Interest"),
            ),
            catalogue=Catalogue.KOI,
        ),
        _PLANET_NAME,
        _text(
            name="koi_disposition",
            meaning="Disposition by the archive",
            role=Role.LABEL,
            aliases=("Exoplanet Archive Disposition", "Archive Disposition", "KOI Disposition"),
        ),
        _verdict(name="koi_vet_stat", meaning="Status of the vetting", text=True),
        _verdict(name="koi_vet_date", meaning="Date of the vetting", text=True),
        _verdict(
            name="koi_pdisposition",
            meaning="Disposition from Kepler data alone",
            text=True,
            aliases=("Disposition Using Kepler Data",),
        ),
        _verdict(
            name="koi_score",
            meaning="Confidence in the disposition",
            aliases=("Disposition Score", "KOI Score"),
        ),
        _verdict(
            name="koi_fpflag_nt",
            meaning="Flag that the signal is not transit-like",
            aliases=("Not Transit-Like False Positive Flag", "Not Transit-Like Flag"),
        ),
        _verdict(
            name="koi_fpflag_ss",
            meaning="Flag that the signal is a stellar eclipse",
            aliases=("Stellar Eclipse False Positive Flag", "Stellar Eclipse Flag"),
        ),
        _verdict(
            name="koi_fpflag_co",
            meaning="Flag that the transit source is off the star",
            aliases=("Centroid Offset False Positive Flag", "Centroid Offset Flag"),
        ),
        _verdict(
            name="koi_fpflag_ec",
            meaning="Flag that the ephemeris matches another object",
            aliases=(
                "Ephemeris Match Indicates Contamination False Positive Flag",
                "Ephemeris Match Indicates Contamination Flag",
            ),
        ),
        _verdict(name="koi_disp_prov", meaning="Origin of the disposition", text=True),
        _verdict(name="koi_comment", meaning="Comment of the vetting", text=True),
        *_quantity("koi_period", "d", "Orbital period", scale=_LOG, plausible=(0.02, 1e6)),
        # The epoch is a date; how exactly it is known measures the signal.
        *_quantity(
            "koi_time0bk", "d", "Transit epoch (BKJD)", Role.BOOKKEEPING, errors=Role.FEATURE
        ),
        *_wide_quantity("koi_time0", "d", "Transit epoch (BJD)", Role.BOOKKEEPING),
        *_wide_quantity("koi_eccen", "", "Eccentricity", bounds=(0.0, 1.0)),
        *_wide_quantity("koi_longp", "deg", "Longitude of periastron"),
        *_quantity(
            "koi_impact", "", "Impact parameter", bounds=(0.0, math.inf), plausible=(0.0, 300.0)
        ),
        *_quantity("koi_duration", "h", "Transit duration", scale=_LOG, plausible=(0.01, 500.0)),
        *_wide_quantity("koi_ingress", "h", "Ingress duration", scale=_LOG),
        *_quantity("koi_depth", "ppm", "Transit depth", scale=_LOG, plausible=(0.5, 2e6)),
        *_wide_quantity(
            "koi_ror", "", "Planet-star radius ratio", scale=_LOG, plausible=(0.0001, 300.0)
        ),
        *_wide_quantity(
            "koi_srho",
            "g / cm3",
            "Stellar density from the transit",
            scale=_LOG,
            aliases=("Fitted Stellar Density",),
        ),
        _note(name="koi_fittype", meaning="Kind of the transit fit", wide=True),
        *_by_star("koi_prad", "R_earth", "Planet radius", scale=_LOG, plausible=(0.02, 1e6)),
        *_by_star(
            "koi_sma", "au", "Semi-major axis", scale=_LOG, wide=True, plausible=(0.001, 1000.0)
        ),
        *_wide_quantity("koi_incl", "deg", "Orbital inclination", bounds=(0.0, 180.0)),
        # Its uncertainties are empty in every table that the archive published.
        *_by_star("koi_teq", "K", "Equilibrium temperature", plausible=(3.0, 1e5)),
        *_by_star("koi_insol", "", "Insolation in Earth flux", scale=_LOG, plausible=(0.0, 1e9)),
        *_wide_quantity("koi_dor", "", "Planet-star distance in stellar radii", scale=_LOG),
        _note(name="koi_limbdark_mod", meaning="Limb darkening model", wide=True),
        *(
            _record(
                name=f"koi_ldm_coeff{number}",
                meaning=f"Limb darkening coefficient {number}",
                wide=True,
            )
            for number in (4, 3, 2, 1)
        ),
        _run(name="koi_parm_prov", meaning="Origin of the transit parameters", wide=True),
        _wide("koi_max_sngle_ev", "", "Maximum single event statistic", scale=_LOG),
        _wide("koi_max_mult_ev", "", "Maximum multiple event statistic", scale=_LOG),
        _value(
            "koi_model_snr",
            "",
            "Transit signal-to-noise ratio",
            scale=_LOG,
            plausible=(0.0, 1e6),
        ),
        _record(name="koi_count", meaning="Number of objects of the star", wide=True),
        _wide("koi_num_transits", "", "Number of transits", scale=_LOG),
        _record(
            name="koi_tce_plnt_num",
            meaning="Number of the signal among those of the star",
            aliases=("TCE Planet Number",),
        ),
        _run(
            name="koi_tce_delivname",
            meaning="Pipeline run that found the signal",
            aliases=("TCE Delivery",),
        ),
        _note(name="koi_quarters", meaning="Quarters with data", wide=True),
        _wide("koi_bin_oedp_sig", "", "Significance that odd and even transits are equally deep"),
        _note(name="koi_trans_mod", meaning="Transit model", wide=True),
        _wide("koi_model_dof", "", "Degrees of freedom of the transit fit", scale=_LOG),
        _wide("koi_model_chisq", "", "Chi-square of the transit fit", scale=_LOG),
        _run(name="koi_datalink_dvr", meaning="Link to the validation report", wide=True),
        _run(name="koi_datalink_dvs", meaning="Link to the validation summary", wide=True),
        *_of_star("koi_steff", "K", "Stellar effective temperature", plausible=(1000.0, 2e5)),
        *_of_star("koi_slogg", "dex(cm / s2)", "Stellar surface gravity", plausible=(-1.0, 9.5)),
        *_wide_of_star(
            "koi_smet",
            "dex",
            "Stellar metallicity",
            aliases=("Stellar Metallicity", "Metallicity", "[Fe/H]"),
            plausible=(-6.0, 3.0),
        ),
        *_of_star("koi_srad", "R_sun", "Stellar radius", scale=_LOG, plausible=(0.005, 3000.0)),
        *_wide_of_star(
            "koi_smass",
            "M_sun",
            "Stellar mass",
            scale=_LOG,
            aliases=("Stellar Mass", "Star mass", "Mstar", "Ms"),
            plausible=(0.01, 300.0),
        ),
        *_wide_of_star("koi_sage", "Gyr", "Stellar age", scale=_LOG),
        _run(name="koi_sparprov", meaning="Origin of the stellar parameters", wide=True),
        # The field that Kepler looked at, with its edges.
        _position(name="ra", meaning="Right ascension", plausible=(275.0, 306.0)),
        _position(name="dec", meaning="Declination", plausible=(34.0, 55.0)),
        _value(
            "koi_kepmag",
            "mag",
            "Kepler magnitude",
            of_star=True,
            aliases=(
                *("Kepler-band", "Kepler magnitude", "Kepler mag", "Kepmag", "KIC Kepmag"),
                *("Kpmag", "Kp", "m_Kep", "m_Kp"),
            ),
            plausible=(-2.0, 30.0),
        ),
        *(
            _wide(
                f"koi_{band.lower()}mag",
                "mag",
                f"{band} magnitude",
                of_star=True,
                aliases=(f"{band}-band", f"{band} mag", f"{band} magnitude"),
                plausible=(-5.0, 35.0),
            )
            for band in ("g", "r", "i", "z", "J", "H", "K")
        ),
        # The archive's header says percent; the values are probabilities from 0 to 1.
        _wide(
            "koi_fwm_stat_sig",
            "",
            "Significance that the flux-weighted centroid stays put in transit",
            misstated=("%",),
        ),
        *_place("koi_fwm_sra", "hourangle", "Flux-weighted right ascension of the transit source"),
        *_place("koi_fwm_sdec", "deg", "Flux-weighted declination of the transit source"),
        # The archive's header says seconds; the uncertainties only agree with those of the place
        # above, which are in hours, when these are seconds of arc.
        *_shift("koi_fwm_srao", "arcsec", "Flux-weighted right ascension offset of the source"),
        *_shift("koi_fwm_sdeco", "arcsec", "Flux-weighted declination offset of the source"),
        *_shift("koi_fwm_prao", "arcsec", "Flux-weighted right ascension shift in transit"),
        *_shift("koi_fwm_pdeco", "arcsec", "Flux-weighted declination shift in transit"),
        *_DIFFERENCE_IMAGES,
    ),
    label="koi_disposition",
    labels={
        "CONFIRMED": Disposition.CONFIRMED,
        "CANDIDATE": Disposition.CANDIDATE,
        "FALSE POSITIVE": Disposition.FALSE_POSITIVE,
    },
    undispositioned=frozenset({"NOT DISPOSITIONED"}),
    host="kepid",
    catalogues=(Catalogue.KIC, Catalogue.KOI, Catalogue.KEPLER),
    links=(
        Link(
            title="NASA Exoplanet Archive",
            template="https://exoplanetarchive.ipac.caltech.edu/overview/{object}",
        ),
        Link(
            title="ExoFOP",
            template="https://exofop.ipac.caltech.edu/kepler/edit_target.php?id={number}",
        ),
        Link(
            title="Data validation report",
            # As the column koi_datalink_dvr of the DR25 table has it, the same for all its rows.
            template="https://exoplanetarchive.ipac.caltech.edu/data/KeplerData/{nine:.3}/{nine:.6}"
            "/{nine}/dv/kplr{nine}-20160209194854_dvr.pdf",
            note="of stars whose objects the pipeline's last run (DR25) treated",
        ),
    ),
    object_name=("kepoi_name", "kepid"),
    other_names=(_PLANET_NAME,),
    quantities=_QUANTITIES,
    # Epochs count from BJD 2454833.
    zero_points={"epoch": 2454833.0},
    # 4.5 billion in 6.5 hours at 12th magnitude: Van Cleve & Caldwell 2016, Kepler Instrument
    # Handbook, KSCI-19033.
    electrons=4.5e9 / 6.5 * 10 ** (0.4 * 12),
    # Four years: the first and the last quarter, Kepler Archive Manual, KDMC-10008.
    span=1470.0,
    observed=(2_454_953.0, 2_456_424.0),
    untreated=Untreated(
        reason="the mission's last pipeline run did not treat these objects, nearly all of them"
        " false positives, so that what is missing would state the label",
        origin="reconstruction_source",
        marker="partial_default+gottlieb",
    ),
    carried=DR25,
    limits=(
        (
            "Most false positives were named by the mission's own automatic vetting, whose"
            " preferences the model learns with them."
        ),
    ),
    published=(
        Publication(task="vetting", hyperparameters=DEEP_TREES),
        Publication(task="disposition", hyperparameters=THREE_CLASS_TREES),
        Publication(
            task="vetting",
            feature_set="wide",
            hyperparameters=DEEP_TREES,
            limits=(_WIDE_LIMIT,),
        ),
    ),
    joint_limits=(),
)
"""One row for each object; depth in ppm, duration in hours, insolation in Earth flux."""
