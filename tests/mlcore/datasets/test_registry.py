from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlcore.datasets import (
    DATASETS,
    K2,
    KEPLER,
    KEPLER_TCE,
    TESS,
    Column,
    Dataset,
    Disposition,
    Role,
    Scale,
    of_candidates,
)
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.registry import feature_names
from mlcore.datasets.readers.read import read_columns
from mlcore.datasets.units import parse_unit, unit_in_words

if TYPE_CHECKING:
    from pathlib import Path

EVERY_DATASET = pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
EVERY_COLUMN = pytest.mark.parametrize(
    "column",
    [pytest.param(c, id=f"{d.name}-{c.name}") for d in DATASETS.values() for c in d.columns],
)

KEPLER_VALUES = (
    *("koi_period", "koi_impact", "koi_duration", "koi_depth", "koi_prad", "koi_teq"),
    *("koi_insol", "koi_model_snr", "koi_steff", "koi_slogg", "koi_srad", "koi_kepmag"),
)
KEPLER_WITH_ERRORS = ("koi_period", "koi_time0bk", "koi_impact", "koi_duration", "koi_depth")
KEPLER_STAR = (
    *("koi_prad", "koi_insol", "koi_teq", "koi_steff", "koi_slogg", "koi_srad", "koi_sma"),
    *("koi_smet", "koi_smass", "koi_sage"),
)
DEFAULT_FEATURES = {
    "kepler": {
        *KEPLER_VALUES,
        *(f"{name}_err{which}" for name in KEPLER_WITH_ERRORS for which in (1, 2)),
    },
    "k2": {
        *("pl_orbper", "pl_rade", "st_teff", "st_rad", "st_logg", "st_mass", "st_met"),
        *("sy_dist", "sy_vmag", "sy_kmag", "sy_gaiamag"),
    },
    "tess": {
        *("pl_orbper", "pl_trandurh", "pl_trandep", "pl_rade", "pl_insol", "pl_eqt"),
        *("st_tmag", "st_dist", "st_teff", "st_logg", "st_rad"),
    },
    "lightcurves": set(feature_names()),
    "tce": {
        "tce_time0bk_err",
        *(
            name
            for value in ("period", "ror", "dor", "incl", "impact", "duration", "ingress")
            for name in (f"tce_{value}", f"tce_{value}_err")
        ),
        *("transit_depth", "tce_depth_err", "tce_num_transits", "tce_model_snr", "tce_robstat"),
        *("wst_robstat", "wst_depth", "tce_maxmes", "tce_maxmesd", "tce_max_sngle_ev"),
        *("tce_max_mult_ev", "tce_bin_oedp_stat", "boot_fap", "tce_cap_stat", "tce_hap_stat"),
        *("tce_rb_tcount0", "tce_fwm_stat", "mag"),
        *(
            name
            for value in (
                "fwm_srao",
                "fwm_sdeco",
                "fwm_prao",
                "fwm_pdeco",
                "dicco_msky",
                "dikco_msky",
            )
            for name in (f"tce_{value}", f"tce_{value}_err")
        ),
    },
}


def declare(**facts: object) -> Column:
    return Column(**{"name": "x", "unit": "", "meaning": "X", "role": Role.FEATURE, **facts})  # type: ignore[arg-type]


def test_the_missions_stand_in_the_order_in_which_they_are_shown() -> None:
    assert list(DATASETS.items()) == [
        ("kepler", KEPLER),
        ("k2", K2),
        ("tess", TESS),
        ("tce", KEPLER_TCE),
        ("lightcurves", LIGHT_CURVES),
    ]
    assert list(of_candidates()) == ["kepler", "k2", "tess"]


def test_classes_have_one_order() -> None:
    assert list(Disposition) == ["candidate", "false_positive", "confirmed"]


def test_a_feature_with_a_leak_reason_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match=r"^x cannot be a feature: it states the label$"):
        declare(leak="it states the label")


def test_a_feature_of_words_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match=r"^x cannot be a feature: it is text$"):
        declare(text=True)


def test_a_column_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match=r"^kepler declares a column twice$"):
        _with_columns((*KEPLER.columns, KEPLER.columns[0]))


def test_a_dataset_without_its_host_column_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match=r"^kepler does not declare kepid$"):
        _with_columns(tuple(column for column in KEPLER.columns if column.name != "kepid"))


def _with_columns(columns: tuple[Column, ...]) -> Dataset:
    return replace(KEPLER, columns=columns)


@EVERY_DATASET
def test_the_default_features_are_exactly_the_agreed_ones(dataset: Dataset) -> None:
    names = [column.name for column in dataset.feature_columns()]
    assert len(names) == len(set(names))
    assert set(names) == DEFAULT_FEATURES[dataset.name]


@EVERY_DATASET
def test_no_feature_leaks_and_no_identifier_or_position_is_one(dataset: Dataset) -> None:
    features = dataset.feature_columns(wide=True)
    assert {column.role for column in features} == {Role.FEATURE}
    assert {column.leak for column in features} == {None}
    assert not {"ra", "dec", dataset.host, dataset.label, *dataset.object_name} & {
        column.name for column in features
    }


def test_wide_kepler_features_have_no_absolute_source_position_and_no_epoch() -> None:
    wide = {c.name for c in KEPLER.feature_columns(wide=True)}
    assert {"koi_ror", "koi_dikco_msky", "koi_num_transits", "koi_fwm_srao"} < wide
    assert not {"koi_fwm_sra", "koi_fwm_sdec", "koi_time0", "koi_time0bk"} & wide


@pytest.mark.parametrize(
    ("dataset", "names"),
    [
        (
            KEPLER,
            (
                "koi_pdisposition koi_score koi_fpflag_nt koi_fpflag_ss koi_fpflag_co "
                "koi_fpflag_ec koi_comment koi_disp_prov koi_vet_stat koi_vet_date kepler_name "
                "koi_tce_delivname "
                + " ".join(f"{name}_err{which}" for name in KEPLER_STAR for which in (1, 2))
            ),
        ),
        (
            K2,
            (
                "default_flag rv_flag disc_year disc_facility pl_letter pl_name pl_pubdate "
                "rowupdate releasedate soltype sy_pnum pl_refname pl_bmasse pl_orbeccen "
                "pl_orbsmax pl_insol pl_eqt"
            ),
        ),
        (TESS, "toi_created rowupdate pl_pnum pl_orbpererr1 pl_trandeperr2 st_tefferr1"),
        (
            KEPLER_TCE,
            (
                "kepoi_name kepler_name koi_disposition koi_score koi_period koi_count cv_fold "
                "tce_nkoi fpwg_disp_status fpwg_disp_eb wst_depth_original tce_maxmes_original "
                "tce_albedo_original tce_ptemp_stat_original robovetter_score "
                "robovetter_disposition tce_prad tce_prad_err tce_sma_err tce_eqt_err "
                "tce_insol_err tce_albedo_err tce_ptemp_err tce_albedo_stat tce_steff "
                "tce_steff_err tce_steff_err1 tce_slogg_err2 tce_smet_err tce_sradius_err1 "
                "tce_smass_err1 tce_sdens_err1 tce_dens_serr2"
            ),
        ),
    ],
    ids=["kepler", "k2", "tess", "tce"],
)
def test_columns_that_state_the_label_say_so(dataset: Dataset, names: str) -> None:
    assert [name for name in names.split() if dataset.column(name).leak is None] == []


@EVERY_COLUMN
def test_every_column_has_a_meaning_and_a_unit_that_parses(column: Column) -> None:
    parse_unit(column.unit)
    assert column.meaning
    assert column.meaning[0].isupper() or column.meaning[1:2] in {" ", "s"}
    assert not column.meaning.endswith(".")
    assert column.name == column.name.lower()
    assert not (column.text and column.unit)


@EVERY_DATASET
def test_an_uncertainty_has_the_unit_of_its_quantity(dataset: Dataset) -> None:
    for column in dataset.columns:
        if column.uncertainty_of is not None:
            assert column.unit == dataset.column(column.uncertainty_of).unit


@pytest.mark.parametrize(
    ("dataset", "name", "unit"),
    [
        (KEPLER, "koi_depth", "ppm"),
        (TESS, "pl_trandep", "ppm"),
        (K2, "pl_trandep", "%"),
        (K2, "pl_trandur", "h"),
        (KEPLER, "koi_duration", "h"),
        (TESS, "pl_trandurh", "h"),
        (KEPLER, "koi_time0bk", "d"),
        (KEPLER, "koi_insol", ""),
        (K2, "pl_orbsmax", "au"),
        (K2, "pl_rade", "R_earth"),
        (TESS, "st_pmra", "mas / yr"),
    ],
)
def test_units_are_those_of_the_mission_itself(dataset: Dataset, name: str, unit: str) -> None:
    assert dataset.column(name).unit == unit


# What the archive's headers write between brackets, and what it is called here.
HEADER_UNITS = {
    "days": "d",
    "BKJD": "d",
    "BJD": "d",
    "hrs": "h",
    "hours": "h",
    "Earth radii": "R_earth",
    "Earth Radius": "R_earth",
    "R_Earth": "R_earth",
    "Earth flux": "",
    "Earth Flux": "",
    "Jupiter Radius": "R_jup",
    "Earth Mass": "M_earth",
    "Jupiter Mass": "M_jup",
    "Solar radii": "R_sun",
    "Solar Radius": "R_sun",
    "R_Sun": "R_sun",
    "Solar mass": "M_sun",
    "log10(cm/s**2)": "dex(cm / s2)",
    "cm/s**2": "dex(cm / s2)",
    "cm/s**": "dex(cm / s2)",
    "decimal degrees": "deg",
    "AU": "au",
    "g/cm**3": "g / cm3",
    "mas/yr": "mas / yr",
    "sexagesimal": "",
}
# Where the header is wrong, see the comments in the registry.
HEADER_ERRORS = {
    "koi_fwm_stat_sig",
    *("koi_fwm_srao", "koi_fwm_srao_err", "koi_fwm_prao", "koi_fwm_prao_err"),
    *("koi_fwm_sra", "koi_fwm_sra_err"),
}
REAL_TABLES = [
    ("koi_cumulative_2025.10.04_default49.csv", KEPLER, 49),
    ("koi_cumulative_2019.01.20_default50.csv", KEPLER, 50),
    ("q1_q17_dr25_koi_2017.07.19_all153.tbl.gz", KEPLER, 153),
    ("toi_2025.10.04_default65.csv", TESS, 65),
    ("k2pandc_2025.10.04_default94.csv", K2, 94),
    ("q1_q17_dr25_tce_exominer_cv_141.csv.gz", KEPLER_TCE, 141),
]
EVERY_REAL_TABLE = pytest.mark.parametrize(
    ("name", "dataset", "width"), REAL_TABLES, ids=[entry[0] for entry in REAL_TABLES]
)


@EVERY_REAL_TABLE
def test_the_registry_knows_every_column_of_the_real_tables(
    archive_dir: Path, name: str, dataset: Dataset, width: int
) -> None:
    columns, _ = read_columns(archive_dir / name)
    assert len(columns) == width
    assert [column for column in columns if not dataset.knows(column)] == []


@EVERY_REAL_TABLE
def test_units_agree_with_the_header_of_the_real_tables(
    archive_dir: Path, name: str, dataset: Dataset, width: int
) -> None:
    import gzip
    import re

    path = archive_dir / name
    with (gzip.open if name.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        head = [line for line, _ in zip(file, range(400), strict=False)]
    stated = {
        match[1]: match[2]
        for line in head
        if (match := re.match(r"[#\\] COLUMN (\w+):.*\[([^\]]*)\][^\]]*$", line))
    }
    # ExoMiner's makers left the archive's header out.
    assert len(stated) > 20 or dataset is KEPLER_TCE
    for column, unit in stated.items():
        if column not in HEADER_ERRORS and not column.endswith("lim"):
            assert (column, dataset.column(column).unit) == (column, HEADER_UNITS.get(unit, unit))


def test_a_column_says_which_values_are_possible() -> None:
    assert KEPLER.column("koi_depth").possible == (0.0, math.inf)
    assert KEPLER.column("koi_steff").possible == (0.0, math.inf)
    assert KEPLER.column("koi_slogg").possible == (-math.inf, math.inf)
    assert KEPLER.column("koi_impact").possible == (0.0, math.inf)
    assert KEPLER.column("koi_eccen").possible == (0.0, 1.0)
    assert KEPLER.column("koi_incl").possible == (0.0, 180.0)
    # Of the uncertainties of such a quantity nothing follows.
    assert KEPLER.column("koi_incl_err1").bounds is None


def test_scales_are_logarithmic_where_a_quantity_spans_decades() -> None:
    for name in ("koi_period", "koi_duration", "koi_depth", "koi_prad", "koi_insol"):
        assert KEPLER.column(name).scale is Scale.LOG
        assert KEPLER.column(f"{name}_err1").scale is Scale.LOG
        # Lower uncertainties are negative in the archive's tables; their sizes span decades.
        assert KEPLER.column(f"{name}_err2").scale is Scale.LOG
    assert KEPLER.column("koi_steff").scale is Scale.LINEAR


def test_units_are_worded_for_sentences() -> None:
    assert [unit_in_words(unit) for unit in ("ppm", "d", "R_earth", "K", "")] == [
        *("ppm", "days", "Earth radii", "K", "")
    ]


def test_ppm_is_a_millionth() -> None:
    assert parse_unit("ppm").to("") == pytest.approx(1e-6, rel=1e-12)
    with pytest.raises(ValueError, match="furlong_per"):
        parse_unit("furlong_per")
