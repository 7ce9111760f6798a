"""What no sentence about an object may hold, whoever wrote it."""

from __future__ import annotations

import re

_FORBIDDEN = {
    "a placeholder or a missing number": r"[{}]|\b(nan|None|NaN|inf|null)\b",
    "a bare variable name": r"\b[a-z0-9]+_[a-z0-9_]+\b",
    "dex": r"\bdex\b",
    "a programmer's number": r"\d[eE][+-]?\d",
    "a whole that is none": r"\b100(\.0)? ?%",
    "nothing of something": r"(?<![\d.,])0 (%|times)",
    "a plural of one": r"(?<![\d.,])1 (days|hours|minutes|degrees|parsecs|\w+ (radii|masses))",
    "a wrong article": r"\ba (8|11|18)(\.\d+)? %|\ban (?!8|11 |18 |11\.|18\.)\d",
    "doubled blanks or marks": r"  |,,|;;|::|\.\.| [,;:.]",
    "an empty phrase": r"\bof (speaks|hardly|,|;|:|$)",
}
_NEGATIONS = re.compile(r"\b(not|no|never|without|nothing|none|neither|nor)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w⁰-⁹])\d[\d,]*(?:\.\d+)?")
_MOST_DIGITS = 4


def flaws(sentence: str) -> list[str]:
    """Return what is wrong with a sentence about an object."""
    found = [name for name, pattern in _FORBIDDEN.items() if re.search(pattern, sentence)]
    if not sentence[:1].isupper() and not sentence[:1].isdigit():
        found.append("no capital")
    if sentence != sentence.strip() or sentence[-1:] in ".,;:":
        found.append("no clean end")
    if len(_NEGATIONS.findall(sentence)) > 1:
        found.append("a double negation")
    for number in _NUMBER.findall(sentence):
        digits = number.replace(",", "").replace(".", "").lstrip("0")
        if "." not in number:
            digits = digits.rstrip("0")
        if len(digits) > _MOST_DIGITS:
            found.append(f"too many digits: {number}")
    return found
