"""The speed benchmark's lines: what a session takes, held against a notebook of the same run.

How long something takes says as much of the machine as of the project, so no bar is a time: each
follows from what the bare work took on the same machine a moment before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.benchmark.rows import bar_and_verdict, keeps, table_in_markdown
from mlcore.in_words import cardinal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlcore.benchmark.notebook import NotebookRun

__all__ = [
    "AT_ONCE",
    "README_FOREST",
    "SpeedRow",
    "as_markdown",
    "at_once",
    "first_answer",
    "print_measured",
    "readme_forest",
    "with_evidence",
]

README_FOREST = "random forest of the README"
"""What the session of the README is called."""
AT_ONCE = "eight at once"
"""What sessions are called that are started together."""

_FIRST_ANSWER = (2.0, 1.0)
"""How many times the notebook's wall time a first answer may take, and seconds beside them."""
_WITH_EVIDENCE = (5.0, 2.0)
"""The same of the processor time of a whole session, against the bare fit's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeedRow:
    """What something took, beside the most that it may take."""

    what: str
    """Short and stable: a script finds the line by it."""
    value: float
    bar: float
    unit: str
    note: str = ""
    """Where value and bar come from, as sentences."""

    @property
    def holds(self) -> bool:
        """Whether it took no more than it may."""
        return bool(keeps(self.value, self.bar, at_most=True))

    def as_text(self) -> str:
        """Return the line for whoever watches: it is long until all of them are there."""
        what, value, bar, verdict = _cells(self)
        return f"{what}: {value}, {bar}: {verdict.strip('*')}"

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values, what most readers look for first."""
        return {
            "what": self.what,
            "value": self.value,
            "bar": self.bar,
            "holds": self.holds,
            "unit": self.unit,
            "note": self.note,
        }


def first_answer(
    model_type: str, sessions: Sequence[float], notebooks: Sequence[NotebookRun], *, accuracy: float
) -> SpeedRow:
    """Hold the time to a session's first answer against the notebook's.

    Parameters
    ----------
    model_type
        What was fitted.
    sessions
        Seconds from each POST until the session was seen completed.
    notebooks
        The same model in notebooks.
    accuracy
        The sessions' own, for the reader: they are to do the same work.
    """
    return _answered(f"first answer: {model_type}", sessions, notebooks, accuracy=accuracy)


def readme_forest(
    sessions: Sequence[float], notebooks: Sequence[NotebookRun], *, accuracy: float
) -> SpeedRow:
    """Hold the README's session against its notebook; see `first_answer`."""
    what = f"{README_FOREST}: POST to completed"
    return _answered(what, sessions, notebooks, accuracy=accuracy)


def _answered(
    what: str, sessions: Sequence[float], notebooks: Sequence[NotebookRun], *, accuracy: float
) -> SpeedRow:
    walls = [run.wall_seconds for run in notebooks]
    times, more = _FIRST_ANSWER
    return SpeedRow(
        what=what,
        value=statistics.median(sessions),
        bar=times * statistics.median(walls) + more,
        unit="s",
        note=(
            f"Wall time: sessions {_seconds(sessions)}, notebooks {_seconds(walls)}; the bar is"
            f" {times:g} × the notebook's + {more:g} s. Accuracy of the session {accuracy:.3f}, of"
            f" the notebook {notebooks[0].accuracy:.3f}."
        ),
    )


def with_evidence(
    model_type: str, sessions: Sequence[float], notebooks: Sequence[NotebookRun]
) -> SpeedRow:
    """Hold the processor time of whole sessions against that of the bare fit.

    Parameters
    ----------
    model_type
        What was fitted.
    sessions
        Processor seconds of each session with all that was computed after its first answer.
    notebooks
        The same model in notebooks.
    """
    fits = [run.fit_cpu_seconds for run in notebooks]
    times, more = _WITH_EVIDENCE
    return SpeedRow(
        what=f"with evidence: {model_type}",
        value=statistics.median(sessions),
        bar=times * statistics.median(fits) + more,
        unit="s",
        note=(
            f"Processor time: sessions {_seconds(sessions)}, bare fits {_seconds(fits)}; the bar"
            f" is {times:g} × the fit's + {more:g} s."
        ),
    )


def at_once(together: float, alone: Sequence[float], *, model_type: str) -> SpeedRow:
    """Hold sessions that were started at once against as many that were started one by one.

    Two sums of `n` equal times, each with the relative deviation `s`, have a ratio that deviates by
    `s` times the square root of ``2 / n``: twice that is what chance may add to the bar.

    Parameters
    ----------
    together
        Seconds from the first POST until the last of them was seen completed.
    alone
        Seconds of each of as many, with nothing else running.
    model_type
        What was fitted.
    """
    count, sum_alone = len(alone), sum(alone)
    deviation = statistics.stdev(alone) / statistics.mean(alone)
    noise = 2 * deviation * (2 / count) ** 0.5
    return SpeedRow(
        what=AT_ONCE,
        value=together / sum_alone,
        bar=1.0 + noise,
        unit="ratio",
        note=(
            f"Wall time of {cardinal(count)} sessions ({model_type}) that were posted at once,"
            f" {together:.2f} s, against the sum of as many one after another, {sum_alone:.2f} s;"
            f" above 1 the bar has {noise:.3f} for noise: two standard deviations of such a ratio,"
            f" from the {deviation:.1%} by which the single sessions deviate."
        ),
    )


def as_markdown(rows: Iterable[SpeedRow]) -> str:
    """Return the lines as a Markdown table with their notes below."""
    lines = [(_cells(row), row.note) for row in rows]
    return table_in_markdown(["what", "value", "bar"], lines)


def print_measured(
    measured: Callable[..., Iterable[SpeedRow]], *, rows: int, description: str | None
) -> None:
    """Measure what the command line asks for, and print the table or a list of objects.

    Parameters
    ----------
    measured
        Takes how many rows, a new folder, and ``runs``, how often.
    rows
        How many unless others are asked for.
    description
        What ``--help`` says.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rows", type=int, default=rows, help="how many")
    parser.add_argument("--runs", type=int, default=3, help="how often; the least counts")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="exoplanet-benchmark-") as folder:
        found = list(measured(asked.rows, Path(folder), runs=asked.runs))
    text = json.dumps([row.as_json() for row in found]) if asked.json else as_markdown(found)
    sys.stdout.write(f"{text}\n")


def _cells(row: SpeedRow) -> list[str]:
    unit = "" if row.unit == "ratio" else f" {row.unit}"
    bar, verdict = bar_and_verdict(row.bar, row.holds, at_most=True)
    return [row.what, f"{row.value:.2f}{unit}", f"{bar}{unit}", verdict]


def _seconds(several: Sequence[float]) -> str:
    """Return times in words: the median, and between what they lie."""
    median = f"{statistics.median(several):.2f} s"
    if len(several) == 1:
        return median
    return f"{median} ({min(several):.2f} to {max(several):.2f})"
