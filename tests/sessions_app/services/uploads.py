"""Files as a request brings them: some that can be used, and some for each reason to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sessions_app.services import Upload
from tests.sessions_app.real_rows import HEADER, drawn, kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LABEL = "koi_disposition"


def upload(folder: Path, draw: str = "a", *, name: str = "mine.csv", rows: int = 300) -> Upload:
    """Return an upload of real rows."""
    return Upload(path=kepler_file(folder / f"received {draw}", draw, rows=rows), name=name)


def broken(folder: Path, fault: str) -> Upload:
    """Return an upload of real rows with one fault."""
    path = folder / f"received {fault}"
    match fault:
        case "a picture":
            path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00")
        case "empty":
            path.write_bytes(b"")
        case _:
            faulty = _FAULTS[fault](drawn("a").astype(object))
            path.write_text(HEADER + faulty.to_csv(index=False))
    return Upload(path=path, name="mine.csv")


def _on_two_stars(frame: pd.DataFrame) -> pd.DataFrame:
    planets = frame[frame[LABEL] == "CONFIRMED"].drop_duplicates("kepid").iloc[:2]
    return pd.concat([frame[frame[LABEL] == "FALSE POSITIVE"], planets])


_FAULTS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no label column": lambda frame: frame.drop(columns=LABEL),
    "one class": lambda frame: frame[frame[LABEL] == "CONFIRMED"],
    "one class on two stars": _on_two_stars,
    "no row": lambda frame: frame.iloc[:0],
    "19 rows": lambda frame: frame.iloc[:19],
    "unknown label": lambda frame: frame.replace({LABEL: {"CONFIRMED": "PROBABLE"}}),
    "words for numbers": lambda frame: frame.assign(koi_depth="deep"),
    "another table": lambda frame: frame[["kepid", LABEL]].assign(colour="blue"),
}
