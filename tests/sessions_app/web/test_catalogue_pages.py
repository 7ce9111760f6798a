"""The pages on which an object of a mission's table is found and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.datasets.name_keys import star_key
from sessions_app.selectors.catalogue_object import catalogue_object
from sessions_app.selectors.dataset_rows import rows_of
from sessions_app.web.glossary import GLOSSARY
from tests.sessions_app.web.pages import page

if TYPE_CHECKING:
    from django.test import Client

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db


def spellings(name: str, host: str) -> list[str]:
    number = name.removeprefix("K").lstrip("0")
    return [name, name.lower(), f"KOI-{number}", f"koi {number}", f"  {name} ", f"KIC {host}"]


def test_an_object_is_found_in_any_spelling(client: Client, kepler: DatasetSnapshot) -> None:
    rows = rows_of(kepler, page_size=500).rows
    hosts = [row.host for row in rows]
    row = next(row for row in rows if hosts.count(row.host) == 1)
    for spelled in spellings(row.name, row.host):
        answer = client.get("/search", {"q": spelled})
        assert answer["Location"] == f"/missions/kepler/objects/{row.name}", spelled


def test_a_star_with_several_objects_lists_them(client: Client, kepler: DatasetSnapshot) -> None:
    rows = rows_of(kepler, page_size=500).rows
    hosts = [row.host for row in rows]
    host = next(host for host in hosts if hosts.count(host) > 1)
    text = page(client, "/search", q=f"KIC {host}")
    for row in rows:
        assert (row.name in text) is (row.host == host)


def test_a_name_that_nothing_has_is_said_to_be_none_with_what_can_be_looked_for(
    client: Client, kepler: DatasetSnapshot
) -> None:
    text = page(client, "/search", q="K99999.01", status=404)
    assert "Nothing is called “K99999.01”" in text
    assert "K00752.01, KOI-752.01, KIC 10797460" in text
    assert "Loaded: Kepler objects of interest." in text
    assert "Find an object" in page(client, "/search")
    assert "&lt;script&gt;" in client.get("/search", {"q": "<script>"}).content.decode()


def test_an_objects_page_begins_with_the_verdict_of_a_model_that_never_saw_its_star(
    client: Client, spoken_of: TrainingSession
) -> None:
    said = spoken_of.verdicts.get(number=77)
    found = catalogue_object("kepler", said.name)
    assert found is not None
    assert found.row.verdict is not None
    text = page(client, f"/missions/kepler/objects/{said.name}")
    assert "77 %" in text
    assert text.index("Likely planet") < text.index("What was measured")
    assert "By a model that was not trained on its star." in text
    assert f"Its star is {star_key(found.row.host, found.dataset)}" in text
    for other in found.siblings:
        assert other.name in text


def test_an_objects_sheet_has_its_values_with_units_and_errors_and_links_elsewhere(
    client: Client, kepler: DatasetSnapshot
) -> None:
    row = rows_of(kepler, columns=["koi_depth", "koi_depth_err1"]).rows[0]
    address = f"/missions/kepler/objects/{row.name}"
    text = page(client, address)
    assert "Transit depth koi_depth" in text
    assert "ppm" in text
    assert "No published model says anything of it." in text
    whole = client.get(address).content.decode()
    for site in ("exoplanetarchive.ipac.caltech.edu", "exofop", "simbad", "mast.stsci.edu"):
        assert site in whole
    assert f"kplr{int(row.host):09d}" in whole


def test_another_spelling_leads_to_the_objects_one_page_and_no_object_to_a_404(
    client: Client, kepler: DatasetSnapshot
) -> None:
    name = rows_of(kepler).rows[0].name
    answer = client.get(f"/missions/kepler/objects/{name.lower()}")
    assert answer["Location"] == f"/missions/kepler/objects/{name}"
    for address in ("kepler/objects/K99999.01", "tess/objects/TOI 700.01", "plato/objects/x"):
        assert client.get(f"/missions/{address}").status_code == 404


def test_a_plot_has_a_page_with_its_numbers_which_alone_go_to_scripts(
    client: Client, kepler: DatasetSnapshot
) -> None:
    name = rows_of(kepler).rows[0].name
    address = f"/missions/kepler/objects/{name}/plots/period-radius"
    assert "Period and radius" in page(client, address)
    alone = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert alone.lstrip().startswith("<div")
    assert name in alone
    assert client.get(f"/missions/kepler/objects/{name}/plots/beauty").status_code == 404


def test_every_word_that_pages_link_is_explained(client: Client) -> None:
    text = client.get("/glossary").content.decode()
    words = [entry.word for entry in GLOSSARY]
    assert len(set(words)) == len(words)
    assert words == sorted(words, key=str.lower)
    for anchor in ("vetting", "disposition", "conformal-set", "probe", "calibration", "follow-up"):
        assert f'id="{anchor}"' in text


def test_the_missions_are_listed_with_what_is_loaded(
    client: Client, kepler: DatasetSnapshot
) -> None:
    text = page(client, "/missions")
    assert f"{kepler.rows}, of which {kepler.test_rows} for testing" in text
    assert "manage.py load_dataset tess" in text
