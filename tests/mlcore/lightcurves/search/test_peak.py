"""What stands highest where nothing is strong enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.lightcurves.search.peak import strongest_peak
from mlcore.lightcurves.search.transits import DETECTION_LIMIT, search_transits
from tests.mlcore.lightcurves.made_curves import curve_of, dip, noise_of, times

TIME = times(27)


def test_noise_has_a_highest_peak_that_chance_makes_nearly_always() -> None:
    search = search_transits(curve_of(TIME, 1 + noise_of(TIME)))
    assert search.signals == ()
    peak = strongest_peak(search)
    assert peak.strength == search.last.strength.max() < DETECTION_LIMIT
    assert peak.ephemeris.period == search.last.periods[search.last.strength.argmax()]
    assert peak.false_alarm > 0.2


def test_beside_a_single_event_the_peak_is_of_what_is_left() -> None:
    once = Ephemeris(period=100, epoch=TIME[0] + 9, duration=0.3)
    search = search_transits(curve_of(TIME, 1 + noise_of(TIME) - dip(TIME, once, 5e-3)), limit=0.0)
    for signal in search.signals or (strongest_peak(search),):
        assert signal.strength < DETECTION_LIMIT


def test_where_nothing_dips_there_is_no_peak() -> None:
    search = search_transits(curve_of(TIME, 1 + noise_of(TIME)))
    flat = replace(search.last, strength=np.zeros_like(search.last.strength))
    with pytest.raises(DataError, match=r"^Nothing in this light curve dips\.$"):
        strongest_peak(replace(search, last=flat))
