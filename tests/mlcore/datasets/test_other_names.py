"""What else objects are called: kept for finding them, and seen by nothing that learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.datasets import DATASETS, obtain
from mlcore.datasets.name_keys import other_key, other_keys_of
from mlcore.datasets.snapshot import write_snapshot
from mlcore.datasets.spec import Column, Role
from mlcore.features.feature_sets import FeatureSet, Inputs, refusal_of_column
from mlcore.features.registry import features_of
from tests.sessions_app.real_rows import drawn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.datasets import Dataset
    from mlcore.datasets.sources import Obtained

KEPLER, K2 = DATASETS["kepler"], DATASETS["k2"]
MISSIONS = pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))


def loaded(folder: Path, names: Sequence[str]) -> Obtained:
    """Load rows whose first ones have these planets' names."""
    frame = drawn("named", 60)
    given = [*names, *[""] * (len(frame) - len(names))]
    path = folder / "named.csv"
    frame.assign(kepler_name=given).to_csv(path, index=False)
    return obtain(KEPLER, file=path)


def test_a_planets_name_is_known_with_what_it_says_of_the_star(tmp_path: Path) -> None:
    obtained = loaded(tmp_path, ["Kepler-227 b", "", "kepler-664  b"])
    assert [(one.row, one.name, one.key, one.star_key) for one in obtained.other_names] == [
        (1, "Kepler-227 b", "Kepler-227 b", "Kepler-227"),
        (3, "Kepler-664 b", "Kepler-664 b", "Kepler-664"),
    ]
    names = obtained.table.names
    assert [one.object_key for one in obtained.other_names] == [names[0], names[2]]


def test_nothing_that_learns_is_another_for_a_name(tmp_path: Path) -> None:
    named = loaded(tmp_path, ["Kepler-227 b", "Kepler-664 b"])
    without = loaded(tmp_path, [])
    assert "kepler_name" not in {*named.table.frame, *named.table.withheld_errors}
    assert named.table.fingerprint == without.table.fingerprint
    for obtained, file in ((named, "named.parquet"), (without, "without.parquet")):
        write_snapshot(obtained.table, tmp_path / file)
    first, second = (tmp_path / name for name in ("named.parquet", "without.parquet"))
    assert first.read_bytes() == second.read_bytes()


@MISSIONS
def test_no_other_name_can_be_a_feature(dataset: Dataset) -> None:
    names = {column.name for column in dataset.other_names}
    kept = {column.name for column in dataset.kept_columns}
    computed_from = {name for feature in features_of(dataset, wide=True) for name in feature.needs}
    assert not names & (kept | computed_from | {*dataset.quantities.values()})
    for kind in FeatureSet:
        assert not names & {column.name for column in Inputs(feature_set=kind).columns(dataset)}
    for name in names:
        assert refusal_of_column(dataset, name, uploaded=True)
        assert refusal_of_column(dataset, name, uploaded=False)


@MISSIONS
def test_what_a_table_keeps_is_no_other_name(dataset: Dataset) -> None:
    kept = dataset.column(dataset.object_name[0])
    feature = next(column for column in dataset.columns if column.role is Role.FEATURE)
    facts = {
        name: getattr(dataset, name) for name in dataset.__dataclass_fields__ if name[0] != "_"
    }
    for column in (kept, feature):
        with pytest.raises(ValueError, match=f"keeps {column.name}, which only finds an object"):
            type(dataset)(**facts | {"other_names": (column,)})


def test_a_planet_of_several_papers_has_its_own_rows_names_once(tmp_path: Path) -> None:
    path = tmp_path / "k2.csv"
    path.write_text(
        "pl_name,hostname,default_flag,disposition,pl_orbper,pl_rade,st_teff,k2_name,epic_candname,"
        "epic_hostname,tic_id,hd_name\n"
        "K2-3 b,K2-3,0,CONFIRMED,10.1,2.1,3890,K2-3 b,EPIC 1.01,EPIC 1,TIC 1,\n"
        "K2-3 b,K2-3,1,CONFIRMED,10.05,2.2,3895,K2-3 b,EPIC 201367065.01,EPIC 201367065,TIC 2, \n"
        "HD 3167 b,HD 3167,1,CONFIRMED,0.96,1.7,5300,K2-96 b,,EPIC 220383386,,HD  3167\n",
        encoding="utf-8",
    )
    found = obtain(K2, file=path).other_names
    assert [(one.row, one.object_key, one.name, one.star_key) for one in found] == [
        (1, "K2-3 b", "EPIC 201367065.01", "EPIC 201367065"),
        (1, "K2-3 b", "EPIC 201367065", "EPIC 201367065"),
        (1, "K2-3 b", "TIC 2", "TIC 2"),
        (2, "hd 3167 b", "K2-96 b", "K2-96"),
        (2, "hd 3167 b", "EPIC 220383386", "EPIC 220383386"),
    ]


@pytest.mark.parametrize(
    "spelled", ["Kepler-227 b", "kepler 227b", "KEPLER-227 B", "Kepler-227B", " kepler_227 b"]
)
def test_a_planets_name_is_one_in_any_spelling(spelled: str) -> None:
    assert "Kepler-227 b" in other_keys_of(spelled, KEPLER)


def test_a_name_of_no_catalogue_is_compared_without_its_case() -> None:
    column = Column(name="hd", unit="", meaning="Name", role=Role.IDENTIFIER, text=True)
    assert other_key("HD  3167", column) == ("HD 3167", "hd 3167", "")
