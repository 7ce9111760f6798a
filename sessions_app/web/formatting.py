"""What the pages show, as words; `sessions_app.templatetags.formatting` gives it to templates.

How a figure is written is decided in `mlcore.in_words`; here stand only what its parts are called
in a report and a dash for what is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore import in_words
from mlcore.datasets.units import quantity_in_words
from mlcore.levels import INTERVAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

NOTHING = "–"
"""What stands where there is nothing to show."""
IN_BRACKETS = f" In brackets: {INTERVAL}s, host stars resampled."


def decimal(number: float | None) -> str:
    """Return a number as a table shows it."""
    return NOTHING if number is None else in_words.decimal(number, in_words.TABLE)


def signed(number: float) -> str:
    """Return a number with its sign, whichever it is."""
    return in_words.decimal(number, in_words.TABLE_CHANGE)


def percent(part: float | None) -> str:
    """Return a share in percent; tenths only where they make a difference, near 0 and 1."""
    return NOTHING if part is None else in_words.decimal(part, in_words.TABLE_SHARE)


def level(part: float) -> str:
    """Return a share that was chosen, such as a coverage, in percent."""
    return in_words.typeset(in_words.level(part))


def quantity(number: float | None, unit: str) -> str:
    """Return a value of a column with its unit."""
    if number is None:
        return "not known"
    return quantity_in_words(number, unit).replace("-", "−")


def seconds(taken: float) -> str:
    """Return how long something took."""
    if taken < 10:
        return f"{taken:.1f} s"
    if taken < 60:
        return f"{taken:.0f} s"
    minutes, rest = divmod(round(taken), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def file_size(size: int) -> str:
    """Return how large a file is."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 10**6:.1f} MB" if size >= 10**5 else f"{size / 10**3:.1f} kB"


def duration(taken: timedelta) -> str:
    """Return a span of time."""
    return seconds(taken.total_seconds())


def figure(measured: Mapping[str, Any] | None) -> str:
    """Return a measured figure (see `mlcore.metrics.Figure.as_json`), its interval in brackets."""
    if measured is None:
        return NOTHING
    number, note = measured["value"], measured.get("note")
    return in_words.figure(number, measured["low"], measured["high"], in_words.TABLE, note=note)


def gain(probe: Mapping[str, Any]) -> str:
    """Return a probe's share of the model's gain over chance with its bounds."""
    if probe["share"] is None:
        return NOTHING
    return named_figure(probe, "share", in_words.TABLE_GAIN)


def value(measured: Mapping[str, Any] | None) -> str:
    """Return a figure of a card without its interval, which stands in a column of its own."""
    if measured is None:
        return NOTHING
    number = measured["value"]
    return "not defined" if number is None else in_words.decimal(number, in_words.CARD)


def interval(measured: Mapping[str, Any]) -> str:
    """Return the interval of a card's figure, or why there is none."""
    low, high = measured["low"], measured["high"]
    if measured["value"] is None or low is None:
        return str(measured["note"] or ("" if measured["value"] is None else "not defined"))
    return in_words.bounds(low, high, in_words.CARD)


def named_figure(
    measured: Mapping[str, Any], name: str, notation: in_words.Notation = in_words.TABLE
) -> str:
    """Return a figure that a report holds as ``name``, ``name_low`` and ``name_high``."""
    low, high = measured.get(f"{name}_low"), measured.get(f"{name}_high")
    return in_words.figure(measured[name], low, high, notation)


def figure_on_rows(measured: Mapping[str, Any]) -> str:
    """Return a figure that stands alone, with its interval and its rows."""
    rows = f"{measured['rows']} rows: {measured['split']}"
    return f"{value(measured)} ({interval(measured)}) on {rows}"


def summary_figure(metrics: Mapping[str, Any] | None, name: str) -> str:
    """Return one of a session's main figures with its interval and rows; nothing without any."""
    if metrics is None:
        return ""
    measured = figure_of(metrics, name)
    if measured is None:
        # It was measured before figures had intervals.
        measured = {"value": metrics[name], "low": None, "note": "no interval", **metrics}
    return figure_on_rows(measured)


def figure_of(measured: Mapping[str, Any] | None, name: str, of: str | None = None) -> Any:
    """Return a measurement's figure of a metric, of a class or of the whole task; None without."""
    figures = () if measured is None else measured.get("figures", ())
    return next((one for one in figures if (one["name"], one["of"]) == (name, of)), None)


def measured_on(measured: Mapping[str, Any]) -> str:
    """Return which rows figures are of, by which split, and how their intervals were made."""
    interval = f" In brackets: {measured['interval']}." if "interval" in measured else ""
    return f"{on_rows(measured)}{interval}"


def on_rows(measured: Mapping[str, Any]) -> str:
    """Return which rows figures are of and by which split, as a sentence."""
    return f"{measured['rows']} objects of {measured['stars']} host stars: {measured['split']}."


def words(name: str) -> str:
    """Return a name in words, such as that of a disposition."""
    return name.replace("_", " ")


def word_class(verdict: str) -> str:
    """Return the class of a verdict's or a disposition's word, by which it has colour and sign."""
    written = words(verdict.lower())
    if "undecided" in written or "candidate" in written:
        return "undecided"
    if "false positive" in written or "not a planet" in written or "no planet" in written:
        return "false-positive"
    return "planet"
