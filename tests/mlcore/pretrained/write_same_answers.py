"""Write down what the carried models say of some rows, and check that they still say it.

``python -m tests.mlcore.pretrained.write_same_answers --check`` compares every bit with what is
written in ``same_answers.json.gz``; without ``--check`` it writes that file anew, which is right
only after a model was trained anew, or is meant to answer otherwise. Both need the archive's
tables.

The bits are promised on one machine only: another processor or mathematical library may round
otherwise. Elsewhere the numbers themselves are compared, which is what the test beside this does.

Only the public face of `mlcore` is imported, and `answers_of` alone knows what its answers are
made of: after a move of modules nothing here has to change.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

import mlcore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

WRITTEN = Path(__file__).with_name("same_answers.json.gz")
ROWS = 200
RELATIVE = 1e-9
"""How far a number may be from the written one on any machine, as a share of its size."""

WIDE = "kepler, full table"
PAIRS = [(name, mission) for name, model in mlcore.PUBLISHED.items() for mission in model.missions]
"""Each carried model with each of its missions."""

CARRIED = ("kepler", "lightcurves")
"""Tables that need no folder."""
_TOP = 3
"""So many of a row's contributions are written down, the largest first."""
_NEXT_TO_NOTHING = 1e-15
"""Numbers that are no farther apart are the same: the size of a rounding error."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one model says of its rows; the first axis of everything is the row."""

    numbers: Mapping[str, NDArray[np.float64]]
    """Compared everywhere, within `RELATIVE`."""
    words: Mapping[str, list[Any]]
    """Compared everywhere, exactly."""
    further: Mapping[str, Any]
    """Arrays and words that are too many to write down: only their bits are compared."""

    def as_json(self) -> dict[str, Any]:
        """Return what is written down; a double comes back from its shortest decimals exactly."""
        return {
            "words": dict(self.words),
            "numbers": {part: _without_nan(array) for part, array in self.numbers.items()},
            "digests": self.digests(),
        }

    def digests(self) -> dict[str, str]:
        """Return a digest of the exact bits of each part."""
        parts = {**self.words, **self.numbers, **self.further}
        return {part: _digest(values) for part, values in parts.items()}

    def departures(self, written: Mapping[str, Any]) -> list[str]:
        """Return the parts that are not what was written down, rounding errors aside."""
        other = [part for part, values in self.words.items() if values != written["words"][part]]
        for part, values in self.numbers.items():
            expected = np.array(written["numbers"][part], dtype=np.float64)
            if values.shape != expected.shape or not np.allclose(
                values, expected, rtol=RELATIVE, atol=_NEXT_TO_NOTHING, equal_nan=True
            ):
                other.append(part)
        return other

    def other_bits(self, written: Mapping[str, Any]) -> list[str]:
        """Return the parts of which a single bit is not what it was."""
        now, before = self.digests(), written["digests"]
        return [part for part in {**before, **now} if now.get(part) != before.get(part)]


def table_name(name: str, mission: str) -> str:
    """Return which table a model is asked about: its mission's, or the full one."""
    wide = mlcore.PUBLISHED[name].feature_set is mlcore.FeatureSet.WIDE
    return WIDE if wide else mission


def read(table: str, archive: Path | None) -> Any:
    """Return a whole table: the carried one where there is one, else the archive's."""
    if table in CARRIED:
        return mlcore.obtain(mlcore.DATASETS[table], use_archive=False).table
    assert archive is not None
    if table == WIDE:
        (path,) = archive.glob("koi_cumulative_*_reconstructed*.csv.gz")
        return mlcore.read_table(path, mlcore.DATASETS["kepler"], require_labels=True)
    return mlcore.obtain(mlcore.DATASETS[table], folder=archive, use_archive=False).table


def some_rows(whole: Any) -> Any:
    """Return the rows that the models are asked about, spread evenly over a table."""
    return whole.take(np.arange(ROWS) * len(whole) // ROWS)


def identity(whole: Any) -> dict[str, Any]:
    """Return by what a table is known again."""
    return {"rows": len(whole), "names": list(some_rows(whole).names)}


def answers_of(name: str, whole: Any) -> Answers:
    """Ask a carried model about some rows of a table."""
    model = mlcore.load_published(name)
    predictions = mlcore.predict(model, some_rows(whole), reference=whole)
    explanation, assessments = predictions.explanation, predictions.assessments
    contributions = explanation.contributions
    top = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :_TOP]
    nothing = ((np.nan, np.nan),) * predictions.probabilities.shape[1]
    intervals = np.array([nothing if row.interval is None else row.interval for row in assessments])
    likeliest = predictions.probabilities.argmax(axis=1)
    return Answers(
        words={
            "labels": list(predictions.labels),
            "possible": [
                [str(label) for label in row.conformal.possible]
                for row in assessments
                if row.conformal is not None
            ],
            "outside": [row.novelty.outside for row in assessments],
            "outside_by": [[cause.column for cause in row.novelty.causes] for row in assessments],
            "top_columns": np.array(explanation.columns)[top].tolist(),
            "failed_checks": [
                [check.check for check in row.checks if str(check.outcome) == "failed"]
                for row in assessments
            ],
        },
        numbers={
            "probabilities": predictions.probabilities,
            "uncalibrated": model.classifier.uncalibrated(
                pd.DataFrame(predictions.values, columns=list(explanation.columns))
            ),
            "output": explanation.output,
            "sum_of_contributions": contributions.sum(axis=1),
            "top_contributions": np.take_along_axis(contributions, top, axis=1),
            "p_values": np.array(
                [row.conformal.p_values for row in assessments if row.conformal is not None]
            ),
            "range_excess": np.array([row.novelty.range_excess for row in assessments]),
            "distance": np.array([row.novelty.distance for row in assessments]),
            "interval_of_label": intervals[np.arange(len(predictions)), likeliest],
        },
        further={
            "values": predictions.values,
            "contributions": contributions,
            "base": explanation.base,
            "intervals": intervals,
            "actual": list(predictions.actual),
            "ranks": list(predictions.ranks),
            "reasons": [list(row) for row in predictions.reasons],
            "judgements": [row.as_json() for row in assessments],
        },
    )


def key(name: str, mission: str) -> str:
    """Return under which name a model's answers about a mission are written."""
    return f"{name} on {mission}"


def written() -> dict[str, Any]:
    """Return what was written down."""
    content: dict[str, Any] = json.loads(gzip.decompress(WRITTEN.read_bytes()))
    return content


def main() -> int:
    """Write the answers down, or compare their bits."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mlcore.pretrained.write_same_answers",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("--check", action="store_true", help="compare every bit, write nothing")
    parser.add_argument(
        "--archive",
        type=Path,
        default=os.environ.get("EXOPLANET_ARCHIVE_DIR"),
        help="folder with the archive's tables; else EXOPLANET_ARCHIVE_DIR names it",
    )
    args = parser.parse_args()
    if args.archive is None:
        parser.error("--archive or EXOPLANET_ARCHIVE_DIR must name a folder")
    # As in the tests: sums that several threads share depend on how many there are.
    with threadpool_limits(1):
        tables = {
            table: read(table, args.archive)
            for table in dict.fromkeys(table_name(*pair) for pair in PAIRS)
        }
        answers = {key(*pair): answers_of(pair[0], tables[table_name(*pair)]) for pair in PAIRS}
    identities = {table: identity(whole) for table, whole in tables.items()}
    if args.check:
        other = _other_bits(identities, answers)
        print("\n".join(other) or "same bits")  # noqa: T201
        return 1 if other else 0
    content = {
        "tables": identities,
        "answers": {pair: of_pair.as_json() for pair, of_pair in answers.items()},
    }
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    # Without the time, so that the same answers give the same file.
    WRITTEN.write_bytes(gzip.compress(text.encode(), mtime=0))
    return 0


def _other_bits(
    identities: Mapping[str, dict[str, Any]], answers: Mapping[str, Answers]
) -> list[str]:
    """Return in words what differs from what was written down."""
    before = written()
    other = [
        f"{table}: another table"
        for table in {**before["tables"], **identities}
        if before["tables"].get(table) != identities.get(table)
    ]
    for pair in {**before["answers"], **answers}:
        if pair not in answers or pair not in before["answers"]:
            other.append(f"{pair}: {'not written down' if pair in answers else 'gone'}")
        elif parts := answers[pair].other_bits(before["answers"][pair]):
            other.append(f"{pair}: other bits in {', '.join(parts)}")
    return other


def _without_nan(array: NDArray[np.float64]) -> list[Any]:
    """Return an array as JSON values: there is no NaN in JSON."""
    values = array.astype(object)
    values[np.isnan(array)] = None
    plain: list[Any] = values.tolist()
    return plain


def _digest(values: NDArray[np.float64] | list[Any]) -> str:
    if isinstance(values, list):
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()
    # There are many NaNs, which all mean the same: that there is no value.
    plain = np.where(np.isnan(values), np.nan, values).astype("<f8")
    return hashlib.sha256(str(plain.shape).encode() + plain.tobytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
