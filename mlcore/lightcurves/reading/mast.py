"""What the headers of MAST's light curves say, of Kepler, K2 and TESS and of what others made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlcore.lightcurves.light_curve import Star
from mlcore.lightcurves.reading.facts import Facts
from mlcore.lightcurves.reading.stars import named_by_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["facts_of_headers"]

_SEGMENTS = (("QUARTER", "quarter"), ("CAMPAIGN", "campaign"), ("SECTOR", "sector"))
_CARDS = (
    *("TELESCOP", "MISSION", "OBJECT", "ORIGIN", "TICID", "TIC_ID", "KEPLERID"),
    *("RA_OBJ", "DEC_OBJ"),
    *("QUARTER", "CAMPAIGN", "SECTOR", "TEFF", "LOGG", "RADIUS", "KEPMAG", "TESSMAG"),
    *("BJDREFI", "BJDREFF", "BJDREF", "TIMEUNIT"),
)
_PLAUSIBLE = {
    "TEFF": (1000, 100_000),
    "LOGG": (-1, 10),
    "RADIUS": (0.001, 2000),
    "RA_OBJ": (0, 360),
    "DEC_OBJ": (-90, 90),
}


def facts_of_headers(*headers: Mapping[str, Any]) -> Facts:
    """Return what a file's headers state.

    Parameters
    ----------
    headers
        The primary one, and that of the table.
    """
    stated: dict[str, Any] = {}
    for header in headers:
        # One by one: of a damaged header, the others' names may be anything.
        for card in _CARDS:
            if card in header:
                stated.setdefault(card, header[card])
    mission = _mission(stated)
    return Facts(
        star=Star(
            name=_star(stated, mission),
            teff=_number(stated, "TEFF"),
            log_g=_number(stated, "LOGG"),
            radius=_number(stated, "RADIUS"),
            magnitude=_number(stated, "TESSMAG" if mission == "TESS" else "KEPMAG"),
            right_ascension=_number(stated, "RA_OBJ"),
            declination=_number(stated, "DEC_OBJ"),
        ),
        mission=mission,
        segment=next(
            (
                f"{word} {number:.0f}"
                for card, word in _SEGMENTS
                if (number := _number(stated, card)) is not None and number >= 0
            ),
            None,
        ),
        time_zero=_time_zero(stated),
        time_unit=str(stated.get("TIMEUNIT") or "") or None,
        quick_look="mit/qlp" in str(stated.get("ORIGIN", "")).lower(),
    )


def _mission(stated: Mapping[str, Any]) -> str | None:
    said = " ".join(str(stated.get(card, "")) for card in ("MISSION", "TELESCOP", "OBJECT")).lower()
    # K2 was Kepler's telescope.
    for mark, mission in (("k2", "K2"), ("epic", "K2"), ("tess", "TESS"), ("kepler", "Kepler")):
        if mark in said:
            return mission
    return None


def _star(stated: Mapping[str, Any], mission: str | None) -> str | None:
    kepler = "epic" if mission == "K2" else "kic"
    # The one with a line is eleanor's.
    for card, catalogue in (("TICID", "tic"), ("TIC_ID", "tic"), ("KEPLERID", kepler)):
        number = _number(stated, card)
        if number is not None:
            return named_by_cell(number, catalogue)
    said = stated.get("OBJECT")
    return named_by_cell(said, "object") if isinstance(said, str) else None


def _time_zero(stated: Mapping[str, Any]) -> float | None:
    whole, fraction = _number(stated, "BJDREFI"), _number(stated, "BJDREFF")
    if whole is None:
        return _number(stated, "BJDREF")
    return whole + (fraction or 0.0)


def _number(stated: Mapping[str, Any], card: str) -> float | None:
    value = stated.get(card)
    if isinstance(value, str) and value.strip().isdecimal():
        value = float(value)
    # An empty card is a value of its own.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    value = float(value)
    low, high = _PLAUSIBLE.get(card, (-math.inf, math.inf))
    return value if math.isfinite(value) and low <= value <= high else None
