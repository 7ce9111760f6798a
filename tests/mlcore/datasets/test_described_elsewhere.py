"""Where an object is described elsewhere."""

from __future__ import annotations

import pytest

from mlcore.datasets import DATASETS
from mlcore.datasets.described_elsewhere import links_of


def addresses(mission: str, name: str, host: str) -> dict[str, str]:
    return {link.title: address for link, address in links_of(DATASETS[mission], name, host)}


@pytest.mark.parametrize("name", ["K00752.01", "KOI-752.01", "752.01"])
def test_a_kepler_object_is_found_by_its_name_and_its_star_in_any_spelling(name: str) -> None:
    found = addresses("kepler", name, "kic 010797460")
    archive = "https://exoplanetarchive.ipac.caltech.edu"
    assert found["NASA Exoplanet Archive"] == f"{archive}/overview/K00752.01"
    assert found["SIMBAD"].endswith("?Ident=KIC%2010797460")
    assert found["ExoFOP"].endswith("?id=10797460")
    # As the archive's own column koi_datalink_dvr has it.
    assert found["Data validation report"] == (
        f"{archive}/data/KeplerData/010/010797/010797460/dv/kplr010797460-20160209194854_dvr.pdf"
    )


def test_a_k2_star_with_a_name_of_its_own_has_no_number_to_look_up() -> None:
    assert "ExoFOP" not in addresses("k2", "K2-3 b", "K2-3")
    assert addresses("k2", "x", "EPIC 201238110")["ExoFOP"].endswith("?id=201238110")


def test_what_is_no_name_of_a_catalogue_has_no_page() -> None:
    assert addresses("tess", "my candidate", "my star & planet") == {}
