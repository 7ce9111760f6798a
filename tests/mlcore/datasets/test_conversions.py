"""Units as people spell them, and what values are multiplied by or moved by."""

from __future__ import annotations

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, K2, KEPLER, TESS, Dataset
from mlcore.datasets.conversions import ConversionError, UnknownUnitError, conversion_of
from mlcore.datasets.unit_spellings import epoch_zero_point, read_unit
from mlcore.datasets.units import parse_unit


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        *((spelling, "d") for spelling in ("d", "days", "Day", "DAYS")),
        *((spelling, "h") for spelling in ("h", "hrs", "hours", "Hr.")),
        *((spelling, "R_earth") for spelling in ("R_Earth", "Earth radii", "Rgeo", "R⊕", "Re")),
        *((spelling, "R_jup") for spelling in ("Rjup", "R_Jupiter", "Jupiter radii", "RJ")),
        *((spelling, "R_sun") for spelling in ("R_Sun", "Solar radii", "solRad", "R☉")),
        *((spelling, "dex(cm / s2)") for spelling in ("log10(cm/s**2)", "[cm/s2]", "log(cgs)")),
        *((spelling, "S_earth") for spelling in ("Earth flux", "S_Earth", "F⊕")),
        *((spelling, "%") for spelling in ("%", "percent")),
        *((spelling, "deg") for spelling in ("decimal degrees", "deg", "°")),
        *((spelling, "mas / yr") for spelling in ("mas/yr", "mas yr-1", "mas/year")),
        *((spelling, None) for spelling in ("", "orbits", "g", "DR25")),
    ],
)
def test_a_unit_has_many_spellings(spelling: str, unit: str | None) -> None:
    assert read_unit(spelling) == unit
    if unit:
        parse_unit(unit)


@pytest.mark.parametrize(
    ("spelling", "date"),
    [
        *(("BJD", 0.0), ("bjd_tdb", 0.0), ("HJD", 0.0), ("MJD", 2400000.5), ("BKJD", 2454833.0)),
        *(("BTJD", 2457000.0), ("TBJD", 2457000.0), ("BJD-2454833", 2454833.0)),
        *(("BJD - 2,457,000", 2457000.0), ("JD−2400000.5", 2400000.5), ("days", None)),
    ],
)
def test_an_epoch_counts_from_a_date(spelling: str, date: float | None) -> None:
    assert epoch_zero_point(spelling) == date


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_every_columns_own_unit_needs_no_conversion(dataset: Dataset) -> None:
    for column in dataset.columns:
        if column.unit:
            assert conversion_of(column.unit, column, dataset) is None


@pytest.mark.parametrize(
    ("dataset", "column", "spelling", "value", "expected"),
    [
        # By hand from the definitions: 24 h a day, 10⁶ in a whole, 0.01 in a percent.
        (KEPLER, "koi_period", "hours", 48.0, 2.0),
        (KEPLER, "koi_depth", "ppt", 1.5, 1500.0),
        (K2, "pl_trandep", "ppm", 1000.0, 0.1),
        (TESS, "pl_trandep", "mag", 2.5, 900000.0),
        (TESS, "pl_tranmid", "BTJD", 1000.0, 2458000.0),
        (KEPLER, "koi_time0bk", "HJD", 2454834.0, 1.0),
        (KEPLER, "koi_slogg", "log10(m/s2)", 2.44, 4.44),
        (KEPLER, "koi_slogg", "dex", 4.44, 4.44),
        (KEPLER, "koi_steff", "degC", 5000.0, 5273.15),
        # The uncertainty of a temperature is a difference.
        (KEPLER, "koi_steff_err1", "degC", 50.0, 50.0),
        (KEPLER, "koi_insol", "W/m2", 1361.0, 1.0),
        (KEPLER, "koi_insol", "erg/s/cm2", 1.361e6, 1.0),
        (KEPLER, "ra", "hours", 12.0, 180.0),
        (KEPLER, "koi_fwm_sra", "hours", 12.0, 12.0),
        (TESS, "st_pmra", "arcsec/yr", 0.5, 500.0),
        (TESS, "st_dist", "kpc", 0.2, 200.0),
        # The archive's files state percent and seconds, and have neither.
        (KEPLER, "koi_fwm_stat_sig", "percent", 0.5, 0.5),
        (KEPLER, "koi_fwm_srao", "sec", 0.5, 0.5),
        (KEPLER, "koi_time0", "BJD", 2454964.5, 2454964.5),
    ],
)
def test_values_come_out_in_the_columns_own_unit(
    dataset: Dataset, column: str, spelling: str, value: float, expected: float
) -> None:
    conversion = conversion_of(spelling, dataset.column(column), dataset)
    values = pd.Series([value])
    converted = values if conversion is None else conversion.apply(values)
    assert converted.iloc[0] == pytest.approx(expected, rel=1e-12)
    assert (conversion is None) == (value == expected)


@pytest.mark.parametrize(
    ("column", "spelling"),
    [
        *(("koi_depth", "K"), ("koi_period", "BJD"), ("koi_steff", "mag"), ("koi_slogg", "K")),
        *(("koi_impact", "days"), ("koi_kepmag", "ppm"), ("koi_depth_err1", "mmag")),
    ],
)
def test_a_unit_of_another_kind_is_refused(column: str, spelling: str) -> None:
    with pytest.raises(ConversionError) as caught:
        conversion_of(spelling, KEPLER.column(column), KEPLER)
    assert str(caught.value).startswith(f'the unit "{spelling}" cannot be one of {column} (')


@pytest.mark.parametrize("spelling", ["orbits", "DR25", "((", "log", "a b c"])
def test_what_is_no_unit_is_called_so(spelling: str) -> None:
    with pytest.raises(UnknownUnitError, match="is no unit that is known"):
        conversion_of(spelling, KEPLER.column("koi_period"), KEPLER)


@pytest.mark.parametrize("spelling", ["[K]", "dex(K)", "[R_sun]", "[d]"])
def test_the_unit_of_a_logarithm_is_not_the_one_of_its_number(spelling: str) -> None:
    column = {"K": "koi_steff", "n": "koi_srad", "d": "koi_period"}[spelling[-2]]
    with pytest.raises(ConversionError, match=f"stands for a logarithm, which {column} "):
        conversion_of(spelling, KEPLER.column(column), KEPLER)
