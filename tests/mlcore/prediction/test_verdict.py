from __future__ import annotations

import pytest

from mlcore.datasets import Disposition
from mlcore.prediction.verdict import MARGIN, Verdict, verdict_of
from mlcore.tasks import DISPOSITION, PLANET, VETTING

C, F, P = Disposition


def vetted(planet: float, possible: tuple[Disposition, ...] | None) -> Verdict:
    return verdict_of(VETTING, {F: 1 - planet, P: planet}, possible)


@pytest.mark.parametrize(
    ("planet", "possible", "verdict"),
    [
        (0.97, (P,), Verdict.LIKELY_PLANET),
        (0.02, (F,), Verdict.LIKELY_FALSE_POSITIVE),
        # Without a set the probability decides alone.
        (0.97, None, Verdict.LIKELY_PLANET),
        (0.3, None, Verdict.LIKELY_FALSE_POSITIVE),
        (0.97, (F, P), Verdict.UNDECIDED),
        (0.97, (), Verdict.UNDECIDED),
        # The set and the probability say otherwise.
        (0.7, (F,), Verdict.UNDECIDED),
        (0.59, (P,), Verdict.UNDECIDED),
        (0.41, None, Verdict.UNDECIDED),
        (0.5, None, Verdict.UNDECIDED),
    ],
)
def test_of_planets_and_false_positives_it_is_likely_one_or_undecided(
    planet: float, possible: tuple[Disposition, ...] | None, verdict: Verdict
) -> None:
    assert vetted(planet, possible) is verdict


def test_the_border_is_where_the_most_probable_class_leads_by_the_margin() -> None:
    assert vetted(0.5 + MARGIN / 2 + 1e-9, None) is Verdict.LIKELY_PLANET
    assert vetted(0.5 + MARGIN / 2 - 1e-9, None) is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("probabilities", "verdict"),
    [
        ((0.7, 0.2, 0.1), Verdict.CALLED_CANDIDATE),
        ((0.2, 0.7, 0.1), Verdict.CALLED_FALSE_POSITIVE),
        ((0.2, 0.1, 0.7), Verdict.CALLED_CONFIRMED),
        ((0.45, 0.1, 0.45), Verdict.UNDECIDED),
    ],
)
def test_of_the_three_dispositions_it_is_what_the_catalogue_would_say(
    probabilities: tuple[float, float, float], verdict: Verdict
) -> None:
    stated = dict(zip(Disposition, probabilities, strict=True))
    assert verdict_of(DISPOSITION, stated, (C, P)) is verdict


@pytest.mark.parametrize("planet", [0.02, 0.98])
def test_without_anything_measured_of_the_transit_there_is_nothing_to_vet(planet: float) -> None:
    stated = {F: 1 - planet, P: planet}
    likeliest = P if planet > 0.5 else F
    assert verdict_of(VETTING, stated, (likeliest,), measured=False) is Verdict.UNDECIDED
    assert verdict_of(VETTING, stated, (likeliest,), measured=True) is not Verdict.UNDECIDED


def test_nor_is_it_said_then_what_the_catalogue_would_call_it() -> None:
    stated = dict(zip(Disposition, (0.1, 0.8, 0.1), strict=True))
    assert verdict_of(DISPOSITION, stated, None, measured=False) is Verdict.UNDECIDED


def test_confirmed_is_the_catalogues_word() -> None:
    of_vetting = {vetted(planet, None) for planet in (0.1, 0.5, 0.9)}
    assert not any("confirmed" in verdict for verdict in of_vetting)
    assert (VETTING.called(PLANET), DISPOSITION.called(PLANET)) == ("planet", "confirmed")
    assert VETTING.called(F) == DISPOSITION.called(F) == "false positive"
