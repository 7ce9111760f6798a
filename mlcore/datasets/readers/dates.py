"""The date that the archive writes above its tables."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DATED_KEY", "dated"]

DATED_KEY = b"dated"
"""Under which key a Parquet file says the date of its data, as YYYY-MM-DD."""

_DATE = re.compile(r"\b[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) \d\d:\d\d:\d\d (\d{4})\b")


def dated(lines: Iterable[str]) -> date | None:
    """Return the first date in the comments at a table's beginning, None without any."""
    for line in lines:
        if line[:1] not in {"#", "\\"}:
            return None
        if match := _DATE.search(line):
            try:
                return datetime.strptime(f"{' '.join(match.groups())} Z", "%b %d %Y %z").date()
            except ValueError:
                continue
    return None
