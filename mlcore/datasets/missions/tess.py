"""The TESS objects of interest, the archive's table ``toi``."""

from __future__ import annotations

from functools import partial

from mlcore.datasets.links import Link
from mlcore.datasets.object_names import Catalogue
from mlcore.datasets.publication import SHALLOW_TREES, THREE_CLASS_TREES, Publication
from mlcore.datasets.spec import Column, Dataset, Disposition, Role, Scale, with_errors
from mlcore.references import Reference

__all__ = ["TESS"]

_MISSION = Reference(
    key="ricker2015",
    title="Transiting Exoplanet Survey Satellite (TESS)",
    authors="Ricker, George R. and Winn, Joshua N. and Vanderspek, Roland and others",
    year=2015,
    doi="10.1117/1.JATIS.1.1.014003",
    where={
        "journal": "Journal of Astronomical Telescopes, Instruments, and Systems",
        "volume": "1",
        "pages": "014003",
    },
)
_CATALOGUE = Reference(
    key="guerrero2021",
    title="The TESS Objects of Interest Catalog from the TESS Prime Mission",
    authors="Guerrero, Natalia M. and Seager, Sara and Huang, Chelsea X. and others",
    year=2021,
    doi="10.3847/1538-4365/abefe1",
    where={
        "journal": "The Astrophysical Journal Supplement Series",
        "volume": "254",
        "pages": "39",
    },
)

_FOLLOW_UP = "how exactly a value is known follows the follow-up, which follows the disposition"
_DATES = "an object is added and revised when its disposition is"
_COUNT = "it counts the planets that were confirmed around the star"

_text = partial(Column, unit="", text=True)
_identifier = partial(_text, role=Role.IDENTIFIER)
_position = partial(Column, unit="deg", role=Role.IDENTIFIER)
_date = partial(_text, role=Role.BOOKKEEPING, leak=_DATES)
_number = partial(Column, unit="", role=Role.BOOKKEEPING)
_LOG = Scale.LOG


def _quantity(
    name: str,
    unit: str,
    meaning: str,
    role: Role = Role.FEATURE,
    scale: Scale = Scale.LINEAR,
    aliases: tuple[str, ...] = (),
    plausible: tuple[float, float] | None = None,
) -> tuple[Column, ...]:
    return (
        *with_errors(
            Column(
                name=name,
                unit=unit,
                meaning=meaning,
                role=role,
                scale=scale,
                of_star=name.startswith("st_"),
                aliases=aliases,
                plausible=plausible,
            ),
            names=("err1", "err2"),
            role=Role.BOOKKEEPING,
            leak=_FOLLOW_UP,
        ),
        _number(name=f"{name}lim", meaning=f"Flag that {name} is a limit", leak=_FOLLOW_UP),
    )


TESS = Dataset(
    name="tess",
    title="TESS objects of interest",
    short_title="TESS",
    archive_table="toi",
    references=(_MISSION, _CATALOGUE),
    # The last decimals of 1000.10 would be lost in a float.
    columns=(
        _identifier(
            name="toi",
            meaning="TESS object of interest",
            decimals=2,
            aliases=(
                *("TESS Object of Interest", "TOI ID", "TOI number", "TOI name", "Full TOI ID"),
                *("TOI no", "TOI #", "CTOI"),
            ),
            catalogue=Catalogue.TOI,
        ),
        _identifier(
            name="tid",
            meaning="TESS Input Catalog number of the star",
            aliases=(
                *("TESS Input Catalog ID", "TIC ID", "TIC", "TIC number"),
                *("TIC no", "TIC #", "TIC name"),
            ),
            catalogue=Catalogue.TIC,
        ),
        _text(
            name="tfopwg_disp",
            meaning="Disposition by the TESS follow-up working group",
            role=Role.LABEL,
            # The archive's own label has no s between two vowels.
            aliases=(
                *("TFOPWG Dispostion (CP | FP | KP | PC)", "TFOPWG Disposition", "TFOPWG Disp"),
                *("TOI Disposition", "User Disposition"),
            ),
        ),
        _identifier(
            name="rastr",
            meaning="Right ascension in sexagesimal notation",
            aliases=("RA [sexagesimal]", "RA (hms)", "RA hms"),
        ),
        _position(name="ra", meaning="Right ascension", plausible=(0.0, 360.0)),
        _identifier(
            name="decstr",
            meaning="Declination in sexagesimal notation",
            aliases=("Dec [sexagesimal]", "Dec (dms)", "Dec dms"),
        ),
        _position(name="dec", meaning="Declination", plausible=(-90.0, 90.0)),
        *_quantity("st_pmra", "mas / yr", "Proper motion in right ascension", Role.BOOKKEEPING),
        *_quantity("st_pmdec", "mas / yr", "Proper motion in declination", Role.BOOKKEEPING),
        *_quantity("pl_tranmid", "d", "Transit epoch (BJD)", Role.BOOKKEEPING),
        *_quantity("pl_orbper", "d", "Orbital period", scale=_LOG, plausible=(0.02, 1e6)),
        *_quantity("pl_trandurh", "h", "Transit duration", scale=_LOG, plausible=(0.01, 500.0)),
        *_quantity("pl_trandep", "ppm", "Transit depth", scale=_LOG, plausible=(0.5, 2e6)),
        *_quantity("pl_rade", "R_earth", "Planet radius", scale=_LOG, plausible=(0.02, 1e6)),
        *_quantity("pl_insol", "", "Insolation in Earth flux", scale=_LOG, plausible=(0.0, 1e9)),
        *_quantity("pl_eqt", "K", "Equilibrium temperature", plausible=(3.0, 1e5)),
        *_quantity(
            "st_tmag",
            "mag",
            "TESS magnitude",
            aliases=("TESS Magnitude", "TESS mag", "Tmag", "TIC Tmag"),
            plausible=(-5.0, 35.0),
        ),
        *_quantity("st_dist", "pc", "Stellar distance", scale=_LOG, plausible=(0.5, 1e6)),
        *_quantity("st_teff", "K", "Stellar effective temperature", plausible=(1000.0, 2e5)),
        *_quantity("st_logg", "dex(cm / s2)", "Stellar surface gravity", plausible=(-1.0, 9.5)),
        *_quantity("st_rad", "R_sun", "Stellar radius", scale=_LOG, plausible=(0.005, 3000.0)),
        _number(name="pl_pnum", meaning="Number of planets around the star", leak=_COUNT),
        _date(name="toi_created", meaning="Date on which the object was added"),
        _date(name="rowupdate", meaning="Date of the last change"),
    ),
    label="tfopwg_disp",
    labels={
        "CP": Disposition.CONFIRMED,
        "KP": Disposition.CONFIRMED,
        "PC": Disposition.CANDIDATE,
        "APC": Disposition.CANDIDATE,
        "FP": Disposition.FALSE_POSITIVE,
        "FA": Disposition.FALSE_POSITIVE,
    },
    host="tid",
    catalogues=(Catalogue.TIC, Catalogue.TOI, Catalogue.CTOI),
    links=(
        Link(
            title="NASA Exoplanet Archive",
            template="https://exoplanetarchive.ipac.caltech.edu/overview/{star}",
        ),
        Link(
            title="ExoFOP",
            template="https://exofop.ipac.caltech.edu/tess/target.php?id={number}",
        ),
    ),
    object_name=("toi",),
    other_names=(
        _identifier(
            name="ctoi_alias",
            meaning="Community TESS object of interest",
            decimals=2,
            catalogue=Catalogue.TOI,
        ),
    ),
    name_prefix="TOI ",
    quantities={
        "period": "pl_orbper",
        "epoch": "pl_tranmid",
        "duration": "pl_trandurh",
        "depth": "pl_trandep",
        "radius": "pl_rade",
        "insolation": "pl_insol",
        "equilibrium_temperature": "pl_eqt",
        "stellar_temperature": "st_teff",
        "stellar_gravity": "st_logg",
        "stellar_radius": "st_rad",
        "distance": "st_dist",
        "magnitude": "st_tmag",
        "right_ascension": "ra",
        "declination": "dec",
        "proper_motion_ra": "st_pmra",
        "proper_motion_dec": "st_pmdec",
    },
    # 1.514 million photons a second and square centimetre at magnitude 0 on 69 square
    # centimetres: Sullivan et al. 2015, ApJ 809, 77.
    electrons=1.514e6 * 69 * 3600,
    limits=(
        (
            "TESS objects were decided by follow-up observations that prefer bright and quiet"
            " stars; fainter ones are scored by their likeness to these."
        ),
    ),
    published=(
        Publication(task="vetting", hyperparameters=SHALLOW_TREES),
        Publication(task="disposition", hyperparameters=THREE_CLASS_TREES),
    ),
    joint_limits=(),
)
"""One row for each object; depth in ppm, duration in hours, insolation in Earth flux."""
