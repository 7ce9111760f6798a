"""Taking a heading apart: the name, a unit beside it, and whether it is of an uncertainty."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mlcore.datasets.unit_spellings import epoch_zero_point, read_unit, unit_of_body

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Side", "Spelled", "folded", "in_quotes", "spelled", "stated_unit"]

_SHOWN = 60
_BETWEEN = frozenset("_-‐–—.,:;/\\()[]{}*$'\"|")
_FONTS = re.compile(r"\\(?:rm|mathrm|text|textrm|mathit|it)(?![a-z])")
_OF_STAR = re.compile(r"(?<![a-z])([rmt])_?[*⋆★]")
"""How papers write the radius, the mass or the temperature of the star."""
_IN = re.compile(r"^(?:in|units?:?)\s+", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BRACKETS = re.compile(r"[\[({]([^\[\](){}]*(?:[\[({][^\[\](){}]*[\])}])?[^\[\](){}]*)[\])}]")
_LAST_BRACKETS = re.compile(r"^(?P<name>.*\S)\s*(?P<unit>\[.*\]|\([^()]*(?:\([^()]*\))?[^()]*\))$")
_ERROR = r"unc(?:ertainty|ertainties|\.)?|err(?:or|ors|\.)?|sigma|std(?:ev)?"
_UPPER = r"upper|up|plus|high|hi|pos|\+|1"
_LOWER_WORD = r"lower|low|lo|minus|neg|down|2"
_LOWER = rf"{_LOWER_WORD}|[-−–]"
# A minus right before the word is a side, and a hyphen between words is none.
_SIDES = re.compile(
    rf"""^(?P<name>.+?)[\s_.,-]*?
         (?:(?:(?P<before>{_UPPER}|{_LOWER_WORD}|(?<=[\s_])[-−–])[\s_]*)?
            (?:{_ERROR})|[±])
         [\s_(\[]*(?P<after>{_UPPER}|{_LOWER})?[)\]]?$""",
    re.IGNORECASE | re.VERBOSE,
)
# Of the words for a side these two are of an uncertainty without saying so.
_SIDE_ALONE = re.compile(
    r"^(?P<name>.+?)(?:[\s_]+|[\s_]*[(\[]\s*)(?P<after>plus|minus|[+\-−–])\s*[)\]]?$", re.IGNORECASE
)
_SIGNED = re.compile(r"(?:[\s_]|[(\[]\s*)[+\-−–]\s*[)\]]?$")
"""How a heading ends that says by a sign of which side its uncertainty is."""
_SIDES_FIRST = re.compile(
    rf"""^(?:(?P<before>{_UPPER}|{_LOWER})[\s_]*)?
         (?:uncertainty|error|err|unc\.?|sigma|e(?=_))[\s_]+(?:(?:of|in|on)[\s_]+)?(?:the\s+)?
         (?P<name>\S.*)$""",
    re.IGNORECASE | re.VERBOSE,
)


class Side(StrEnum):
    """Which uncertainty of a value a column holds."""

    UPPER = "upper"
    LOWER = "lower"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelled:
    """One way to take a heading apart."""

    name: str
    """What is left of it for the column."""
    unit: str = ""
    """What stands in the place of a unit, as it is written."""
    side: Side | None = None
    """Which uncertainty it is of; None for the value itself."""


# A table's headings are looked up in each mission's vocabulary, whose own names are the same.
@functools.lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return a name without case, blanks, hyphens, underscores and brackets.

    Signs that can be a unit stay: "Depth (%)" is not "depth".

    Examples
    --------
    >>> folded("KOI-Period "), folded("Stellar log(g)")
    ('koiperiod', 'stellarlogg')
    """
    letters = _FONTS.sub("", unicodedata.normalize("NFKC", text).lower())
    letters = _OF_STAR.sub(r"\1star", letters)
    return "".join(sign for sign in letters if not (sign.isspace() or sign in _BETWEEN))


def in_quotes(heading: str) -> str:
    """Return a heading for a sentence, in quotes and not too long."""
    return f'"{heading}"' if len(heading) <= _SHOWN else f'"{heading[:_SHOWN]}…"'


@functools.lru_cache(maxsize=1024)
def spelled(heading: str) -> tuple[Spelled, ...]:
    """Return the ways to take a heading apart, the most likely first.

    Examples
    --------
    >>> [(way.name, way.unit) for way in spelled("Orbital Period [days]")]
    [('Orbital Period [days]', ''), ('Orbital Period', 'days')]
    """
    return tuple(dict.fromkeys(way for way in _ways(heading) if way.name))


def stated_unit(heading: str) -> str:
    """Return the unit that a heading states, as it is written; empty without one.

    Examples
    --------
    >>> stated_unit("Rp [Rjup]"), stated_unit("Rp (mine)")
    ('Rjup', '')
    """
    return next((way.unit for way in spelled(heading) if _is_unit(way.unit)), "")


def _ways(heading: str) -> Iterator[Spelled]:
    yield from _ways_of(heading)
    if not re.search(r"[\s_]", heading.strip()) and _CAMEL.search(heading):
        # "orbitalPeriodDays" has its unit last, too.
        yield from _ways_of(_CAMEL.sub(" ", heading))


def _ways_of(heading: str) -> Iterator[Spelled]:
    if not _SIGNED.search(heading.rstrip()):
        for name, unit in _with_units(heading):
            yield Spelled(name=name, unit=unit)
    for name, unit in _with_units(heading):
        for pattern in (_SIDES, _SIDES_FIRST, _SIDE_ALONE):
            if match := pattern.fullmatch(name):
                side = _side(match)
                for rest, further in _with_units(match["name"]):
                    yield Spelled(name=rest, unit=unit or further, side=side)


def _side(match: re.Match[str]) -> Side:
    groups = match.groupdict()
    word = (groups.get("before") or groups.get("after") or "").lower()
    if not word:
        return Side.BOTH
    return Side.UPPER if re.fullmatch(_UPPER, word) else Side.LOWER


def _with_units(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text as name and unit: as it is, and without what may be a unit."""
    text = text.strip()
    yield text, ""
    if match := _LAST_BRACKETS.fullmatch(text):
        # Brackets can belong to the unit: "[cm/s2]" is its logarithm in catalogues.
        if _is_unit(match["unit"]):
            yield match["name"], match["unit"]
        yield match["name"], _IN.sub("", match["unit"][1:-1].strip())
    for match in _BRACKETS.finditer(text):
        if _is_unit(match[1]):
            yield (
                f"{text[: match.start()].rstrip()} {text[match.end() :].strip()}".strip(),
                match[1],
            )
    if "," in text:
        name, unit = text.rsplit(",", 1)
        yield name.strip(), unit.strip()
    match = re.fullmatch(r"(.+?)(?:\s+in\s+|\s*/\s*)(\S.*)", text, re.IGNORECASE)
    if match and _is_unit(match[2]):
        yield match[1], match[2]
    words = re.split(r"[\s_]+", text)
    for count in (2, 1):
        if len(words) > count and _is_unit(" ".join(words[-count:])):
            unit = " ".join(words[-count:])
            # What stood before it, with the blanks or underscores that it had.
            before = re.fullmatch(rf"(.+?)(?:[\s_]+[^\s_]+){{{count}}}", text)
            if before is not None:
                yield before[1], unit


def _is_unit(text: str) -> bool:
    readings = (read_unit(text), epoch_zero_point(text), unit_of_body(text))
    return any(reading is not None for reading in readings)
