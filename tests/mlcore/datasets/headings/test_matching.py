"""Which heading is which column: what is clear is read, and what is not is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, K2, KEPLER, TESS, Dataset, Table, read_table
from mlcore.datasets.headings.mapping import ColumnMapping, MappingError
from mlcore.datasets.headings.spelling import folded
from mlcore.datasets.headings.vocabulary import Vocabulary
from mlcore.datasets.readers.read import RawTable
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERY_DATASET = pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Table]:
    """Return what reads a table of these columns from a file."""

    def read_cells(
        cells: dict[str, list[Any]],
        dataset: Dataset = KEPLER,
        *,
        require_labels: bool = False,
        **mapping: Any,
    ) -> Table:
        path = tmp_path / "table.csv"
        pd.DataFrame(cells).to_csv(path, index=False)
        return read_table(
            path, dataset, require_labels=require_labels, mapping=ColumnMapping.parse(**mapping)
        )

    return read_cells


def columns_of(table: Table) -> dict[str, str | None]:
    return {row.heading: row.column for row in table.reading.headings}


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        *(("koi_period", "koi_period"), (" KOI_Period ", "koi_period")),
        *(("koi period", "koi_period"), ("KOI-Period", "koi_period")),
        *(("koi_period [days]", "koi_period"), ("koi_period_days", "koi_period")),
        *(("Orbital Period", "koi_period"), ("Orbital Period, d", "koi_period")),
        *(("Period (days)", "koi_period"), ("orbital_period", "koi_period")),
        *(("Transit Depth [ppm]", "koi_depth"), ("Depth ppm", "koi_depth")),
        *(("Planetary Radius [Earth radii]", "koi_prad"), ("Rp", "koi_prad")),
        *(("Radius (R_Earth)", "koi_prad"), ("radius [R_sun]", "koi_srad")),
        *(("Stellar Effective Temperature [K]", "koi_steff"), ("Teff", "koi_steff")),
        *(("log(g)", "koi_slogg"), ("Stellar log(g) (cm/s2)", "koi_slogg")),
        *(("Stellar Surface Gravity [log10(cm/s**2)]", "koi_slogg"), ("Kepmag", "koi_kepmag")),
        *(("Transit Duration [hrs]", "koi_duration"), ("Insolation [Earth flux]", "koi_insol")),
        ("Orbital Period Upper Unc. [days]", "koi_period_err1"),
        ("Transit Depth Lower Unc. [ppm]", "koi_depth_err2"),
        ("Lower uncertainty of the planet radius", "koi_prad_err2"),
        *(("Orbital Period (P) [days]", "koi_period"), ("Orbital Period $P$ (d)", "koi_period")),
        *(("Transit duration (T14) [hours]", "koi_duration"), ("bls_period", "koi_period")),
        *(("Impact Parameter b", "koi_impact"), ("Surface gravity (log g)", "koi_slogg")),
        *(("Umlaufzeit [d]", "koi_period"), ("radius_p", "koi_prad"), ("KIC #", "kepid")),
        *(("KIC ID", "kepid"), ("KOI", "kepoi_name"), ("RA [deg]", "ra")),
        ("Disposition Using Kepler Data", "koi_pdisposition"),
    ],
)
def test_a_heading_is_read_as_people_write_it(
    read: Callable[..., Table], heading: str, column: str
) -> None:
    other = "koi_teq"
    # What a star's temperature can be, and everything else that is read here only once.
    unlike = {"koi_steff": [5000.0, 6000.0], "ra": [290.0, 291.0]}
    values = unlike.get(column, [1.0, 2.0])
    if column == "koi_depth_err2":
        values = [-1.0, -2.0]
    table = read({heading: values, other: [500.0, 600.0]})
    assert columns_of(table)[heading.strip()] == column
    if column == "kepoi_name":
        assert table.frame[column].tolist() == ["K00001", "K00002"]
    elif column in table.frame:
        assert table.frame[column].astype("float64").tolist() == values


@EVERY_DATASET
def test_each_column_is_found_by_its_name_and_each_alias_of_it(dataset: Dataset) -> None:
    vocabulary = Vocabulary(dataset)
    names = {folded(column.name) for column in dataset.columns}
    assert len(names) == len(dataset.columns)
    for column in dataset.columns:
        for name in (column.name, column.name.upper().replace("_", " ")):
            hit = vocabulary.hit(name)
            assert hit is not None
            assert hit.columns == (column.name,)
        for alias in column.aliases:
            hit = vocabulary.hit(alias)
            assert hit is not None
            assert column.name in hit.columns
            # An alias that is another column's name would never be looked at.
            assert folded(alias) not in names - {folded(column.name)}


def test_the_archives_own_labels_are_read_with_their_uncertainties(archive_dir: Path) -> None:
    # The labels stand in the comment lines before the names.
    for name, dataset in (
        ("koi_cumulative_2025.10.04_default49.csv", KEPLER),
        ("toi_2025.10.04_default65.csv", TESS),
        ("k2pandc_2025.10.04_default94.csv", K2),
    ):
        vocabulary = Vocabulary(dataset)
        features = {column.name for column in dataset.feature_columns()}
        needed = features | {dataset.label, dataset.host, *dataset.quantities.values()}
        seen = set()
        for line in (archive_dir / name).read_text(encoding="utf-8").splitlines():
            if not line.startswith("# COLUMN "):
                continue
            column, label = line.removeprefix("# COLUMN ").split(":", 1)
            hit = vocabulary.hit(label.strip())
            # Sexagesimal positions and misspelt labels of withheld columns are not looked for.
            if column in needed and column not in {"rastr", "decstr"}:
                assert hit is not None, label
                assert column in hit.columns, (label, hit)
                seen.add(column)
        assert features <= seen


def test_what_exofop_calls_a_toi_is_read_and_what_it_has_twice_is_told(
    read: Callable[..., Table],
) -> None:
    table = read(
        {
            "TIC ID": [381714186],
            "TOI": [1839.01],
            "CTOI": [381714186.01],
            "TESS Disposition": ["EB"],
            "TFOPWG Disposition": ["PC"],
            "TESS mag": [10.2173],
            "RA (deg)": [196.8],
            "PM RA (mas/yr)": [-12.937],
            "PM RA err (mas/yr)": [0.1],
            "Transit Epoch (BJD)": [2459690.241643],
            "Period (days)": [1.4238],
            "Period (days) err": [0.1],
            "Duration (hours)": [1.5],
            "Depth (mmag)": [0.783148],
            "Depth (ppm)": [721.04585713295],
            "Planet Radius (R_Earth)": [2.68],
            "Planet Insolation (Earth flux)": [921.8],
            "Planet Eq Temp (K)": [1405.3],
            "Stellar Distance (pc)": [116.1],
            "Stellar Teff (K)": [5382.69],
            "Stellar log(g) (cm/s2)": [4.55],
            "Stellar Radius (R_Sun)": [0.848],
            "Stellar Mass (M_Sun)": [0.934],
        },
        TESS,
        require_labels=True,
    )
    assert table.missing_columns == ()
    assert table.labels is not None
    assert table.labels.tolist() == ["candidate"]
    row = table.frame.iloc[0]
    assert row["pl_trandep"] == 721.04585713295
    assert (row["toi"], row["tid"]) == ("1839.01", "381714186")
    assert row["pl_tranmid"] == 2459690.241643
    # An error is not the value: it is the upper one, and the lower one too.
    assert columns_of(table)["Period (days) err"] == "pl_orbpererr1"
    assert table.withheld_errors["pl_orbpererr2"].tolist() == [-0.1]
    assert 'Column "CTOI" was ignored: "TOI" is read as toi.' in table.warnings
    assert 'Column "Depth (mmag)" was ignored: "Depth (ppm)" is read as pl_trandep.' in (
        table.warnings
    )
    assert table.ignored_columns == (
        *("ctoi", "tess disposition", "depth (mmag)"),
        "stellar mass (m_sun)",
    )


def test_a_ctoi_download_has_its_own_names_for_object_and_label(read: Callable[..., Table]) -> None:
    table = read(
        {
            "TIC ID": [17361],
            "CTOI": [17361.01],
            "User Disposition": ["PC"],
            "TESS Mag": [11.3],
            "Transit Epoch (BJD)": [2458596.96],
            "Period (days)": [3.607],
            "Period (days) Error": [0.001],
            "Duration (hrs)": [2.1],
            "Depth ppm": [10036],
            "Radius (R_Earth)": [13.46],
            "Equilibrium Temp (K)": [1200],
            "Insolation (Earth Flux)": [300],
        },
        TESS,
        require_labels=True,
    )
    assert table.names.tolist() == ["TOI 17361.01"]
    assert table.labels is not None
    assert table.labels.tolist() == ["candidate"]
    assert table.features.loc[0, ["pl_orbper", "pl_trandep", "pl_rade"]].tolist() == [
        *(3.607, 10036.0, 13.46)
    ]


def test_an_exact_name_wins_and_the_other_heading_is_told(read: Callable[..., Table]) -> None:
    table = read({"Period": [9.0], "koi_period": [1.5]})
    assert table.features["koi_period"].tolist() == [1.5]
    assert 'Column "Period" was ignored: "koi_period" is read as koi_period.' in table.warnings


@pytest.mark.parametrize(
    ("dataset", "columns", "sentence"),
    [
        (
            KEPLER,
            {"radius": [2.0]},
            (
                'Heading "radius" can be koi_prad (planet radius) or koi_srad (stellar radius): say'
                ' which in columns, such as {"radius": "koi_prad"}; null ignores it.'
            ),
        ),
        (
            KEPLER,
            {"Period": [1.0], "Orbital Period": [1.0]},
            (
                'Headings "Period" and "Orbital Period" can both be koi_period (orbital period):'
                ' say which one is in columns, such as {"Period": "koi_period"}.'
            ),
        ),
        (
            # K2's table has no equilibrium temperature that a model may see, and it can be one.
            K2,
            {"temperature": [500.0]},
            (
                'Heading "temperature" can be st_teff (stellar effective temperature) or the'
                ' equilibrium temperature: say which in columns, such as {"temperature":'
                ' "st_teff"}; null ignores it.'
            ),
        ),
        (
            K2,
            {"Planet Radius": [2.0]},
            (
                'Heading "Planet Radius" can be pl_radj (planet radius) or pl_rade (planet radius):'
                ' say which in columns, such as {"Planet Radius": "pl_radj"}; null ignores it.'
            ),
        ),
        (
            KEPLER,
            {"Depth (odd transits)": [2.0]},
            (
                'Heading "Depth (odd transits)" can be koi_depth (transit depth) or something else:'
                ' say which in columns, such as {"Depth (odd transits)": "koi_depth"}; null ignores'
                " it."
            ),
        ),
        (
            KEPLER,
            {"Transit Depth [K]": [2.0]},
            (
                'In heading "Transit Depth [K]" the unit "K" cannot be one of koi_depth (transit'
                " depth), which is in ppm. Convert its values or, if they are in ppm all the same,"
                " say so in columns:"
                ' {"Transit Depth [K]": {"column": "koi_depth", "unit": "ppm"}}; null ignores it.'
            ),
        ),
    ],
)
def test_what_can_be_two_things_is_a_question(
    read: Callable[..., Table], dataset: Dataset, columns: dict[str, list[Any]], sentence: str
) -> None:
    known = "koi_insol" if dataset is KEPLER else "st_mass"
    with pytest.raises(DataError) as caught:
        read(columns | {known: [1.0]}, dataset)
    assert str(caught.value) == sentence


def test_a_slip_of_the_pen_in_a_measurement_is_asked_about(read: Callable[..., Table]) -> None:
    cells = {"koi_perod": [1.0], "koi_teq": [500.0]}
    with pytest.raises(DataError) as caught:
        read(cells)
    assert str(caught.value) == (
        'Heading "koi_perod" is nearly the one of koi_period (orbital period), which the table has'
        ' not: correct it, or say in columns what it is, such as {"koi_perod": "koi_period"}; null'
        " ignores it."
    )
    assert read(cells, columns={"koi_perod": None}).features["koi_period"].isna().all()
    # With the measurement under its own name it is a column of the user's own.
    assert columns_of(read(cells | {"koi_period": [2.0]}))["koi_perod"] is None


def test_a_question_is_answered_in_the_request(read: Callable[..., Table]) -> None:
    answered = {"radius": {"column": "koi_srad", "unit": "R_sun"}, "temperature": None}
    table = read({"radius": [0.9], "temperature": [1.0], "koi_teq": [2.0]}, columns=answered)
    assert table.frame["koi_srad"].tolist() == [0.9]
    (radius, temperature, _) = table.reading.headings
    assert (radius.column, radius.matched) == ("koi_srad", "request")
    assert (temperature.column, temperature.use) == (None, "ignored")


def test_what_no_model_sees_is_no_question(read: Callable[..., Table]) -> None:
    # The true value is there under its own name, and there is nothing to ask.
    table = read({"koi_prad": [2.0], "koi_srad": [1.0], "radius": [5.0]})
    assert columns_of(table)["radius"] is None
    assert any(
        warning.startswith('Column "radius" was ignored: It can be') for warning in (table.warnings)
    )


@pytest.mark.parametrize(
    ("heading", "value", "column", "expected"),
    [
        ("Period (hours)", 48.0, "koi_period", 2.0),
        ("koi_depth [%]", 0.1, "koi_depth", 1000.0),
        ("Depth (fraction)", 0.001, "koi_depth", 1000.0),
        # 1 - 10^(-0.4 × 0.001), by hand.
        ("Depth (mmag)", 1.0, "koi_depth", 920.6100155),
        ("Transit Duration [days]", 0.25, "koi_duration", 6.0),
        # 71492 / 6378.1, the nominal equatorial radii (IAU 2015 B3).
        ("Rp [Rjup]", 1.0, "koi_prad", 11.2089807),
        ("Transit Epoch (BJD)", 2454964.5, "koi_time0bk", 131.5),
        ("Transit Epoch [BKJD]", 131.5, "koi_time0bk", 131.5),
        ("Epoch (BJD - 2454833)", 131.5, "koi_time0bk", 131.5),
        ("T0 [MJD]", 54964.0, "koi_time0bk", 131.5),
        # 2457000 - 2454833, how many days BTJD counts from a later date.
        ("Transit epoch (BTJD)", 10.0, "koi_time0bk", 2177.0),
        ("logg [log10(m/s2)]", 2.44, "koi_slogg", 4.44),
        ("RA (hours)", 19.0, "ra", 285.0),
    ],
)
def test_another_unit_is_converted_and_told(
    read: Callable[..., Table], heading: str, value: float, column: str, expected: float
) -> None:
    table = read({heading: [value], "koi_teq": [500.0]})
    assert table.frame[column].iloc[0] == pytest.approx(expected, rel=1e-8)
    told = [warning for warning in table.warnings if "was converted from" in warning]
    (row, _) = table.reading.headings
    assert bool(told) == (row.converted_from is not None) == (value != expected)


def test_values_in_the_columns_own_unit_keep_every_bit(read: Callable[..., Table]) -> None:
    value = 0.1 + 0.2
    table = read({"Orbital Period [days]": [value], "Depth (ppm)": [100 / 3]})
    assert table.features.loc[0, ["koi_period", "koi_depth"]].tolist() == [value, 100 / 3]


def test_an_uncertainty_is_converted_like_its_value_but_without_an_offset(
    read: Callable[..., Table],
) -> None:
    table = read(
        {"Transit Epoch (BJD)": [2454964.5], "Transit Epoch Upper Unc. (BJD)": [0.002]}
        | {"Transit Depth Upper Unc. [%]": [0.01]}
    )
    assert table.frame["koi_time0bk_err1"].tolist() == [0.002]
    assert table.frame["koi_depth_err1"].iloc[0] == pytest.approx(100.0)


def test_a_unit_that_nobody_knows_is_told_where_the_column_is_sure(
    read: Callable[..., Table],
) -> None:
    table = read({"koi_period [Tage]": [1.5], "koi_teq": [500.0]})
    assert table.features["koi_period"].tolist() == [1.5]
    assert (
        'Column "koi_period [Tage]" is read as koi_period: "Tage" is no unit that is known: its'
        " values are taken to be in days, as in the mission's table."
    ) in table.warnings


@pytest.mark.parametrize(
    ("mapping", "field", "sentence"),
    [
        (
            {"columns": {"Perod of it": "koi_period"}},
            "columns",
            'columns: the table has no heading "Perod of it"; it has "Period of it".',
        ),
        (
            {"columns": {"Period of it": "koi_perod"}},
            "columns",
            (
                'columns: "Period of it" was mapped to "koi_perod", which is no column of Kepler'
                " objects of interest; koi_period is one."
            ),
        ),
        (
            {"columns": {"Period of it": "koi_teq", "koi_teq": "koi_teq"}},
            "columns",
            (
                'columns: "Period of it" and "koi_teq" were both mapped to koi_teq; a column has'
                " one heading."
            ),
        ),
        (
            {"columns": {"Period of it": {"column": "koi_period", "unit": "K"}}},
            "columns",
            (
                'columns: "Period of it": the unit "K" cannot be one of koi_period (orbital'
                " period), which is in days."
            ),
        ),
        (
            {"columns": {"Period of it": {"column": "koi_period", "unit": "orbits"}}},
            "columns",
            'columns: "Period of it": "orbits" is no unit that is known.',
        ),
        (
            {"label": "truth"},
            "label",
            (
                'label: the table has no heading "truth"; its headings begin with "Period of it",'
                ' "koi_teq".'
            ),
        ),
    ],
)
def test_what_a_request_says_of_headings_is_checked(
    read: Callable[..., Table], mapping: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(MappingError) as caught:
        read({"Period of it": [1.0], "koi_teq": [500.0]}, **mapping)
    assert (caught.value.field, str(caught.value)) == (field, sentence)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"columns": "{"}, "columns"),
        ({"columns": "[1]"}, "columns"),
        ({"columns": {"a": 1}}, "columns"),
        ({"columns": {"a": {"unit": "d"}}}, "columns"),
        ({"columns": {"a": {"column": "koi_period", "colour": "red"}}}, "columns"),
        ({"columns": {"a\x00": "koi_period"}}, "columns"),
        ({"columns": {"a" * 201: "koi_period"}}, "columns"),
        ({"label": 5}, "label"),
        ({"label_words": "yes"}, "label_words"),
        ({"label_words": {"1": "star"}}, "label_words"),
        ({"label_words": {"1": True}}, "label_words"),
    ],
)
def test_what_a_request_says_has_to_have_its_form(sent: dict[str, Any], field: str) -> None:
    with pytest.raises(MappingError) as caught:
        ColumnMapping.parse(**sent)
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")


def test_a_mapping_is_saved_and_read_again() -> None:
    mapping = ColumnMapping.parse(
        columns='{"P": "KOI_Period", "Rp": {"column": "koi_prad", "unit": "R_jup"}, "x": null}',
        label=" truth ",
        label_words={"1.0": "planet", "0": "false positive", "?": None},
    )
    assert ColumnMapping.from_json(mapping.as_json()) == mapping
    assert mapping.as_json()["label_words"] == {"1": "confirmed", "0": "false_positive", "": None}
    assert not ColumnMapping.from_json({})


def test_a_heading_that_a_request_maps_without_a_unit_states_its_own(
    read: Callable[..., Table],
) -> None:
    table = read({"size (Rjup)": [1.0], "koi_teq": [500.0]}, columns={"size (Rjup)": "koi_prad"})
    assert table.features["koi_prad"].iloc[0] == pytest.approx(11.2089807)


def test_a_table_that_comes_from_no_file_has_a_reading_too() -> None:
    from mlcore.datasets import table_from

    frame = pd.DataFrame({"koi_period": [1.0]})
    raw = RawTable(frame=frame, columns=("koi_period",), dated=None)
    table = table_from(raw, KEPLER, require_labels=False)
    assert columns_of(table) == {"koi_period": "koi_period"}


def test_brackets_around_every_unit_of_a_file_mean_nothing(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(
        "kepid,koi_period,koi_steff,koi_slogg\n,[days],[K],[cm/s2]\n1,9.5,5700,4.4\n2,3.5,6000,4.5\n"
    )
    table = read_table(tmp_path / "table.csv", KEPLER, require_labels=False)
    assert table.frame["koi_period"].tolist() == [9.5, 3.5]
    assert table.frame["koi_steff"].tolist() == [5700.0, 6000.0]
    assert not any("converted" in warning for warning in table.warnings)


def test_brackets_around_one_unit_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(
        "kepid,koi_period,koi_steff,koi_srad\n,days,[K],R_sun\n1,9.5,3.76,1\n2,3.5,3.77,1.1\n"
    )
    with pytest.raises(
        DataError, match=r'the unit "\[K\]" stands for a logarithm, which koi_steff'
    ):
        read_table(tmp_path / "table.csv", KEPLER, require_labels=False)


@pytest.mark.parametrize(
    "heading",
    ["koi_depth_err", "e_koi_depth", "Depth error (ppm)", "Transit Depth Unc.", "sigma_koi_depth"],
)
def test_one_uncertainty_for_both_sides_is_both(read: Callable[..., Table], heading: str) -> None:
    table = read({"koi_depth": [600.0, 700.0], heading: [6.0, 7.0]})
    assert table.frame["koi_depth_err1"].tolist() == [6.0, 7.0]
    assert table.frame["koi_depth_err2"].tolist() == [-6.0, -7.0]
    assert "koi_depth_err2" not in table.missing_columns
    assert any("one uncertainty for both sides" in warning for warning in table.warnings)


def test_one_uncertainty_beside_an_upper_or_a_lower_one_is_left_out(
    read: Callable[..., Table],
) -> None:
    for side, sign in (("koi_depth_err1", 1.0), ("koi_depth_err2", -1.0)):
        table = read({"koi_depth": [600.0], "koi_depth_err": [6.0], side: [sign]})
        assert columns_of(table)["koi_depth_err"] is None
        assert table.frame[side].tolist() == [sign]
        assert len({"koi_depth_err1", "koi_depth_err2"} & set(table.frame)) == 1


def test_one_uncertainty_in_another_unit_is_converted_on_both_sides(
    read: Callable[..., Table],
) -> None:
    table = read({"koi_duration": [2.0, 3.0], "Duration error (min)": [6.0, 12.0]})
    assert table.frame["koi_duration_err1"].tolist() == [0.1, 0.2]
    assert table.frame["koi_duration_err2"].tolist() == [-0.1, -0.2]


def test_an_uncertainty_of_a_depth_in_magnitudes_is_left_out_and_told(
    read: Callable[..., Table],
) -> None:
    table = read({"Depth (mmag)": [0.6, 0.7], "Depth (mmag) err": [0.1, 0.1]})
    assert columns_of(table) == {"Depth (mmag)": "koi_depth", "Depth (mmag) err": None}
    assert any("depends on the depth itself" in warning for warning in table.warnings)


def test_plus_and_minus_are_the_sides_of_an_uncertainty(read: Callable[..., Table]) -> None:
    table = read({"koi_depth": [600.0], "koi_depth_plus": [6.0], "koi_depth_minus": [-7.0]})
    assert table.frame["koi_depth_err1"].tolist() == [6.0]
    assert table.frame["koi_depth_err2"].tolist() == [-7.0]


def test_vizier_tells_the_sides_of_an_uncertainty_by_case(read: Callable[..., Table]) -> None:
    table = read({"koi_depth": [600.0], "E_koi_depth": [6.0], "e_koi_depth": [7.0]})
    assert table.frame["koi_depth_err1"].tolist() == [6.0]
    assert table.frame["koi_depth_err2"].tolist() == [-7.0]
    assert any("had no sign" in warning for warning in table.warnings)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        *(("P (d)", "koi_period"), ("P [hours]", "koi_period"), ("$P$ (days)", "koi_period")),
        *(("Rp/Re", "koi_prad"), ("Teff/K", "koi_steff"), ("Period/d", "koi_period")),
        *(("R* (Rsun)", "koi_srad"), ("R⋆ [R☉]", "koi_srad"), ("R [R_sun]", "koi_srad")),
        *(("R (R_jup)", "koi_prad"), ("S (S_earth)", "koi_insol"), ("δ (ppm)", "koi_depth")),
        *(("planet_radius_earth", "koi_prad"), ("stellar_radius_solar", "koi_srad")),
        *(("Radius (Earth)", "koi_prad"), ("insolation_earth", "koi_insol")),
        *(("Orbital period (in days)", "koi_period"), ("S_p (S_earth)", "koi_insol")),
        *(("orbitalPeriodDays", "koi_period"), ("planetRadiusEarthRadii", "koi_prad")),
        *(("$R_p$ ($R_{\\oplus}$)", "koi_prad"), ("$T_{\\rm eff}$ (K)", "koi_steff")),
        *(("$R_\\star$ ($R_\\odot$)", "koi_srad"), ("$\\delta$ (ppm)", "koi_depth")),
        *(
            ("Rp/Rs", "koi_ror"),
            ("S/N", "koi_model_snr"),
            ("P", None),
            ("d", None),
            ("T (pc)", None),
        ),
    ],
)
def test_a_heading_is_read_as_papers_and_programs_write_it(
    read: Callable[..., Table], heading: str, column: str | None
) -> None:
    values = [5000.0, 6000.0] if column == "koi_steff" else [1.0, 2.0]
    assert columns_of(read({heading: values, "koi_teq": [500.0, 600.0]}))[heading] == column


def test_a_symbol_of_two_quantities_is_asked_about(read: Callable[..., Table]) -> None:
    with pytest.raises(DataError, match=r"can be koi_teq .* or koi_steff .*: say which in columns"):
        read({"T (K)": [1.0], "koi_depth": [600.0]})
    # A period, a duration: as it stands in both, it is neither.
    assert columns_of(read({"T (d)": [1.0], "koi_depth": [600.0]}))["T (d)"] is None


def test_a_symbol_counts_with_a_unit_in_the_line_below(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("KIC,P,d\n,d,ppm\n1,9.5,616\n2,8.5,500\n")
    table = read_table(tmp_path / "table.csv", KEPLER, require_labels=False)
    assert table.frame["koi_period"].tolist() == [9.5, 8.5]
    assert table.frame["koi_depth"].tolist() == [616.0, 500.0]


def test_a_radius_in_jupiters_is_the_one_that_models_see_where_there_is_no_other(
    read: Callable[..., Table],
) -> None:
    alone = read({"Planet Radius [R_jup]": [0.5], "pl_orbper": [3.0]}, K2)
    assert alone.frame["pl_rade"].tolist() == pytest.approx([5.6045], rel=1e-4)
    both = read(
        {"Planet Radius [R_jup]": [0.5], "Planet Radius [R_earth]": [5.6], "pl_orbper": [3.0]}, K2
    )
    assert both.frame["pl_rade"].tolist() == [5.6]
