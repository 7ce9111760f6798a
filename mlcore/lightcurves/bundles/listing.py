"""The table that may lie beside light curves: which file is of which star, and what is known of it.

It names known signals, with their ephemerides and dispositions: a model is trained on these.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.readers.read import read_frame
from mlcore.errors import DataError
from mlcore.in_words import names as named
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.reading.stars import named_by_cell

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LISTS", "Listed", "is_list", "read_list"]

LISTS = ("signals", "stars", "labels", "ephemerides", "list", "catalog", "catalogue")
"""What such a table's file is called, whatever its format."""
_FILES = ("file", "filename", "file_name", "path")
_STARS = ("star", "target", "object", "host", "kepid", "kic", "epic", "tic", "tic_id", "tid", "id")
_PERIODS = (
    "period",
    "period_d",
    "period_days",
    "orbital_period",
    "koi_period",
    "pl_orbper",
    "tce_period",
)
_EPOCHS = (
    "epoch",
    "t0",
    "epoch_d",
    "t0_d",
    "epoch_bjd",
    "t0_bjd",
    "transit_epoch",
    "transit_time",
    "bjd",
    "pl_tranmid",
)
_HOURS = ("duration", "duration_h", "duration_hours", "koi_duration", "pl_trandurh")
_DAYS = ("duration_d", "duration_days")
_LABELS = ("disposition", "label", "class", "koi_disposition", "tfopwg_disp")
_HOURS_OF_DAY = 24.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A row of the table."""

    file: str = ""
    star: str = ""
    disposition: str = ""
    """The word of the signal's disposition, in capitals; empty where there is none."""
    known: KnownSignal | None = None
    """None where the row has no period."""


def is_list(name: str) -> bool:
    """Tell whether a file is called as such a table is."""
    return name.rsplit("/", 1)[-1].split(".", 1)[0].lower() in LISTS


def read_list(path: Path, name: str) -> tuple[Listed, ...]:
    """Read the table beside light curves.

    Parameters
    ----------
    path
        In any format that tables are read from.
    name
        What it is called, for sentences.

    Raises
    ------
    DataError
        When it says of no file or star what is known of it, or a row is wrong.
    """
    try:
        frame = read_frame(path).frame
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
    columns = {role: _column(frame.columns, names) for role, names in _ROLES.items()}
    if columns["file"] is None and columns["star"] is None:
        raise DataError(
            f"{name} has neither a column file nor a column star: it says of no light curve what is"
            " known of it."
        )
    rows = []
    for place, cells in enumerate(frame.to_dict("records"), start=1):
        values = {
            role: None if column is None else cells[column] for role, column in columns.items()
        }
        try:
            rows.append(_listed(values, columns))
        except DataError as error:
            raise DataError(f"{name}, row {place}: {error}") from error
    return tuple(rows)


_ROLES = {
    "file": _FILES,
    "star": _STARS,
    "period": _PERIODS,
    "epoch": _EPOCHS,
    "hours": _HOURS,
    "days": _DAYS,
    "disposition": _LABELS,
}


def _column(columns: Any, names: tuple[str, ...]) -> str | None:
    # A unit may stand behind a heading, as in the sentences that ask for such a table.
    plain = {re.sub(r"\W+", "_", str(column)).strip("_").lower(): column for column in columns}
    return next((plain[name] for name in names if name in plain), None)


def _listed(values: dict[str, Any], columns: dict[str, str | None]) -> Listed:
    row = Listed(
        file=_word(values["file"]),
        star=named_by_cell(values["star"], columns["star"] or "") or "",
        disposition=_disposition(values["disposition"]),
        known=_known(values),
    )
    if not (row.file or row.star):
        raise DataError("it names neither a file nor a star.")
    return row


def _known(values: dict[str, Any]) -> KnownSignal | None:
    period, epoch = _number(values, "period"), _number(values, "epoch")
    hours, days = _number(values, "hours"), _number(values, "days")
    if hours is None and days is not None:
        hours = days * _HOURS_OF_DAY
    given = {"period": period, "epoch": epoch, "duration": hours}
    lacking = [name for name, value in given.items() if value is None]
    if len(lacking) == len(given):
        return None
    if period is None or epoch is None or hours is None:
        raise DataError(
            f"a known signal takes a period [d], an epoch [d] and a duration [h]; here"
            f" {named(lacking)} {'is' if len(lacking) == 1 else 'are'} missing."
        )
    return KnownSignal(period=period, epoch=epoch, duration=hours)


def _number(values: dict[str, Any], role: str) -> float | None:
    value = values[role]
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise DataError(f"{role} is {str(value)[:40]!r}, which is no number.") from None
    return None if math.isnan(number) else number


def _word(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()


def _disposition(value: Any) -> str:
    word = " ".join(_word(value).replace("_", " ").upper().split())
    meanings = {"CP": "CONFIRMED", "KP": "CONFIRMED", "PC": "CANDIDATE", "APC": "CANDIDATE"}
    meanings |= {"FP": "FALSE POSITIVE", "FA": "FALSE POSITIVE", "PLANET": "CONFIRMED"}
    word = meanings.get(word, word)
    if word and word not in LIGHT_CURVES.labels:
        allowed = ", ".join(LIGHT_CURVES.labels)
        raise DataError(f"the disposition is {word[:40]!r}, but it must be one of {allowed}.")
    return word
