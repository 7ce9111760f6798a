"""A model beside another vetter on the same rows: who ranks better, and what both together know.

The other vetter's word is calibrated and combined with the model's by star: whatever is said of a
row was learnt from rows of other stars alone. How the two differ is told by paired intervals, in
which both are measured on the same resamples of the stars.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.errors import DataError
from mlcore.evaluation.paired import COMPARED, figures_of, measured_voice
from mlcore.evaluation.voices import Voices, as_shares, log_odds, turned
from mlcore.in_words import CARD, decimal
from mlcore.metrics.figures import Figure, interval_in_words
from mlcore.metrics.paired import Difference, differences
from mlcore.metrics.resampling import RESAMPLES, StarResamples
from mlcore.model_selection.folds import star_folds
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.opinion import Opinion
    from mlcore.datasets.table import Table
    from mlcore.tasks import Task

__all__ = [
    "COMBINED",
    "MODEL",
    "OPINION",
    "Disagreement",
    "SecondOpinion",
    "second_opinion",
    "without_rows",
]

MODEL, OPINION, COMBINED = "model", "opinion", "combined"
"""Names of the voices."""
_TITLES = {MODEL: "the model", OPINION: "the second opinion", COMBINED: "both together"}

_PAIRS = ((MODEL, OPINION), (COMBINED, MODEL), (COMBINED, OPINION))
_MOST_LISTED = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """An object that the model and the other vetter take for different things."""

    number: int
    """Place among the tested rows, from 1."""
    name: str
    label: str | None
    """Its disposition, where it has one."""
    model: float
    """The model's probability of a planet."""
    opinion: float
    """The second opinion's, calibrated."""
    combined: float | None
    """Of both together; None where nothing was learnt of that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondOpinion:
    """What a model and another vetter say of the same rows."""

    opinion: Opinion
    meaning: str
    """How its column was read, as a sentence."""
    rows: int = 0
    """Labelled rows with an opinion: what the figures are of."""
    planets: int = 0
    stars: int = 0
    without: int = 0
    """Tested rows for which the column is empty."""
    split: str
    """Which rows were compared, in words."""
    calibration: str | None = None
    """How the opinion was calibrated, as a sentence."""
    figures: tuple[tuple[str, Figure], ...] = ()
    """Each voice's figures."""
    differences: tuple[Difference, ...] = ()
    weights: tuple[float, float] | None = None
    """How much the log-odds of the model and of the opinion weigh in both together."""
    disagreeing: int = 0
    """Objects of which they say different things."""
    disagreements: tuple[Disagreement, ...] = ()
    """The first of these, where they differ most."""
    notes: tuple[str, ...] = ()
    """What could not be said, and how the column pointed, as sentences."""

    def figure(self, voice: str, name: str) -> Figure:
        """Return a voice's figure by its metric's name.

        Raises
        ------
        KeyError
            When it was not measured.
        """
        for whose, figure in self.figures:
            if whose == voice and figure.name == name:
                return figure
        raise KeyError(f"{name} of {voice}")

    @property
    def sentence(self) -> str:
        """What came of it, for a report's first lines; empty where nothing was measured."""
        if not self.figures:
            return ""
        told = ", ".join(
            f"{_TITLES[voice]} {decimal(value, CARD)}"
            for voice in (MODEL, OPINION, COMBINED)
            if (value := self.figure(voice, "average_precision").value) is not None
        )
        return (
            f"Second opinion {self.opinion.column} on {self.rows} rows: average precision of"
            f" {told}; they disagree on {self.disagreeing} objects."
        )

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        voices = {
            voice: [figure.as_json() for whose, figure in self.figures if whose == voice]
            for voice in (MODEL, OPINION, COMBINED)
        }
        return {
            **self.opinion.as_json(),
            "meaning": self.meaning,
            "sentence": self.sentence,
            "rows": self.rows,
            "planets": self.planets,
            "stars": self.stars,
            "without": self.without,
            "split": self.split,
            "interval": interval_in_words(RESAMPLES),
            "calibration": self.calibration,
            "voices": voices if self.figures else {},
            "differences": [asdict(difference) for difference in self.differences],
            "weights": self.weights and dict(zip((MODEL, OPINION), self.weights, strict=True)),
            "disagreeing": self.disagreeing,
            "disagreements": [asdict(one) for one in self.disagreements],
            "notes": list(self.notes),
        }


def without_rows(opinion: Opinion, *, split: str) -> SecondOpinion:
    """Return what there is to say where the tested table has no such column."""
    note = f"The tested table has no column {opinion.column}, so that there is nothing to compare."
    return SecondOpinion(opinion=opinion, meaning=opinion.meaning, split=split, notes=(note,))


def second_opinion(
    opinion: Opinion,
    said: pd.Series[float],
    probabilities: NDArray[np.float64],
    table: Table,
    *,
    task: Task,
    split: str,
    seed: int = 0,
) -> SecondOpinion:
    """Hold another vetter's opinion beside a model's, on the same rows.

    Parameters
    ----------
    opinion
        Which column it was, and how it was read.
    said
        What it says of each row, the higher the likelier a planet, NaN where nothing; see
        `mlcore.datasets.opinion.read_opinion`; shape ``(n,)``.
    probabilities
        What the model says of the same rows, of each of `mlcore.datasets.spec.CLASSES`, shape
        ``(n, 3)``, from a model that was not trained on their stars.
    table
        The rows, with their dispositions as far as these are known, host stars and names.
    task
        What the model tells apart. Of three dispositions the planets are held against the false
        positives.
    split
        Which rows these are, in words.
    seed
        Of the division by star in which is calibrated and combined, and of the intervals.

    Returns
    -------
    SecondOpinion
        Without figures where there are too few labelled rows; its notes say so.
    """
    two = task if len(task.classes) == 2 else VETTING
    model = two.probabilities(probabilities)[:, two.classes.index(PLANET)]
    spoken, labels, hosts = said.notna().to_numpy(dtype=bool), table.labels, table.hosts
    silent = SecondOpinion(
        opinion=opinion, meaning=opinion.meaning, without=int((~spoken).sum()), split=split
    )
    if labels is None or not two.decided(labels).any():
        note = "No tested row has a label, so that the second opinion is calibrated on nothing."
        return replace(silent, notes=(note,))
    known = two.decided(labels) & spoken
    try:
        fold = star_folds(labels[known], hosts[known], task=two, seed=seed)
        planet = (labels == str(PLANET)).to_numpy(dtype=bool)
        values = as_shares(np.asarray(said, dtype=np.float64))
        values, notes = turned(values, known, planet, hosts, opinion, two, seed)
        voices = Voices.learnt(
            values, model, known, fold, labels=labels, hosts=hosts, task=two, seed=seed
        )
    except DataError as error:
        note = f"The second opinion was neither calibrated nor compared. {error}"
        return replace(silent, rows=int(known.sum()), notes=(note,))
    drawn = StarResamples(hosts[known], seed=seed, kept=True)
    measured = {
        MODEL: measured_voice(model[known], model[known], planet[known], drawn, two),
        # It ranks as it stands: maps of several folds would mix what it tells apart.
        OPINION: measured_voice(
            values[known],
            voices.opinion[known],
            planet[known],
            drawn,
            two,
        ),
        COMBINED: measured_voice(
            voices.combined[known], voices.combined[known], planet[known], drawn, two
        ),
    }
    rows, stars = int(known.sum()), drawn.stars
    listed = _disagreements(model, voices, spoken, labels, table.names.tolist())
    return replace(
        silent,
        rows=rows,
        planets=int(planet[known].sum()),
        stars=stars,
        calibration=voices.in_words,
        figures=tuple(
            (voice, figure)
            for voice, resampled in measured.items()
            for figure in figures_of(resampled, rows=rows, stars=stars, split=split)
        ),
        differences=tuple(
            difference
            for of, against in _PAIRS
            for difference in differences(of, against, measured, metrics=COMPARED, stars=stars)
        ),
        weights=voices.weights,
        disagreeing=len(listed),
        disagreements=tuple(listed[:_MOST_LISTED]),
        notes=notes,
    )


def _disagreements(
    model: NDArray[np.float64],
    voices: Voices,
    spoken: NDArray[np.bool_],
    labels: pd.Series[str],
    names: Sequence[str],
) -> list[Disagreement]:
    differ = np.flatnonzero(spoken & ((model >= 0.5) != (voices.opinion >= 0.5)))
    odds = log_odds(model, voices.opinion)[differ]
    order = differ[np.argsort(-np.abs(odds[:, 0] - odds[:, 1]), kind="stable")]
    label = labels.astype(object).where(labels.notna(), None).tolist()
    return [
        Disagreement(
            number=int(row) + 1,
            name=str(names[row]),
            label=label[row],
            model=float(model[row]),
            opinion=float(voices.opinion[row]),
            combined=float(voices.combined[row]),
        )
        for row in order
    ]
