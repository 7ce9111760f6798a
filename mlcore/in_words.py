"""Figures, shares and counts as people read them: the one place that decides how they are written.

A measured figure is written with its interval, or says that it has none; `Notation` holds what
differs between a sentence, a model's card and a table of a page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CARD",
    "SENTENCE",
    "SENTENCE_CHANGE",
    "SENTENCE_SHARE",
    "TABLE",
    "TABLE_CHANGE",
    "TABLE_GAIN",
    "TABLE_SHARE",
    "Notation",
    "bounds",
    "cardinal",
    "chance",
    "compared",
    "counted",
    "decimal",
    "figure",
    "fraction",
    "joined",
    "level",
    "lowered",
    "names",
    "number",
    "percent",
    "quoted",
    "typeset",
]

_FIRM = "\N{NO-BREAK SPACE}"
"""What stands within a figure of a table, so that it is never broken."""
_SHOWN = 40
"""Characters of a cell that a sentence shows."""
_WIDE = 0.1
"""Width of an interval from which the third decimal says nothing."""
_CARDINALS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_MOST_NAMED = 12
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 10: "tenth"}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_EQUAL = 0.03
"""Relative difference below which a sentence calls two values equal."""
_PROPER = frozenset({"Brier", "Gaia", "Kepler", "Ks"})
"""Words that keep their capital within a sentence, beside acronyms and single letters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notation:
    """How numbers are written in one kind of place."""

    digits: int | None = 3
    """Decimals; None: no more than what is known of the number deserves."""
    percent: bool = False
    signed: bool = False
    """Whether a plus is written too; what rounds to zero has no sign either way."""
    table: bool = False
    """Whether it is for a table: square brackets, a true minus, no space where a line breaks."""


SENTENCE = Notation()
SENTENCE_CHANGE = Notation(signed=True)
SENTENCE_SHARE = Notation(digits=0, percent=True)
CARD = Notation(digits=4)
"""Of a published model: as many digits as its card is compared by."""
TABLE = Notation(digits=None, table=True)
TABLE_CHANGE = Notation(signed=True, table=True)
TABLE_SHARE = Notation(digits=None, percent=True, table=True)
TABLE_GAIN = Notation(digits=0, percent=True, table=True)
"""Of a share that may be negative or more than a whole, such as one of a gain."""


def decimal(value: float, notation: Notation = SENTENCE) -> str:
    """Return a number that was computed, without its interval.

    Examples
    --------
    >>> decimal(0.91449)
    '0.914'
    >>> decimal(-0.0001, SENTENCE_CHANGE)
    '0.000'
    """
    if notation.percent:
        written = _percent(value, notation)
    else:
        written = _rounded(value, 3 if notation.digits is None else notation.digits)
    if notation.signed and float(written.rstrip(" %")) > 0:
        written = f"+{written}"
    return typeset(written) if notation.table else written


def bounds(low: float, high: float, notation: Notation = SENTENCE) -> str:
    """Return an interval without its brackets.

    Examples
    --------
    >>> bounds(0.9, 0.93)
    '0.900 to 0.930'
    """
    ends = decimal(low, notation), decimal(high, notation)
    return typeset(", ".join(ends)) if notation.table else " to ".join(ends)


def figure(
    value: float | None,
    low: float | None,
    high: float | None,
    notation: Notation = SENTENCE,
    *,
    note: str | None = None,
) -> str:
    """Return a measured figure with its interval.

    Parameters
    ----------
    value
        None where it is not defined.
    low, high
        Bounds of its interval; None or NaN where there is none.
    notation
        How it is written.
    note
        Why the value is not defined.

    Examples
    --------
    >>> figure(0.914, 0.9, 0.93)
    '0.914 (0.900 to 0.930)'
    >>> figure(0.914, None, None)
    '0.914 (no interval)'
    >>> figure(None, None, None, note="There are no rows.")
    'not defined: There are no rows.'
    """
    if value is None:
        return f"not defined: {note}" if note else "not defined"
    if low is None or high is None or math.isnan(low):
        interval = "no interval"
    else:
        if notation.digits is None and not notation.percent and high - low >= _WIDE:
            notation = replace(notation, digits=2)
        interval = bounds(low, high, notation)
    if notation.table:
        return typeset(f"{decimal(value, notation)} [{interval}]")
    return f"{decimal(value, notation)} ({interval})"


def percent(share: float, *, digits: int = 0) -> str:
    """Return a share that was computed, as a sentence says it.

    Examples
    --------
    >>> percent(0.54)
    '54%'
    """
    return decimal(share, replace(SENTENCE_SHARE, digits=digits))


def level(share: float) -> str:
    """Return a level that was chosen, such as an interval's, in percent.

    Examples
    --------
    >>> level(0.95)
    '95 %'
    """
    return f"{100 * share:.4g} %"


def number(value: float, *, digits: int = 3) -> str:
    """Return a measured number as a sentence says it, never in a programmer's notation.

    Parameters
    ----------
    value
        A finite number.
    digits
        Significant digits, without trailing zeros; of three, a fourth before the point is written
        too, as that of a temperature.

    Examples
    --------
    >>> number(603.4712), number(5455.0), number(10829.0), number(2.775e-05)
    ('603', '5455', '10800', '2.78 × 10⁻⁵')
    """
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if 3 <= exponent < 7:
        kept = 4 if exponent == 3 and digits == 3 else digits
        return f"{round(value, kept - 1 - exponent):.0f}"
    if -4 < exponent < 3:
        rounded = f"{float(f'{value:.{digits - 1}e}'):.{max(digits - 1 - exponent, 0)}f}"
        return rounded.rstrip("0").rstrip(".") if "." in rounded else rounded
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa} × 10{str(int(power)).translate(_RAISED)}"


def chance(log10: float) -> str:
    """Return how often something happens, from the logarithm of how often in one trial.

    Examples
    --------
    >>> chance(-14.29), chance(-2.3)
    ('once in 10¹⁴', 'once in 200')
    """
    if log10 > -3.5:
        return f"once in {number(10.0**-log10, digits=1 if log10 < -1 else 2)}"
    return f"once in 10{str(math.floor(-log10)).translate(_RAISED)}"


def compared(factor: float, more: str, less: str, alike: str) -> str:
    """Return how large something is beside something else, in words that follow "is".

    Parameters
    ----------
    factor
        The one divided by the other, above 0.
    more, less
        Comparatives with "than", such as "larger than", for differences of less than a factor of 2.
    alike
        What it is as, such as "as large as".

    Examples
    --------
    >>> compared(1.3, "longer than", "shorter than", "as long as")
    '30 % longer than'
    >>> compared(2.4, "longer than", "shorter than", "as long as")
    '2.4 times as long as'
    >>> compared(0.7, "longer than", "shorter than", "as long as")
    '30 % shorter than'
    """
    if abs(factor - 1) < _EQUAL:
        return alike
    if 1 < factor < 1.995:
        return f"{100 * (factor - 1):.0f} % {more}"
    if 0.5 <= factor < 1:
        return f"{100 * (1 - factor):.0f} % {less}"
    if factor < 1:
        return f"{number(100 * factor, digits=2)} % {alike}"
    return f"{number(factor, digits=2)} times {alike}"


def cardinal(count: int) -> str:
    """Return a count that was chosen, such as that of folds, as a sentence says it.

    Examples
    --------
    >>> cardinal(5)
    'five'
    """
    return _CARDINALS[count] if count < len(_CARDINALS) else str(count)


def counted(count: int, noun: str) -> str:
    """Return a count of things that were found.

    Examples
    --------
    >>> counted(1, "row"), counted(2, "row")
    ('1 row', '2 rows')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def quoted(value: str) -> str:
    """Return what a user wrote for a sentence, in quotes and not too long.

    Examples
    --------
    >>> quoted("maybe")
    '"maybe"'
    """
    return f'"{value}"' if len(value) <= _SHOWN else f'"{value[:_SHOWN]}…"'


def fraction(share: float) -> str:
    """Return a share that was chosen, such as that of the test rows, as a sentence says it.

    Examples
    --------
    >>> fraction(0.2)
    'a fifth'
    >>> fraction(0.15)
    '15 %'
    """
    for parts, name in _PARTS.items():
        if abs(share * parts - 1) < 1e-9:
            return f"a {name}"
    return level(share)


def lowered(phrase: str) -> str:
    """Return a phrase that begins with a capital as it stands within a sentence.

    Examples
    --------
    >>> lowered("Orbital period"), lowered("TESS magnitude"), lowered("V magnitude")
    ('orbital period', 'TESS magnitude', 'V magnitude')
    """
    if phrase.partition(" ")[0] in _PROPER or not phrase[1:2].islower():
        return phrase
    return f"{phrase[0].lower()}{phrase[1:]}"


def joined(several: Sequence[str]) -> str:
    """Return all of several names, one at least, for a sentence.

    Examples
    --------
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *others, last = several
    return f"{', '.join(others)} and {last}" if others else last


def typeset(text: str) -> str:
    """Return figures with a true minus and with spaces at which no line is broken."""
    return text.replace("-", "−").replace(" ", _FIRM)


def _rounded(value: float, digits: int) -> str:
    written = f"{value:.{digits}f}"
    # Without a minus before what rounds to zero.
    return written if float(written) else written.lstrip("-")


def _percent(share: float, notation: Notation) -> str:
    sign = " %" if notation.table else "%"
    digits = notation.digits
    if digits is None:
        if 0 < share < 0.001:
            return f"< 0.1{sign}"
        if 0.999 < share < 1:
            return f"> 99.9{sign}"
        # Tenths only where they make a difference.
        digits = 1 if 0 < share < 0.1 or 0.9 < share < 1 else 0
    written = _rounded(100 * share, digits)
    if written in {"0", "100"} and 0 < share < 1:
        # Nearly all is not all, and hardly any is not none.
        written = _rounded(100 * share, digits + 1)
        if written in {"0.0", "100.0"}:
            few, many = ("<", ">") if notation.table else ("less than", "more than")
            return f"{few} 0.1{sign}" if share < 0.5 else f"{many} 99.9{sign}"
    return f"{written}{sign}"


def names(several: Sequence[str]) -> str:
    """Return columns' names for a sentence, the first dozen of many.

    Examples
    --------
    >>> names(["koi_period", "koi_depth"])
    'koi_period, koi_depth'
    >>> names([f"x{n}" for n in range(14)])
    'x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 and 2 more'
    """
    further = len(several) - _MOST_NAMED
    shown = ", ".join(several[:_MOST_NAMED])
    return f"{shown} and {further} more" if further > 0 else shown
