"""From a light curve to verdicts on its signals."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.api.prediction import PredictionAPI
from mlcore.datasets import read_table
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.datasets.spec import CLASSES
from mlcore.datasets.units import number_in_words
from mlcore.lightcurves.bundles.measuring import write_table
from mlcore.lightcurves.catalogues.evidence import contamination, evidence_of
from mlcore.lightcurves.signal_rows import signal_row
from mlcore.lightcurves.vetting.report import VettedSignal, vet_curve
from mlcore.prediction.in_sample import seen_in_training
from mlcore.pretrained.load import load_published
from mlcore.progress import Progress, silent
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.table import Table
    from mlcore.lightcurves.catalogues.evidence import RowEvidence
    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.vetting.known_ephemeris import KnownEphemeris
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.assessment import Assessment
    from mlcore.prediction.predictions import Predictions
    from mlcore.progress import ProgressCallback

__all__ = ["LIGHT_CURVE_MODEL", "JudgedSignal", "judged_rows", "vet"]

LIGHT_CURVE_MODEL = "lightcurves-triage"
"""The carried model that judges signals where no other is named."""
_STAGES = {"vetting": 9.0, "judging": 1.0}
_A_STAR = "the star"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JudgedSignal(VettedSignal):
    """A signal with how the tests ended and what a model says of it.

    Printing it says the most important first.
    """

    probability: float
    """Of being a planet, calibrated on stars that the model did not learn from."""
    assessment: Assessment = field(repr=False)
    """The verdict, what cannot be ruled out, and whether the model knows such signals at all."""
    reasons: tuple[str, ...] = field(repr=False)
    """What speaks for and against a planet, the strongest first."""
    in_sample: str = field(default="", repr=False)
    """That the model was trained on objects of this star, as a sentence; empty where it was not."""

    @property
    def evidence(self) -> RowEvidence | None:
        """What the row of the star's own catalogue adds; None where the signal is none."""
        return evidence_of(self.in_catalogues, self.probability)

    def __str__(self) -> str:
        own = self.ephemeris
        measured = (
            f"period {own.period:.6g} d, epoch {own.epoch:.6g} d, duration"
            f" {number_in_words(own.duration * 24)} h, depth"
            f" {number_in_words(self.candidate.depth * 1e6)} ppm"
        )
        other = contamination(self.in_catalogues)
        said = [
            *([self.in_sample] if self.in_sample else []),
            *(() if self.evidence is None else self.evidence.sentences),
            *([other] if other else []),
            *self.reasons,
            *(test.sentence for test in self.tests if test.outcome is Outcome.FAILED),
        ]
        verdict = f"{self.assessment.verdict}, probability {self.probability:.2f}"
        lines = [f"{measured}: {verdict}", *(f"  {sentence}" for sentence in said)]
        return "\n".join(lines)


def vet(
    curve: LightCurve,
    *,
    ephemerides: Sequence[Ephemeris] = (),
    known: Sequence[KnownEphemeris] | None = None,
    model: TrainedModel | None = None,
    report: ProgressCallback = silent,
) -> tuple[JudgedSignal, ...]:
    """Find the transit signals of a light curve, test them, and say what they are likely to be.

    Parameters
    ----------
    curve
        As `mlcore.read_light_curve` returns it.
    ephemerides
        Of the star's signals, in the curve's own times; they are judged as they are. Without any
        those that a search finds.
    known
        Signals of other stars nearby, whose light may fall on this one; by default those that the
        catalogues have within four arcminutes, where the star's place or number is known.
    model
        One that learnt from signals of light curves; by default the carried one.
    report
        Told how far it has come.

    Returns
    -------
    tuple of JudgedSignal
        In the order of the ephemerides, or the strongest first; empty where nothing was found.

    Raises
    ------
    DataError
        When the curve has no trend, or a known signal fewer than two points in transit; when the
        model is not for signals of light curves.

    Examples
    --------
    >>> import mlcore
    >>> import numpy as np
    >>> time = np.arange(0, 27, 0.02)
    >>> flux = 1 + 2e-4 * np.random.default_rng(0).normal(size=len(time))
    >>> flux[np.abs((time - 1.2 + 2) % 4 - 2) < 0.06] -= 1e-3
    >>> curve = mlcore.LightCurve(
    ...     time=time, flux=flux, error=np.full(len(time), 2e-4), cadence=0.02,
    ...     segment=np.zeros(len(time), dtype=int), time_zero=0.0, time_name="time",
    ... )
    >>> [signal] = mlcore.vet(curve)
    >>> [test.outcome.value for test in signal.tests if test.test.name in ("signal", "odd_even")]
    ['passed', 'passed']
    >>> 0 < signal.probability < 1
    True
    """
    progress = Progress(_STAGES, report)
    with progress.stage("vetting") as stage:
        vetted = vet_curve(curve, ephemerides=ephemerides, known=known, report=stage.nested)
    if not vetted:
        return ()
    name = curve.star.name or _A_STAR
    with progress.stage("judging"):
        judge = load_published(LIGHT_CURVE_MODEL) if model is None else model
        table = _as_a_session_reads(
            [
                signal_row(curve, one, number=number, name=name)
                for number, one in enumerate(vetted, start=1)
            ]
        )
        said = PredictionAPI().predict(judge, table)
        # All signals are of the one star.
        in_sample = " ".join(seen_in_training(table, judge))
    planet = CLASSES.index(PLANET)
    return tuple(
        JudgedSignal(
            **{one.name: getattr(signal, one.name) for one in fields(VettedSignal)},
            probability=float(said.probabilities[place, planet]),
            assessment=said.assessments[place],
            reasons=said.reasons[place],
            in_sample=in_sample,
        )
        for place, signal in enumerate(vetted)
    )


def judged_rows(model: TrainedModel, rows: Sequence[dict[str, Any]]) -> Predictions:
    """Return what a model says of measured signals, each row's in its place.

    Parameters
    ----------
    model
        One that learnt from signals of light curves.
    rows
        By the columns of `LIGHT_CURVES`, no two of one name.

    Raises
    ------
    DataError
        When the model is not for signals of light curves.
    """
    return PredictionAPI().predict(model, _as_a_session_reads(rows))


def _as_a_session_reads(rows: Sequence[dict[str, Any]]) -> Table:
    """Return rows of signals as a session has them, so that both say the same."""
    with tempfile.TemporaryDirectory(prefix="exoplanet-signals-") as folder:
        path = Path(folder) / "signals.parquet"
        write_table(rows, path)
        return read_table(path, LIGHT_CURVES, require_labels=False)
