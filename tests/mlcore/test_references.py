"""What is cited: each once, with a DOI that can be one, and BibTeX that can be read."""

from __future__ import annotations

import re

import pytest

from mlcore.calibration.methods import CalibrationMethod
from mlcore.calibration.papers import CALIBRATION, CONFORMAL
from mlcore.datasets import DATASETS
from mlcore.models import MODELS
from mlcore.models.spec import Explainer
from mlcore.references import ARCHIVE, Reference, bibtex

EVERY = {
    reference.key: reference
    for references in (
        (ARCHIVE, *CONFORMAL),
        *CALIBRATION.values(),
        *(dataset.references for dataset in DATASETS.values()),
        *(kind.references for kind in MODELS.values()),
        *(explainer.references for explainer in Explainer),
    )
    for reference in references
}
SMALL = Reference(
    key="a2020",
    title="Of {Braces} & 5 % of_it",
    authors="Ada, A. and Bob, B.",
    year=2020,
    doi="10.1/a_b",
    where={"journal": "Journal", "url": "https://example.org/a_b"},
)


def test_an_entry_is_bibtex() -> None:
    assert bibtex(SMALL, SMALL) == (
        "@article{a2020,\n"
        "  author = {Ada, A. and Bob, B.},\n"
        "  title = {{Of {Braces} \\& 5 \\% of\\_it}},\n"
        "  year = {2020},\n"
        "  journal = {Journal},\n"
        "  url = {https://example.org/a_b},\n"
        "  doi = {10.1/a_b},\n"
        "}\n"
    )


@pytest.mark.parametrize("reference", EVERY.values(), ids=EVERY.keys())
def test_every_reference_can_be_found(reference: Reference) -> None:
    assert re.fullmatch(r"[a-z]+\d{4}", reference.key)
    assert reference.key.endswith(str(reference.year))
    assert re.fullmatch(r"(10\.\d{4,5}/\S+)?", reference.doi)
    assert reference.doi or reference.where
    # Surnames first, as BibTeX sorts by them.
    assert all("," in name or name == "others" for name in reference.authors.split(" and "))
    assert reference.entry.count("{") == reference.entry.count("}")


def test_every_method_has_something_to_cite() -> None:
    assert {method.value for method in CalibrationMethod} == CALIBRATION.keys()
    assert all(CALIBRATION.values())
    assert all(kind.references for kind in MODELS.values())
    assert all(dataset.references for dataset in DATASETS.values())


def test_nothing_that_is_computed_follows_from_what_is_cited() -> None:
    kepler = DATASETS["kepler"]
    assert kepler.doi == "10.26133/NEA4"
    assert DATASETS["k2"].doi == "10.26133/NEA19"
    assert kepler.doi not in kepler.fingerprint
    assert "borucki2010" not in kepler.fingerprint
