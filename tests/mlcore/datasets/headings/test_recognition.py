"""Whose table it is: the mission's that was chosen, another one's, several ones', or no table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mlcore.datasets import DATASETS, K2, KEPLER, TESS, Dataset, read_table
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.datasets.headings.recognition import OtherMissionError
from mlcore.datasets.readers.light_curves import refuse_light_curve
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table

SOME: dict[str, list[str]] = {
    "kepler": ["kepid", "kepoi_name", "koi_period", "koi_depth", "koi_steff", "ra", "dec"],
    "k2": ["pl_name", "hostname", "pl_orbper", "pl_rade", "st_teff", "st_mass", "sy_dist"],
    "tess": ["toi", "tid", "pl_orbper", "pl_trandurh", "pl_trandep", "st_tmag", "st_teff"],
}
SOME["tce"] = ["target_id", "tce_period", "tce_duration", "tce_model_snr", "tce_max_mult_ev"]
SOME["lightcurves"] = ["signal", "star", "trapezoid_ingress", "odd_even_ratio", "uniqueness"]
EXOFOP = ["TIC ID", "TOI", "TESS mag", "Period (days)", "Depth (ppm)", "Stellar Teff (K)"]


def read(folder: Path, dataset: Dataset, cells: dict[str, Any], **mapping: Any) -> Table:
    pd.DataFrame(cells).to_csv(folder / "table.csv", index=False)
    return read_table(
        folder / "table.csv",
        dataset,
        require_labels=False,
        mapping=ColumnMapping.parse(**mapping),
    )


@pytest.mark.parametrize("sent_as", DATASETS)
@pytest.mark.parametrize("mission", DATASETS)
def test_another_missions_table_is_named(tmp_path: Path, mission: str, sent_as: str) -> None:
    cells = {name: [1, 2] for name in SOME[mission]}
    if mission == sent_as:
        assert len(read(tmp_path, DATASETS[mission], cells)) > 0
        return
    with pytest.raises(OtherMissionError) as caught:
        read(tmp_path, DATASETS[sent_as], cells)
    title = (
        DATASETS[mission].title
        if mission in {"tce", "lightcurves"}
        else DATASETS[mission].short_title
    )
    assert str(caught.value) == (
        f"This looks like a {title} table; choose {title} (data_format {mission})."
    )


def test_a_mission_is_known_by_what_people_call_its_names(tmp_path: Path) -> None:
    with pytest.raises(OtherMissionError, match="This looks like a TESS table"):
        read(tmp_path, KEPLER, {name: [1, 2] for name in EXOFOP})


def test_a_table_in_everybodys_words_is_whose_the_request_says(tmp_path: Path) -> None:
    cells = {"period": [1.0], "depth": [100.0], "duration": [2.0], "teff": [5000.0]}
    for dataset in (KEPLER, K2, TESS):
        table = read(tmp_path, dataset, cells)
        assert table.frame[dataset.quantities["period"]].tolist() == [1.0]


def test_some_columns_of_another_catalogue_make_no_other_mission(tmp_path: Path) -> None:
    cells = {name: [1, 2] for name in [*SOME["kepler"], "st_tmag", "st_dist"]}
    table = read(tmp_path, KEPLER, cells)
    assert table.ignored_columns == ("st_tmag", "st_dist")


def test_who_says_what_the_headings_are_is_not_told_whose_table_it_is(tmp_path: Path) -> None:
    cells = {name: [1.0, 2.0] for name in SOME["tess"]}
    table = read(tmp_path, KEPLER, cells, columns={"pl_orbper": "koi_period"})
    assert table.features["koi_period"].tolist() == [1.0, 2.0]


def test_rows_of_several_missions_are_refused_with_their_numbers(tmp_path: Path) -> None:
    cells = {"period": [1.0, 2.0, 3.0], "Mission": ["Kepler", "TESS", "Kepler"]}
    with pytest.raises(DataError) as caught:
        read(tmp_path, KEPLER, cells)
    assert str(caught.value) == (
        "The table has rows of more than one mission (column Mission: Kepler (2), TESS (1)), which"
        " measure in different bands and label in different ways: send each mission's rows in a"
        " file of their own."
    )


@pytest.mark.parametrize(("mission", "refused"), [("Kepler", False), ("K2", True), ("mine", False)])
def test_a_table_may_say_itself_whose_it_is(tmp_path: Path, mission: str, *, refused: bool) -> None:
    cells = {"period": [1.0, 2.0], "mission": [mission, mission]}
    if refused:
        with pytest.raises(OtherMissionError, match="This looks like a K2 table"):
            read(tmp_path, KEPLER, cells)
    else:
        table = read(tmp_path, KEPLER, cells)
        assert table.ignored_columns == ("mission",)
        assert list(table.frame) == ["koi_period"]


@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        (
            ["time", "flux", "flux_err"],
            'This is a light curve (columns "time" and "flux"); what is read here are tables of',
        ),
        (
            ["TIME", "TIMECORR", "CADENCENO", "SAP_FLUX", "SAP_FLUX_ERR", "PDCSAP_FLUX"],
            "This is a light curve (columns ",
        ),
        (["Time (BJD)", "Norm. flux"], "This is a light curve (columns "),
        (["t", "f"], "This is a light curve (columns "),
        (["time_bjd", "mag", "mag_err"], "This is a light curve (columns "),
        (["HJD", "Magnitude"], "This is a light curve (columns "),
        (
            ["LABEL", *(f"FLUX.{number}" for number in range(1, 3198))],
            'This is a light curve in each row (3,197 columns such as "FLUX.1" to "FLUX.3197");',
        ),
        ([str(number) for number in range(200)], "This is a light curve in each row (200 columns"),
    ],
)
def test_a_light_curve_is_called_one(headings: list[str], sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        refuse_light_curve(headings)
    assert str(caught.value).startswith(sentence)
    assert str(caught.value).endswith("a file of its own, with a time and a flux in each row.")


@pytest.mark.parametrize(
    "headings",
    [
        SOME["kepler"],
        ["koi_period", "time", "flux"],
        ["x1", "x2", "x3", "koi_period"],
        [column.name for column in KEPLER.columns],
        ["1" * 10**6, "a" * 10**6],
    ],
)
def test_a_table_of_objects_is_no_light_curve(headings: list[str]) -> None:
    refuse_light_curve(headings)


def test_a_light_curve_is_named_before_its_columns_are_too_many(tmp_path: Path) -> None:
    names = ["LABEL", *(f"FLUX.{number}" for number in range(1, 3198))]
    (tmp_path / "table").write_text(f"{','.join(names)}\n{','.join(['2', *['0.5'] * 3197])}\n")
    with pytest.raises(DataError, match=r"^This is a light curve in each row \(3,197 columns"):
        read_table(tmp_path / "table", KEPLER, require_labels=True)


def test_columns_that_state_the_label_are_no_table_to_learn_from(tmp_path: Path) -> None:
    flags = {"koi_fpflag_nt": [0, 1], "koi_fpflag_co": [0, 1]}
    with pytest.raises(DataError) as caught:
        read(tmp_path, KEPLER, flags)
    assert str(caught.value).startswith(
        "The table has no column that a model may see: koi_fpflag_nt, koi_fpflag_co state or follow"
        " the disposition. Expected are koi_period, "
    )
    table = read(tmp_path, KEPLER, flags | {"koi_prad": [1.0, 2.0]})
    assert (
        "Of the table's columns a model may see koi_prad alone: koi_fpflag_nt, koi_fpflag_co state"
        " or follow the disposition."
    ) in table.warnings
