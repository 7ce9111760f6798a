"""A page as a reader sees it, without its tags."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from tests.sessions_app.real_rows import drawn

if TYPE_CHECKING:
    import pandas as pd
    from django.test import Client


def with_score(draw: str, rows: int) -> pd.DataFrame:
    """Return real rows with a score that gives the disposition away."""
    frame = drawn(draw, rows)
    planet = (frame["koi_disposition"] == "CONFIRMED").to_numpy()
    return frame.assign(koi_score=0.1 + 0.8 * planet)


def page(client: Client, address: str, *, status: int = 200, **query: Any) -> str:
    """Return a page's text without tags, each run of blanks as one."""
    answer = client.get(address, query)
    assert answer.status_code == status, answer.content
    return words(answer)


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode()))
    return plain(text)


def plain(text: str) -> str:
    return " ".join(text.split())
