"""Names of stars and their objects, read as astronomers write them.

``KIC 010797460``, ``kic-10797460`` and ``10797460`` are one star, and ``K00755.01``, ``KOI-755.01``
and ``755.01`` one object. What is read here is what uploads, siblings and warnings go by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = [
    "Catalogue",
    "ObjectName",
    "RoundedNumberError",
    "are_listed",
    "as_listed",
    "parse_name",
    "star_of",
    "stars_of",
]


class Catalogue(StrEnum):
    """A catalogue that numbers stars, candidates or planets."""

    KIC = "KIC"
    EPIC = "EPIC"
    TIC = "TIC"
    KOI = "KOI"
    TOI = "TOI"
    CTOI = "CTOI"
    KEPLER = "Kepler"
    K2 = "K2"


class RoundedNumberError(ValueError):
    """A number that stands for a name has lost digits on its way."""


_STARS = {Catalogue.KIC, Catalogue.TIC}
"""Catalogues whose numbers the archive writes alone, and which number no candidates."""


_FEW = {Catalogue.KOI: Catalogue.KIC, Catalogue.TOI: Catalogue.TIC}
"""Catalogues that number few candidates, and those that number their stars."""
_MOST_CANDIDATES = 100_000
"""From which number on it is a star's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectName:
    """The name of a star, or of one of its objects.

    Examples
    --------
    >>> name = parse_name("KOI-755.01")
    >>> str(name), name.number, name.candidate, str(name.star)
    ('K00755.01', 755, 1, 'K00755')
    """

    catalogue: Catalogue
    number: int
    """The star's number in the catalogue."""
    component: str = ""
    """Which star of a double one, such as ``B`` or ``(AB)``."""
    candidate: int | None = None
    """The object's number at its star, where it is a candidate's name."""
    letter: str = ""
    """The object's letter at its star, where it is a planet's name."""

    @property
    def star(self) -> ObjectName:
        """The name without what tells the objects of the star apart."""
        # A community's candidate has the number of its star.
        of = Catalogue.TIC if self.catalogue is Catalogue.CTOI else self.catalogue
        return ObjectName(catalogue=of, number=self.number, component=self.component)

    @property
    def is_star(self) -> bool:
        """Whether it names no object of the star."""
        return self.candidate is None and not self.letter

    def __str__(self) -> str:
        """Return the canonical spelling, with the catalogue's name."""
        return self._spelled(_spelled_star(self.catalogue, self.number, planet=bool(self.letter)))

    @property
    def as_number(self) -> str:
        """How the catalogue's own table has it: KIC, TIC and TOI without the catalogue's name.

        Examples
        --------
        >>> parse_name("TOI-1000.01").as_number
        '1000.01'
        >>> parse_name("TOI-1000 b").as_number
        'TOI-1000 b'
        """
        alone = self.catalogue in _STARS or (self.catalogue is Catalogue.TOI and not self.letter)
        return self._spelled(str(self.number)) if alone and not self.component else str(self)

    def _spelled(self, star: str) -> str:
        star += f" {self.component}" if self.component else ""
        if self.candidate is not None:
            return f"{star}.{self.candidate:02d}"
        return f"{star} {self.letter}" if self.letter else star


def _spelled_star(catalogue: Catalogue, number: int, *, planet: bool) -> str:
    if catalogue is Catalogue.KOI:
        return f"K{number:05d}"
    hyphen = catalogue in {Catalogue.KEPLER, Catalogue.K2} or planet
    return f"{catalogue}{'-' if hyphen and catalogue is not Catalogue.EPIC else ' '}{number}"


_PREFIXES = {
    "kic": Catalogue.KIC,
    "kepid": Catalogue.KIC,
    "kplr": Catalogue.KIC,
    "ktwo": Catalogue.EPIC,
    "epic": Catalogue.EPIC,
    "tic": Catalogue.TIC,
    "koi": Catalogue.KOI,
    "k": Catalogue.KOI,
    "toi": Catalogue.TOI,
    "ctoi": Catalogue.CTOI,
    "kepler": Catalogue.KEPLER,
    "k2": Catalogue.K2,
}
_SPACE = r"[\s_:#-]*"
# "K2-3" is a planet host of K2 and "K2.01" a Kepler object of interest: K2 needs what divides, and
# K alone four digits or a candidate's number.
_BEGUN = (
    rf"(?:(?P<prefix>kepid|kplr|ktwo|kic|epic|tic|koi|ctoi|toi|kepler|k(?=\d{{4}}|\d+\.\d\d$)){_SPACE}"
    r"|(?P<k2>k2)[\s_-]+)"
)
_NUMBER = r"0*(?P<number>\d{1,18}?)"
_OBJECT = (
    r"(?:\s*(?P<component>\([A-C]{1,3}\)|[A-C](?=\s*$|\s+[b-z]$)))?"
    r"(?:\.(?P<candidate>\d\d)|[\s_-]*(?P<letter>[b-z]))?"
)
_NAME = re.compile(rf"(?i:{_BEGUN}){_NUMBER}{_OBJECT}")
# Where decimals have commas, so have the numbers of candidates.
_BARE = re.compile(rf"{_NUMBER}(?:\.(?P<candidate>\d+)|,(?P<after_comma>\d\d?))?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3}){2,}|(?: \d{3})+)")
_BESIDE = re.compile(r"(?<=[\da-z])\s*\((?![A-C]{1,3}\))[^()]*\)$")
"""Words in brackets behind a name, which are no component of a star."""
_AS_TEXT = re.compile(r"""=?"(.*)"|'(.*)""")
"""How spreadsheets mark what is text and no number."""
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d*))?[eE]\+?(\d{1,3})")
_WHOLE = re.compile(r"(\d+)\.0*")
_DASHES = str.maketrans({**dict.fromkeys("‐‑‒–—―−﹣－", "-"), "\u00a0": " ", "\u202f": " "})
_LISTED_KOI = re.compile(r"(K(?:[0-9]{5}|[1-9][0-9]{5,17}))\.[0-9]{2}")
_LISTED_STAR = re.compile(r"[1-9][0-9]{0,14}")
_LISTED_TOI = re.compile(r"[1-9][0-9]{0,4}\.(?:0[1-9]|[1-9][0-9])")
_LISTED = {
    (Catalogue.KIC, True): _LISTED_STAR,
    (Catalogue.KIC, False): _LISTED_STAR,
    (Catalogue.TIC, True): _LISTED_STAR,
    (Catalogue.TIC, False): _LISTED_STAR,
    (Catalogue.KOI, False): _LISTED_KOI,
    (Catalogue.TOI, False): _LISTED_TOI,
    (Catalogue.EPIC, True): re.compile(r"(?:EPIC |K2-)[1-9][0-9]{0,17}"),
    (Catalogue.EPIC, False): re.compile(
        r"EPIC [1-9][0-9]{0,17}(?:\.[0-9]{2})?|K2-[1-9][0-9]{0,17} [b-z]"
    ),
}
"""Names as catalogues' own tables have them, by what a column names, and whether stars are wanted:
nothing is lost of these, and nothing to be read."""
_OF_A_STAR = re.compile(r"([1-9]\d{2,})\.\d\d")
"""A star's number with that of one of its objects."""
_EXACT = 2**53
"""Whole numbers beyond this one are not all told apart in double precision."""


@lru_cache(maxsize=2**15)
def parse_name(text: str, bare: Catalogue | None = None) -> ObjectName | None:
    """Read a name of a star or of an object.

    Parameters
    ----------
    text
        A name in any usual spelling: case, blanks, hyphens and zeros in front mean nothing.
    bare
        Which catalogue a number without a name is of; without one such a number is no name.

    Returns
    -------
    ObjectName or None
        None where the text is no name of these catalogues, such as ``TRAPPIST-1 b``.

    Examples
    --------
    >>> [str(parse_name(text)) for text in ("kic 010797460", "K2-3b", "EPIC 201367065.01")]
    ['KIC 10797460', 'K2-3 b', 'EPIC 201367065.01']
    >>> str(parse_name("755.01", bare=Catalogue.KOI))
    'K00755.01'
    >>> parse_name("TRAPPIST-1 b") is None
    True
    """
    text = " ".join(text.translate(_DASHES).split())
    if marked := _AS_TEXT.fullmatch(text):
        text = (marked[1] or marked[2] or "").strip()
    # Whose number it is, in words behind it: "KIC 3453214 (Kepler)".
    text = _BESIDE.sub("", text)
    if match := _NAME.fullmatch(text):
        return _named(match, text)
    return None if bare is None else _numbered(text, bare)


def _named(match: re.Match[str], text: str) -> ObjectName | None:
    catalogue = _PREFIXES[(match["prefix"] or match["k2"]).lower()]
    component, letter = match["component"] or "", match["letter"] or ""
    # In capitals throughout, as "KEPLER-22 B", which is no star's component.
    if text.startswith("KEPLER") and component.isalpha() and component != "A" and not letter:
        component, letter = "", component.lower()
    candidate = match["candidate"]
    if candidate and catalogue is Catalogue.TIC:
        # ExoFOP calls the community's candidates by their stars.
        catalogue = Catalogue.CTOI
    elif candidate and catalogue in _STARS:
        return None
    return ObjectName(
        catalogue=catalogue,
        number=int(match["number"]),
        component=component,
        candidate=int(candidate) if candidate else None,
        letter=letter,
    )


def _numbered(text: str, bare: Catalogue) -> ObjectName | None:
    if bare in _STARS:
        if whole := _WHOLE.fullmatch(text):
            text = whole[1]
        elif _GROUPED.fullmatch(text):
            text = re.sub(r"\D", "", text)
    match = _BARE.fullmatch(text)
    candidate = match and (match["candidate"] or match["after_comma"])
    if match is None or (candidate and (bare in _STARS or len(candidate) > 2)):
        return None
    number = int(match["number"])
    if bare in _FEW and number >= _MOST_CANDIDATES:
        # A star's number in a column of candidates.
        bare = Catalogue.CTOI if candidate and bare is Catalogue.TOI else _FEW[bare]
        if candidate and bare in _STARS:
            return None
    # A number that was stored as one has lost the zero at its end: 1000.1 is 1000.10.
    candidate = candidate and candidate.ljust(2, "0")
    return ObjectName(
        catalogue=bare,
        number=number,
        candidate=int(candidate) if candidate and int(candidate) else None,
    )


def as_listed(text: str, bare: Catalogue, *, of_star: bool = False) -> str:
    """Return a name as the table has it whose column holds names of a catalogue.

    Parameters
    ----------
    text
        The cell, without blanks around it.
    bare
        The catalogue of the column's numbers. Where the name is of another catalogue, it keeps
        that one's name; what is no name of any is left as it is.
    of_star
        Whether the star is wanted where the name is one of its objects.

    Raises
    ------
    RoundedNumberError
        When it is a number that has lost digits.

    Examples
    --------
    >>> as_listed("KIC 010797460", Catalogue.KIC), as_listed("Kepler-22b", Catalogue.KOI)
    ('10797460', 'Kepler-22 b')
    """
    if (listed := _LISTED.get((bare, of_star))) and listed.fullmatch(text):
        return text
    number = _exact_number(text)
    text = text if number is None else number
    if of_star and bare in _STARS and (match := _OF_A_STAR.fullmatch(text)):
        text = match[1]
    name = parse_name(text, bare)
    if name is None:
        return text
    name = name.star if of_star else name
    return name.as_number if name.catalogue is bare else str(name)


def are_listed(
    words: pd.Series[str], bare: Catalogue, *, of_star: bool = False
) -> NDArray[np.bool_]:
    """Tell of which names `as_listed` returns the same without looking further, shape ``(n,)``.

    Examples
    --------
    >>> import pandas as pd
    >>> are_listed(pd.Series(["K00755.01", "KOI-755.01", "a"]), Catalogue.KOI).tolist()
    [True, False, False]
    """
    listed = _LISTED.get((bare, of_star))
    if listed is None:
        return words.isna().to_numpy(dtype=bool) & False
    # In a group, as alternatives are no whole word each.
    return words.str.fullmatch(f"(?:{listed.pattern})", na=False).to_numpy(dtype=bool)


def stars_of(words: pd.Series[str], bare: Catalogue) -> pd.Series[str]:
    """Return what `star_of` returns of each name, missing where it does not tell."""
    # Without the point and the two digits of the candidate.
    listed = words.str.fullmatch(_LISTED_KOI.pattern, na=False)
    stars = words.str.slice(stop=-3)
    if listed.all():
        return stars
    others = words[~listed]
    told = {name: star_of(name, bare) for name in others.dropna().unique()}
    return stars.mask(~listed, others.map(told, na_action="ignore").astype("str"))


def star_of(text: str, bare: Catalogue) -> str | None:
    """Return the canonical name of an object's star, None where the name does not tell.

    Examples
    --------
    >>> star_of("K00755.01", Catalogue.KOI)
    'K00755'
    """
    if listed := _LISTED_KOI.fullmatch(text):
        return listed[1]
    name = parse_name(text, bare)
    return None if name is None else str(name.star)


def _exact_number(text: str) -> str | None:
    """Return a whole number that is written with a power of ten or beyond double precision."""
    if match := _SCIENTIFIC.fullmatch(text):
        decimals, power = match[2] or "", int(match[3])
        if len(decimals) < power:
            raise RoundedNumberError(text)
        whole = match[1] + decimals[:power]
        rest = decimals[power:].rstrip("0")
        return f"{whole}.{rest}" if rest else whole
    if (match := _WHOLE.fullmatch(text)) and int(match[1]) > _EXACT:
        raise RoundedNumberError(text)
    return None
