"""A number in a cell as people write one: thousands apart, with its error, unit or as a limit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["AmbiguousCommaError", "Found", "Number", "read_number"]


class Found(StrEnum):
    """What a cell holds."""

    VALUE = "value"
    LIMIT = "limit"
    """A bound below or above which the value is, which was not measured."""


class AmbiguousCommaError(ValueError):
    """A comma may stand before decimals or between thousands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number that was read from a cell."""

    value: float
    """The value; the bound of a limit."""
    found: Found = Found.VALUE
    upper: float | None = None
    """Its upper error, where the cell has one; not below zero."""
    lower: float | None = None
    """Its lower error, not above zero."""
    unit: str = ""
    """The unit that the cell states."""


_LONGEST = 80
"""Characters beyond which no cell is a number, so that none takes long to find out."""
_SIGNS = str.maketrans({
    **dict.fromkeys("−–—‒﹣－", "-"),
    **dict.fromkeys("＋", "+"),
    **dict.fromkeys("\u00a0\u2009\u202f\u2007\u2005", " "),
    **dict.fromkeys("’ʼ", "'"),
})  # fmt: skip
_POWER = r"(?:[eEdD][+-]?\d{1,3}|\s?[×x*]\s?10(?:\^|\*\*)?\(?[+-]?\d{1,3}\)?)?"
_BODY = rf"(?:\d[\d.,' _]*\d|\d+[.,]?|[.,]\d+){_POWER}"
_WITH_ERROR = re.compile(rf"([+-]?{_BODY})\s*(?:±|\+/-|\+-|\\pm)\s*({_BODY}|(?i:nan|n/a|\?|-)|)")
_WITH_ERRORS = re.compile(
    rf"([+-]?{_BODY})\s*[(\[]?\s*\+\s*({_BODY})\s*[/,;]?\s*-\s*({_BODY})\s*[)\]]?"
)
_LAST_DIGITS = re.compile(r"([+-]?\d+(?:\.(\d+))?)\s?\((\d{1,3}|\d*\.\d+)\)")
_LIMIT = re.compile(rf"(?:<|>|≤|≥|<=|>=|≲|≳)\s*([+-]?{_BODY})")
_ABOUT = re.compile(rf"(?:~|≈|∼|(?i:ca?\.|ca|circa|approx\.?|about))\s*([+-]?{_BODY})")
_LATEX = re.compile(r"\$|[\^_]\{")
"""What only a number has that was taken from LaTeX."""
_LOWER_FIRST = re.compile(rf"([+-]?{_BODY})\s*-\s*({_BODY})\s*\+\s*({_BODY})")
_UNIT = r"(%|‰|°?[A-Za-zµ⊕☉][A-Za-z0-9_µ⊕☉/^*. -]{0,15})"
_WITH_UNIT = (re.compile(rf"(.*[\d.)\]])\s*{_UNIT}"), re.compile(rf"(.*?[\d.)\]])\s*{_UNIT}"))
"""A number before the shortest and the longest text that can be its unit."""
_FOOTNOTE = re.compile(r"(?<=[\d.)])\s*[*†‡§¶]+$")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TEN = re.compile(r"\s?[×x*]\s?10(?:\^|\*\*)?\(?([+-]?\d{1,3})\)?$")
_BETWEEN_THOUSANDS = re.compile(r"([+-]?\d{1,3})((?:[ '_]\d{3})+)(?![\d])")
_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?(?:[eE][+-]?\d+)?")
_COMMAS = re.compile(r"[+-]?\d{1,3}(?P<groups>(?:,\d{3})+)(?P<rest>\.\d*)?(?:[eE][+-]?\d+)?")


def read_number(text: str, *, comma: bool | None = False) -> Number | None:
    """Read a number that is not written as a program writes one.

    Parameters
    ----------
    text
        The cell.
    comma
        Whether a comma separates the decimals; None: not known.

    Returns
    -------
    Number or None
        None where the text is no number.

    Raises
    ------
    AmbiguousCommaError
        When a comma can be both and `comma` is None.

    Examples
    --------
    >>> read_number("1,149.4").value, read_number("1.149,4", comma=True).value
    (1149.4, 1149.4)
    >>> number = read_number("9.49 +0.02 -0.01")
    >>> number.value, number.upper, number.lower
    (9.49, 0.02, -0.01)
    >>> read_number("<0.5").found
    <Found.LIMIT: 'limit'>
    >>> read_number("1.69 %").unit
    '%'
    """
    text = " ".join(text.translate(_SIGNS).split())
    if len(text) > _LONGEST:
        return None
    if _LATEX.search(text):
        text = _without_latex(text)
    text = _FOOTNOTE.sub("", text)
    if (number := _without_unit(text, comma)) is not None:
        return number
    for pattern in _WITH_UNIT:
        match = pattern.fullmatch(text)
        if match and (number := _without_unit(match[1], comma)) is not None:
            return replace(number, unit=match[2].strip())
    return None


def _without_unit(text: str, comma: bool | None) -> Number | None:  # noqa: FBT001
    for read in (_alone, _limit, _with_last_digits, _with_errors):
        if (number := read(text, comma)) is not None:
            return number
    return None


def _alone(text: str, comma: bool | None) -> Number | None:  # noqa: FBT001 - one of several alike
    if match := _ABOUT.fullmatch(text):
        text = match[1]
    value = _plain(text, comma)
    return None if value is None else Number(value=value)


def _limit(text: str, comma: bool | None) -> Number | None:  # noqa: FBT001
    match = _LIMIT.fullmatch(text)
    bound = _plain(match[1], comma) if match else None
    return None if bound is None else Number(value=bound, found=Found.LIMIT)


def _with_last_digits(text: str, _comma: bool | None) -> Number | None:  # noqa: FBT001
    match = _LAST_DIGITS.fullmatch(text)
    if match is None:
        return None
    error = float(match[3]) if "." in match[3] else int(match[3]) * 10.0 ** -len(match[2] or "")
    return Number(value=float(match[1]), upper=error, lower=-error)


def _with_errors(text: str, comma: bool | None) -> Number | None:  # noqa: FBT001
    if (match := _WITH_ERROR.fullmatch(text)) and not match[2][-1:].isdigit():
        return _alone(match[1], comma)
    if match:
        parts = match[1], match[2], match[2]
    elif match := _WITH_ERRORS.fullmatch(text):
        parts = match[1], match[2], match[3]
    elif match := _LOWER_FIRST.fullmatch(text):
        parts = match[1], match[3], match[2]
    else:
        return None
    value, upper, lower = (_plain(part, comma) for part in parts)
    if value is None or upper is None or lower is None:
        return None
    return Number(value=value, upper=upper, lower=-lower)


def _without_latex(text: str) -> str:
    """Return a number of LaTeX as one writes it in a line: ``$9.5^{+0.2}_{-0.1}$``."""
    text = re.sub(r"\\[,;:! ]|\\(?:rm|mathrm|text)\b|\$", " ", text)
    text = re.sub(r"\\times", "×", text)
    text = re.sub(r"×\s*10\s*\^\s*\{?\s*([+-]?\d+)\s*\}?", r"×10^(\1)", text)
    text = re.sub(r"[\^_]\s*\{|\}|[\^_](?=[+-]\s*[\d.])", " ", text).replace("{", " ")
    return " ".join(text.split())


def _plain(text: str, comma: bool | None) -> float | None:  # noqa: FBT001
    """Return a number without anything beside it, None where it is none."""
    text = _TEN.sub(r"e\1", text.strip())
    text = re.sub(r"(?<=[\d.])[dD](?=[+-]?\d+$)", "e", text)
    if match := _BETWEEN_THOUSANDS.match(text):
        text = match[1] + re.sub(r"[ '_]", "", match[2]) + text[match.end() :]
    if comma:
        if _POINTS.fullmatch(text):
            text = text.replace(".", "")
        text = text.replace(",", ".", 1) if "." not in text else text
    elif match := _COMMAS.fullmatch(text):
        one_way = match["rest"] is not None or match["groups"].count(",") > 1
        if comma is None and not one_way:
            raise AmbiguousCommaError(text)
        text = text.replace(",", "")
    return float(text) if _PLAIN.fullmatch(text) else None
