"""Kepler's threshold-crossing events: all that its last pipeline run found, planets and noise.

The DR25 table as the makers of ExoMiner distribute it (Valizadegan et al. 2022, ApJ 926, 120): with
a column ``label``, with columns of the KOI tables joined, and with gaps filled by -1 or 0. What
means a gap is declared with each column. Candidates are left out of it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from mlcore.datasets.missions.kepler import KEPLER
from mlcore.datasets.object_names import Catalogue
from mlcore.datasets.spec import Column, Companion, Dataset, Disposition, Kind, Role, Scale
from mlcore.in_words import lowered
from mlcore.references import Reference

__all__ = ["KEPLER_TCE"]

_EVENTS = Reference(
    key="twicken2016",
    title="Detection of Potential Transit Signals in 17 Quarters of Kepler Data: Results of the"
    " Final Kepler Mission Transiting Planet Search (DR25)",
    authors="Twicken, Joseph D. and Jenkins, Jon M. and Seader, Shawn E. and others",
    year=2016,
    doi="10.3847/0004-6256/152/6/158",
    where={"journal": "The Astronomical Journal", "volume": "152", "pages": "158"},
)
_TABLE = Reference(
    key="valizadegan2022",
    title="ExoMiner: A Highly Accurate and Explainable Deep Learning Classifier That Validates 301"
    " New Exoplanets",
    authors="Valizadegan, Hamed and Martinho, Miguel J. S. and Wilkens, Laurent S. and others",
    year=2022,
    doi="10.3847/1538-4357/ac4399",
    where={"journal": "The Astrophysical Journal", "volume": "926", "pages": "120"},
)

_KOI = "only an event that became an object of interest has one, and its disposition came of that"
_NAMED = "only a confirmed planet has one"
_CERTIFIED = "it is the verdict of the working group on false positives"
_STAR = (
    "the hosts of objects of interest got spectra, so that what is stated of a star and how exactly"
    " follows the disposition, and what is computed from the star inherits that"
)
_OPINION = "it is another vetter's verdict on the event, to be held beside the model's"
_FOLD = "it tells of the makers' own division, which parts the events of a star"
_DUPLICATE = "it is an earlier state of a column that the table has"

_GAP, _ZERO = (-1.0,), (0.0,)
_LOG = Scale.LOG
_UNSEEN: dict[str, Any] = {"role": Role.BOOKKEEPING, "leak": _STAR}

_text = partial(Column, unit="", text=True)
_identifier = partial(_text, role=Role.IDENTIFIER)
_record = partial(Column, unit="", role=Role.BOOKKEEPING)
_opinion = partial(Column, unit="", role=Role.OPINION, leak=_OPINION)

_NAMES_OF_OBJECTS = (
    _identifier(
        name="kepoi_name",
        meaning="Kepler object of interest",
        leak=_KOI,
        catalogue=Catalogue.KOI,
    ),
    _identifier(name="kepler_name", meaning="Planet name", leak=_NAMED, catalogue=Catalogue.KEPLER),
)


def _value(name: str, unit: str, meaning: str, role: Role = Role.FEATURE, **facts: Any) -> Column:
    return Column(name=name, unit=unit, meaning=meaning, role=role, **facts)


def _unseen(*described: Any, **facts: Any) -> Column:
    """Declare what no model sees, because it is of the star or computed from it."""
    return replace(_value(*described, **facts), role=Role.BOOKKEEPING, leak=_STAR)


def _uncertainty(
    value: Column, name: str, *, role: Role = Role.FEATURE, side: str = "", **facts: Any
) -> Column:
    middle = lowered(value.meaning)
    return Column(
        name=name,
        unit=value.unit,
        meaning=f"{side} uncertainty of the {middle}" if side else f"Uncertainty of the {middle}",
        role=role,
        scale=_LOG,
        uncertainty_of=value.name,
        of_star=value.of_star,
        **facts,
    )


def _quantity(
    *described: Any, error: str | None = None, error_gaps: tuple[float, ...] = _GAP, **facts: Any
) -> tuple[Column, Column]:
    """Declare a measured value and its only, symmetric, uncertainty."""
    value = _value(*described, **facts)
    return value, _uncertainty(value, error or f"{value.name}_err", absent=error_gaps)


def _by_star(*described: Any, **facts: Any) -> tuple[Column, Column]:
    """Declare a value that is computed from the star's, and its uncertainty."""
    value = _unseen(*described, **facts)
    gaps = (*_GAP, *_ZERO)
    return value, _uncertainty(value, f"{value.name}_err", absent=gaps, **_UNSEEN)


def _of_star(
    *described: Any, errors: tuple[str, str] | None = None, mean: bool = True, **facts: Any
) -> tuple[Column, ...]:
    """Declare a value of the host star with its upper, lower and mean uncertainty."""
    value = _unseen(*described, of_star=True, **facts)
    names = dict(
        zip(errors or (f"{value.name}_err1", f"{value.name}_err2"), ("Upper", "Lower"), strict=True)
    )
    if mean:
        names[f"{value.name}_err"] = "Mean"
    return (
        value,
        *(
            _uncertainty(value, name, side=side, absent=_ZERO, **_UNSEEN)
            for name, side in names.items()
        ),
    )


_original = partial(_record, leak=_DUPLICATE, absent=_ZERO)

_OF_KOI_IN_WORDS = {
    "koi_comment": "Comment of the vetting",
    "koi_tce_delivname": "Pipeline run that found the signal",
    "koi_datalink_dvr": "Link to the validation report",
    "koi_datalink_dvs": "Link to the validation summary",
}
_OF_KOI = {
    "koi_score": "Confidence in the disposition",
    "koi_fpflag_nt": "Flag that the signal is not transit-like",
    "koi_fpflag_ss": "Flag that the signal is a stellar eclipse",
    "koi_fpflag_co": "Flag that the transit source is off the star",
    "koi_fpflag_ec": "Flag that the ephemeris matches another object",
    "koi_period": "Orbital period of the object of interest",
    "koi_time0bk": "Transit epoch of the object of interest",
    "koi_eccen": "Eccentricity of the object of interest",
    "koi_impact": "Impact parameter of the object of interest",
    "koi_duration": "Transit duration of the object of interest",
    "koi_ingress": "Ingress duration of the object of interest",
    "koi_depth": "Transit depth of the object of interest",
    "koi_ror": "Radius ratio of the object of interest",
    "koi_prad": "Planet radius of the object of interest",
    "koi_sma": "Semi-major axis of the object of interest",
    "koi_incl": "Inclination of the object of interest",
    "koi_teq": "Equilibrium temperature of the object of interest",
    "koi_insol": "Insolation of the object of interest",
    "koi_dor": "Planet-star distance of the object of interest",
    "koi_max_sngle_ev": "Maximum single event statistic of the object of interest",
    "koi_max_mult_ev": "Maximum multiple event statistic of the object of interest",
    "koi_model_snr": "Signal-to-noise ratio of the object of interest",
    "koi_count": "Number of objects of interest of the star",
    "koi_num_transits": "Number of transits of the object of interest",
    "koi_tce_plnt_num": "Number of the signal among those of the star",
}
_CERTIFICATES = {
    "fpwg_disp_source": "Flag that the source is off the star",
    "fpwg_disp_eb": "Flag of an eclipsing binary",
    "fpwg_disp_offst": "Flag of an offset",
    "fpwg_disp_perep": "Flag of an ephemeris match",
    "fpwg_disp_other": "Flag of another reason",
}

_WITH_UNCERTAINTIES = {
    "period": ("tce_period", "tce_period_err"),
    "epoch": ("tce_time0bk", "tce_time0bk_err"),
    "duration": ("tce_duration", "tce_duration_err"),
    "depth": ("transit_depth", "tce_depth_err"),
    "impact": ("tce_impact", "tce_impact_err"),
}
_OFFSETS = {
    "centroid_ra": "tce_fwm_srao",
    "centroid_dec": "tce_fwm_sdeco",
    "shift_ra": "tce_fwm_prao",
    "shift_dec": "tce_fwm_pdeco",
    "image": "tce_dicco_msky",
    "catalogue": "tce_dikco_msky",
}

KEPLER_TCE = Dataset(
    name="tce",
    title="Kepler threshold-crossing events",
    short_title="Kepler",
    kind=Kind.EVENTS,
    archive_table="q1_q17_dr25_tce",
    handed_on="ExoMiner",
    references=(*KEPLER.references, _EVENTS, _TABLE),
    columns=(
        _identifier(
            name="target_id",
            meaning="Kepler Input Catalog number of the star",
            catalogue=Catalogue.KIC,
        ),
        _record(name="tce_plnt_num", meaning="Number of the event among those of the star"),
        _identifier(name="tceid", meaning="Star and number of the event"),
        _text(name="label", meaning="Kind of the event", role=Role.LABEL),
        _record(name="cv_fold", meaning="Fold of the table's makers", leak=_FOLD),
        _record(name="tce_rogue_flag", meaning="Flag of an event that should not have been found"),
        _text(
            name="tce_datalink_dvs",
            meaning="Link to the validation summary",
            role=Role.BOOKKEEPING,
        ),
        _text(
            name="tce_datalink_dvr",
            meaning="Link to the validation report",
            role=Role.BOOKKEEPING,
        ),
        _opinion(name="robovetter_score", meaning="Robovetter's confidence in a planet candidate"),
        _opinion(name="robovetter_disposition", meaning="Robovetter's disposition", text=True),
        *_quantity("tce_period", "d", "Orbital period", scale=_LOG),
        # The epoch is a date; how exactly it is known measures the signal.
        *_quantity("tce_time0bk", "d", "Transit epoch (BKJD)", role=Role.BOOKKEEPING),
        *_quantity("tce_ror", "", "Planet-star radius ratio", scale=_LOG),
        *_quantity("tce_dor", "", "Planet-star distance in stellar radii", scale=_LOG),
        *_quantity("tce_incl", "deg", "Orbital inclination", bounds=(0.0, 180.0)),
        *_quantity("tce_impact", "", "Impact parameter", bounds=(0.0, float("inf"))),
        *_quantity("tce_duration", "h", "Transit duration", scale=_LOG),
        *_quantity("tce_ingress", "h", "Ingress duration", scale=_LOG),
        *_quantity(
            "transit_depth",
            "ppm",
            "Transit depth",
            scale=_LOG,
            absent=_ZERO,
            error="tce_depth_err",
            error_gaps=(*_GAP, *_ZERO),
        ),
        # The fit held both at zero.
        _value("tce_eccen", "", "Eccentricity", Role.BOOKKEEPING),
        _record(name="tce_eccen_err", meaning="Uncertainty of the eccentricity"),
        _value("tce_longp", "deg", "Longitude of periastron", Role.BOOKKEEPING),
        _value("tce_longp_err", "deg", "Uncertainty of the longitude", Role.BOOKKEEPING),
        _value("tce_num_transits", "", "Number of transits", scale=_LOG, absent=_ZERO),
        _value("tce_model_snr", "", "Transit signal-to-noise ratio", scale=_LOG, absent=_GAP),
        _value("tce_robstat", "", "Robust detection statistic", scale=_LOG),
        *_by_star("tce_prad", "R_earth", "Planet radius", scale=_LOG),
        *_by_star("tce_sma", "au", "Semi-major axis", scale=_LOG, absent=_ZERO),
        *_by_star("tce_eqt", "K", "Equilibrium temperature", absent=_ZERO),
        *_by_star("tce_insol", "", "Insolation in Earth flux", scale=_LOG, absent=_ZERO),
        _record(name="tce_nkoi", meaning="Number of objects of interest of the star", leak=_KOI),
        *_of_star("tce_steff", "K", "Stellar effective temperature"),
        *_of_star("tce_slogg", "dex(cm / s2)", "Stellar surface gravity"),
        *_of_star("tce_smet", "dex", "Stellar metallicity"),
        *_of_star("tce_sradius", "R_sun", "Stellar radius", scale=_LOG),
        *_of_star("tce_smass", "M_sun", "Stellar mass", mean=False, scale=_LOG),
        *_of_star(
            "tce_sdens",
            "g / cm3",
            "Stellar density",
            mean=False,
            errors=("tce_sdens_err1", "tce_dens_serr2"),
            scale=_LOG,
        ),
        _value(
            "wst_robstat",
            "",
            "Robust statistic of the weak secondary",
            absent=(*_GAP, *_ZERO),
        ),
        _value("wst_depth", "ppm", "Depth of the weak secondary", absent=(*_GAP, *_ZERO)),
        _value("tce_maxmes", "", "Multiple event statistic of the weak secondary", absent=_ZERO),
        _value("tce_maxmesd", "d", "Time from the transit to the weak secondary"),
        _value("tce_max_sngle_ev", "", "Maximum single event statistic", scale=_LOG),
        _value("tce_max_mult_ev", "", "Maximum multiple event statistic", scale=_LOG),
        _value(
            "tce_bin_oedp_stat",
            "",
            "Statistic that odd and even transits are equally deep",
            scale=_LOG,
            absent=_ZERO,
        ),
        *_by_star("tce_albedo", "", "Geometric albedo", scale=_LOG, absent=_ZERO),
        *_by_star("tce_ptemp", "K", "Planet temperature from the secondary", absent=_ZERO),
        # They divide by the uncertainties above.
        _record(
            name="tce_albedo_stat",
            meaning="Significance that the albedo is above 1",
            leak=_STAR,
            absent=_ZERO,
        ),
        _record(
            name="tce_ptemp_stat",
            meaning="Significance that the planet is hotter than its star allows",
            leak=_STAR,
            absent=_ZERO,
        ),
        _value(
            "boot_fap",
            "",
            "Probability of a false alarm by bootstrap",
            absent=_GAP,
            bounds=(0.0, 1.0),
        ),
        _value("tce_cap_stat", "", "Ghost statistic of the core aperture", absent=_ZERO),
        _value("tce_hap_stat", "", "Ghost statistic of the halo aperture", absent=_ZERO),
        _value("tce_rb_tcount0", "", "Number of transits free of rolling bands"),
        _value(
            "tce_fwm_stat",
            "",
            "Statistic that the flux-weighted centroid stays put in transit",
            scale=_LOG,
            absent=_ZERO,
        ),
        *(
            column
            for name, meaning in (
                ("tce_fwm_srao", "Flux-weighted right ascension offset of the source"),
                ("tce_fwm_sdeco", "Flux-weighted declination offset of the source"),
                ("tce_fwm_prao", "Flux-weighted right ascension shift in transit"),
                ("tce_fwm_pdeco", "Flux-weighted declination shift in transit"),
            )
            for column in _quantity(name, "arcsec", meaning, absent=_ZERO)
        ),
        *(
            column
            for name, against in (("dicco", "the star out of transit"), ("dikco", "the catalogue"))
            for column in _quantity(
                f"tce_{name}_msky",
                "arcsec",
                f"Angular offset of the transit source from {against}",
                scale=_LOG,
                absent=_ZERO,
            )
        ),
        _value("mag", "mag", "Kepler magnitude", of_star=True),
        _value("ra", "deg", "Right ascension", Role.IDENTIFIER),
        _value("dec", "deg", "Declination", Role.IDENTIFIER),
        *_NAMES_OF_OBJECTS,
        _text(
            name="koi_disposition",
            meaning="Disposition of the object of interest",
            role=Role.BOOKKEEPING,
            leak=_KOI,
        ),
        *(_record(name=name, meaning=words, leak=_KOI) for name, words in _OF_KOI.items()),
        *(
            _text(name=name, meaning=words, role=Role.BOOKKEEPING, leak=_KOI)
            for name, words in _OF_KOI_IN_WORDS.items()
        ),
        _text(
            name="fpwg_disp_status",
            meaning="Verdict of the working group",
            role=Role.BOOKKEEPING,
            leak=_CERTIFIED,
        ),
        *(
            _record(name=name, meaning=words, leak=_CERTIFIED)
            for name, words in _CERTIFICATES.items()
        ),
        _original(name="wst_depth_original", meaning="Depth of the weak secondary, before"),
        _original(name="tce_maxmes_original", meaning="Statistic of the weak secondary, before"),
        _original(name="tce_albedo_original", meaning="Geometric albedo, before"),
        _original(name="tce_ptemp_original", meaning="Planet temperature, before"),
        _original(name="tce_albedo_stat_original", meaning="Albedo's significance, before"),
        _original(name="tce_ptemp_stat_original", meaning="Temperature's significance, before"),
    ),
    label="label",
    labels={
        "PC": Disposition.CONFIRMED,
        "AFP": Disposition.FALSE_POSITIVE,
        "NTP": Disposition.FALSE_POSITIVE,
    },
    label_titles={
        "PC": "planets",
        "AFP": "astrophysical false positives",
        "NTP": "non-transiting phenomena",
    },
    undispositioned=frozenset({"UNK"}),
    host="target_id",
    catalogues=(Catalogue.KIC,),
    object_name=("tceid", "target_id"),
    other_names=_NAMES_OF_OBJECTS,
    name_prefix="KIC ",
    quantities={
        **{name: columns[0] for name, columns in _WITH_UNCERTAINTIES.items()},
        # One symmetric uncertainty is both.
        **{
            f"{name}_{side}": columns[1]
            for name, columns in _WITH_UNCERTAINTIES.items()
            for side in ("upper", "lower")
        },
        "radius": "tce_prad",
        "insolation": "tce_insol",
        "equilibrium_temperature": "tce_eqt",
        "stellar_temperature": "tce_steff",
        "stellar_gravity": "tce_slogg",
        "stellar_radius": "tce_sradius",
        "magnitude": "mag",
        "right_ascension": "ra",
        "declination": "dec",
        "snr": "tce_model_snr",
        "radius_ratio": "tce_ror",
        "single_event": "tce_max_sngle_ev",
        "multiple_event": "tce_max_mult_ev",
        "transits": "tce_num_transits",
        **{f"{quantity}_offset": column for quantity, column in _OFFSETS.items()},
        **{f"{quantity}_offset_error": f"{column}_err" for quantity, column in _OFFSETS.items()},
    },
    zero_points=KEPLER.zero_points,
    electrons=KEPLER.electrons,
    span=KEPLER.span,
    companion=Companion(
        title="what the Robovetter said of each event",
        keys={"kepid": "target_id", "tce_plnt_num": "tce_plnt_num"},
        columns=("robovetter_score", "robovetter_disposition"),
    ),
    limits=(
        (
            "Candidates are left out of this table, and a planet in it is a confirmed one: events"
            " that were hard to decide are rarer in it than in a pipeline's output."
        ),
        (
            "Where the pipeline's transit fit failed there are no uncertainties and no"
            " signal-to-noise ratio; no such event is a planet here."
        ),
    ),
)
"""One row for each event; depth in ppm, duration in hours, epoch in BKJD."""
