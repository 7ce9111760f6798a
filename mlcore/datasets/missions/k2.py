"""The K2 planets and candidates, the archive's table ``k2pandc``."""

from __future__ import annotations

from functools import partial
from typing import Any

from mlcore.datasets.links import Link
from mlcore.datasets.missions.kepler import KEPLER
from mlcore.datasets.object_names import Catalogue
from mlcore.datasets.publication import SHALLOW_TREES, THREE_CLASS_TREES, Publication
from mlcore.datasets.spec import Column, Dataset, Disposition, Role, Scale, with_errors
from mlcore.references import Reference

__all__ = ["K2"]

_MISSION = Reference(
    key="howell2014",
    title="The K2 Mission: Characterization and Early Results",
    authors="Howell, Steve B. and Sobeck, Charlie and Haas, Michael and others",
    year=2014,
    doi="10.1086/676406",
    where={
        "journal": "Publications of the Astronomical Society of the Pacific",
        "volume": "126",
        "pages": "398--408",
    },
)

_PAPER = "it is published for confirmed planets mostly, so that its presence states the label"
_NAMED = "a confirmed planet and its star get names of their own"
_DISCOVERY = "it tells of the discovery or the paper that confirmed or refuted the planet"
_CHOICE = "which of its papers describes a planet follows from its disposition"
_COUNT = "it counts the bodies that were confirmed in the system"
_DATES = "a row is published and revised when its disposition is"

_text = partial(Column, unit="", text=True)
_name = partial(_text, role=Role.IDENTIFIER, leak=_NAMED)
_star_name = partial(_name, of_star=True)
_position = partial(Column, unit="deg", role=Role.IDENTIFIER)
_sexagesimal = partial(_text, role=Role.IDENTIFIER)
_note = partial(_text, role=Role.BOOKKEEPING, leak=_DISCOVERY)
_flag = partial(Column, unit="", role=Role.BOOKKEEPING, leak=_DISCOVERY)
_count = partial(Column, unit="", role=Role.BOOKKEEPING, leak=_COUNT)
_date = partial(_text, role=Role.BOOKKEEPING, leak=_DATES)
_LOG = Scale.LOG


def _quantity(
    name: str,
    unit: str,
    meaning: str,
    role: Role = Role.FEATURE,
    *,
    limit: bool = True,
    **facts: Any,
) -> tuple[Column, ...]:
    """Declare a quantity; one that is no feature is among those that confirmed planets have."""
    leak = None if role is Role.FEATURE else _PAPER
    columns = with_errors(
        Column(
            name=name,
            unit=unit,
            meaning=meaning,
            role=role,
            leak=leak,
            of_star=name.startswith(("st_", "sy_")),
            **facts,
        ),
        names=("err1", "err2"),
        role=Role.BOOKKEEPING,
        leak=_PAPER,
    )
    if not limit:
        return columns
    flag = _flag(name=f"{name}lim", meaning=f"Flag that {name} is a limit", leak=_PAPER)
    return (*columns, flag)


_published = partial(_quantity, role=Role.BOOKKEEPING)

# No feature, and no quantity either: whose mid-time is known was studied.
_MID_TIME = Column(
    name="pl_tranmid",
    unit="d",
    meaning="Transit epoch (BJD)",
    role=Role.BOOKKEEPING,
    wide=True,
    plausible=(2_400_000.0, 2_500_000.0),
)

_GAPS = (
    "In K2's table most values are missing, and whether one is known follows how closely an object"
    " was studied: which values are missing tells planets from false positives nearly as well as"
    " the values do (see the missingness-only probe). The figures say little about physics, and an"
    " object that nobody studied yet is not like those that were trained on."
)

K2 = Dataset(
    name="k2",
    title="K2 planets and candidates",
    short_title="K2",
    archive_table="k2pandc",
    # https://exoplanetarchive.ipac.caltech.edu/docs/API_k2pandc_columns.html
    doi="10.26133/NEA19",
    references=(_MISSION,),
    columns=(
        _name(
            name="pl_name",
            meaning="Planet name",
            aliases=(
                *("Planet Name", "Planet", "K2 Name", "EPIC Name", "EPIC candidate name"),
                *("EPIC candidate", "Candidate name"),
            ),
            catalogue=Catalogue.EPIC,
        ),
        _name(
            name="hostname",
            meaning="Host star name",
            aliases=("Host Name", "EPIC", "EPIC ID", "EPIC number", "EPIC host name"),
            catalogue=Catalogue.EPIC,
        ),
        _note(
            name="default_flag",
            meaning="Flag of the paper whose values the archive prefers",
            leak=_CHOICE,
            aliases=("Default Parameter Set", "Default flag"),
        ),
        _text(
            name="disposition",
            meaning="Disposition by the archive",
            role=Role.LABEL,
            aliases=("Archive Disposition", "Exoplanet Archive Disposition", "K2 Disposition"),
        ),
        _note(name="disp_refname", meaning="Reference of the disposition"),
        _count(name="sy_snum", meaning="Number of stars in the system"),
        _count(name="sy_pnum", meaning="Number of planets in the system"),
        _note(name="discoverymethod", meaning="Discovery method"),
        _note(name="disc_year", meaning="Discovery year"),
        _note(name="disc_facility", meaning="Discovery facility"),
        _note(name="soltype", meaning="Kind of the published solution"),
        _flag(name="pl_controv_flag", meaning="Flag that the planet is doubted"),
        _note(name="pl_refname", meaning="Reference of the planet's values"),
        *_quantity("pl_orbper", "d", "Orbital period", scale=_LOG, plausible=(0.02, 1e6)),
        *_published("pl_orbsmax", "au", "Semi-major axis", scale=_LOG),
        *_quantity("pl_rade", "R_earth", "Planet radius", scale=_LOG, plausible=(0.02, 1e6)),
        *_published("pl_radj", "R_jup", "Planet radius", scale=_LOG, aliases=("Planet Radius",)),
        *_published("pl_bmasse", "M_earth", "Planet mass", scale=_LOG),
        *_published("pl_bmassj", "M_jup", "Planet mass", scale=_LOG),
        _note(name="pl_bmassprov", meaning="Kind of the planet mass", leak=_PAPER),
        *_published("pl_orbeccen", "", "Eccentricity"),
        *_published(
            "pl_insol", "", "Insolation in Earth flux", scale=_LOG, aliases=("Insolation Flux",)
        ),
        *_published(
            "pl_eqt", "K", "Equilibrium temperature", aliases=("Equilibrium Temperature", "Teq")
        ),
        _flag(name="ttv_flag", meaning="Flag that the transit times vary"),
        _note(name="st_refname", meaning="Reference of the star's values"),
        _note(name="st_spectype", meaning="Spectral type of the star", leak=_PAPER),
        *_quantity("st_teff", "K", "Stellar effective temperature", plausible=(1000.0, 2e5)),
        *_quantity("st_rad", "R_sun", "Stellar radius", scale=_LOG, plausible=(0.005, 3000.0)),
        *_quantity(
            "st_mass",
            "M_sun",
            "Stellar mass",
            scale=_LOG,
            aliases=("Stellar Mass", "Star mass", "Mstar", "Ms"),
            plausible=(0.01, 300.0),
        ),
        *_quantity(
            "st_met",
            "dex",
            "Stellar metallicity",
            aliases=("Stellar Metallicity", "Metallicity", "[Fe/H]"),
            plausible=(-6.0, 3.0),
        ),
        _note(name="st_metratio", meaning="Ratio that the metallicity is given in", leak=_PAPER),
        *_quantity("st_logg", "dex(cm / s2)", "Stellar surface gravity", plausible=(-1.0, 9.5)),
        _note(name="sy_refname", meaning="Reference of the system's values"),
        _sexagesimal(
            name="rastr",
            meaning="Right ascension in sexagesimal notation",
            aliases=("RA [sexagesimal]", "RA (hms)", "RA hms"),
        ),
        _position(name="ra", meaning="Right ascension", plausible=(0.0, 360.0)),
        _sexagesimal(
            name="decstr",
            meaning="Declination in sexagesimal notation",
            aliases=("Dec [sexagesimal]", "Dec (dms)", "Dec dms"),
        ),
        _position(name="dec", meaning="Declination", plausible=(-90.0, 90.0)),
        *_quantity(
            "sy_dist",
            "pc",
            "Distance of the system",
            scale=_LOG,
            limit=False,
            plausible=(0.5, 1e6),
        ),
        *_quantity(
            "sy_vmag",
            "mag",
            "V magnitude",
            limit=False,
            aliases=("V (Johnson) Magnitude", "V magnitude", "V mag", "Vmag"),
            plausible=(-5.0, 35.0),
        ),
        *_quantity(
            "sy_kmag",
            "mag",
            "Ks magnitude",
            limit=False,
            aliases=("Ks (2MASS) Magnitude", "Ks magnitude", "Ks mag", "Kmag"),
            plausible=(-5.0, 35.0),
        ),
        *_quantity(
            "sy_gaiamag",
            "mag",
            "Gaia magnitude",
            limit=False,
            aliases=("Gaia Magnitude", "Gaia mag", "Gmag", "Gaia G mag", "Gaia G"),
            plausible=(-5.0, 35.0),
        ),
        _date(name="rowupdate", meaning="Date of the last change"),
        _date(name="pl_pubdate", meaning="Date of the planet's paper"),
        _date(name="releasedate", meaning="Date of the row's release"),
        # Beyond the archive's default columns.
        *_quantity(
            "pl_trandep", "%", "Transit depth", scale=_LOG, wide=True, plausible=(5e-05, 200.0)
        ),
        *_quantity(
            "pl_trandur", "h", "Transit duration", scale=_LOG, wide=True, plausible=(0.01, 500.0)
        ),
        *with_errors(_MID_TIME, names=("err1", "err2"), leak=_PAPER),
        _note(name="pl_letter", meaning="Planet letter", leak=_NAMED),
        _flag(name="rv_flag", meaning="Flag that the star's velocity shows the planet"),
        _flag(name="tran_flag", meaning="Flag that the planet transits"),
    ),
    label="disposition",
    labels={
        "CONFIRMED": Disposition.CONFIRMED,
        "CANDIDATE": Disposition.CANDIDATE,
        "FALSE POSITIVE": Disposition.FALSE_POSITIVE,
        "REFUTED": Disposition.FALSE_POSITIVE,
    },
    host="hostname",
    catalogues=(Catalogue.EPIC, Catalogue.K2),
    links=(
        Link(
            title="NASA Exoplanet Archive",
            template="https://exoplanetarchive.ipac.caltech.edu/overview/{host}",
        ),
        Link(
            title="ExoFOP",
            template="https://exofop.ipac.caltech.edu/k2/edit_target.php?id={number}",
        ),
    ),
    object_name=("pl_name",),
    other_names=(
        _name(name="k2_name", meaning="K2 planet name", catalogue=Catalogue.K2),
        _name(name="epic_candname", meaning="EPIC candidate name", catalogue=Catalogue.EPIC),
        _star_name(name="epic_hostname", meaning="EPIC name", catalogue=Catalogue.EPIC),
        _star_name(name="tic_id", meaning="TESS Input Catalog name", catalogue=Catalogue.TIC),
        _star_name(name="hd_name", meaning="Henry Draper Catalogue name"),
        _star_name(name="hip_name", meaning="Hipparcos Catalogue name"),
        _star_name(name="gaia_id", meaning="Gaia DR2 name"),
    ),
    one_row_per_object={"default_flag": "1"},
    quantities={
        "period": "pl_orbper",
        "duration": "pl_trandur",
        "depth": "pl_trandep",
        "radius": "pl_rade",
        "stellar_temperature": "st_teff",
        "stellar_gravity": "st_logg",
        "stellar_radius": "st_rad",
        "distance": "sy_dist",
        "magnitude": "sy_gaiamag",
        "right_ascension": "ra",
        "declination": "dec",
    },
    # A campaign watches a field for 80 days; 0.8 % of the archive's periods are longer, in days.
    usual={"period": (0.2, 80.0)},
    remarks={"magnitude": "Gaia's for K2"},
    # The same telescope.
    electrons=KEPLER.electrons,
    limits=(_GAPS, "Few K2 objects are false positives, so that the intervals are wide."),
    published=(
        Publication(task="vetting", hyperparameters=SHALLOW_TREES),
        Publication(task="disposition", hyperparameters=THREE_CLASS_TREES),
    ),
    joint_limits=(_GAPS,),
)
"""One row for each planet and paper; the row of the preferred paper stands for the planet."""
