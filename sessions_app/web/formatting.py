"""Numbers as the pages write them: no more digits than what is known of them deserves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["decimal", "figure", "measured_on", "percent", "signed", "words"]

_FIRM = "\N{NO-BREAK SPACE}"
"""What stands within a figure, so that it is never broken."""
_WIDE = 0.1
"""Width of an interval from which the third decimal says nothing."""


def decimal(value: float | None, *, places: int = 3) -> str:
    """Return a number with its minus sign as typographers write it; a dash for None."""
    if value is None:
        return "–"
    # Without a minus before what rounds to zero.
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", "−")


def signed(value: float, *, places: int = 3) -> str:
    """Return a number with its sign, whichever it is."""
    found = decimal(value, places=places)
    if not float(found.replace("−", "-")):
        return found
    return found if found.startswith("−") else f"+{found}"


def figure(value: Mapping[str, Any]) -> str:
    """Return a measured figure with its 95 % interval in brackets.

    Parameters
    ----------
    value
        See `mlcore.metrics.Figure.as_json`.
    """
    found, low, high = value["value"], value["low"], value["high"]
    if found is None:
        return f"not defined: {value['note']}" if value.get("note") else "not defined"
    if low is None or high is None:
        return f"{decimal(found)} [no interval]".replace(" ", _FIRM)
    places = 2 if high - low >= _WIDE else 3
    bounds = f"{decimal(low, places=places)}, {decimal(high, places=places)}"
    return f"{decimal(found, places=places)} [{bounds}]".replace(" ", _FIRM)


def percent(share: float | None, *, places: int | None = None) -> str:
    """Return a share in percent; tenths only where they make a difference, near 0 and 1."""
    if share is None:
        return "–"
    if 0 < share < 0.001:
        return f"<{_FIRM}0.1{_FIRM}%"
    if 0.999 < share < 1:
        return f">{_FIRM}99.9{_FIRM}%"
    if places is None:
        places = 1 if 0 < share < 0.1 or 0.9 < share < 1 else 0
    return f"{100 * share:.{places}f}{_FIRM}%"


def measured_on(found: Mapping[str, Any]) -> str:
    """Return which rows figures are of, by which split, and how their intervals were made.

    Parameters
    ----------
    found
        See `mlcore.metrics.Measurement.as_json`.
    """
    interval = f" In brackets: {found['interval']}." if "interval" in found else ""
    return f"{found['rows']} objects of {found['stars']} host stars: {found['split']}.{interval}"


def words(name: str) -> str:
    """Return a name in words, such as that of a disposition."""
    return name.replace("_", " ")
