"""What a vetter would check of a signal, in words, and what is said of its star."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pytest

from sessions_app.web.tables import stars, vetting
from sessions_app.web.tables.vetting import vetting_table

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("module", [stars, vetting])
def test_examples_are_true(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_what_is_missing_cannot_be_tested_and_what_failed_comes_first() -> None:
    values = {"strength": 6.0, "ingress_asymmetry": -0.2, "uniqueness": None, "star": "TIC 1"}
    table = vetting_table("lightcurves", values)
    assert table is not None
    assert table.about == "Of 14 tests 1 failed, 1 passed and 12 not possible."
    strength, symmetry, uniqueness = table.rows[:3]
    assert (strength.outcome, strength.value, strength.limit) == ("failed", "6", "at least 7")
    assert strength.sentence.endswith("only 6 times their error deep: noise can make that.")
    assert symmetry.sentence == "Ingress and egress are alike (−0.2 standard errors)."
    assert (uniqueness.outcome, uniqueness.value) == ("not possible", "–")
    assert uniqueness.sentence == "This takes points at most phases of the orbit."
    assert strength.sources[0].called == "Pont et al. 2006"


def test_objects_of_catalogues_are_not_vetted_so() -> None:
    assert vetting_table("kepler", {"strength": 9.0}) is None
