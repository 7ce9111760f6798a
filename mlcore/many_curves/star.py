"""One star of many, from its files to what a model says of its signals.

A star is judged by itself and not with the others of its batch: so what is said of it depends on
nothing but its own files, the code and the model, whoever computes it and after how many kills.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.api.prediction import PredictionAPI
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.missions.light_curves.registry import results
from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.datasets.spec import CLASSES
from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet
from mlcore.lightcurves.bundles.star import measured_star
from mlcore.lightcurves.catalogues.evidence import contamination, evidence_of
from mlcore.pretrained.load import load_published
from mlcore.pretrained.vetting import judged_rows
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from mlcore.lightcurves.bundles.batches import Contents
    from mlcore.lightcurves.bundles.bundle import StarFiles
    from mlcore.lightcurves.bundles.parts import Parts
    from mlcore.lightcurves.bundles.star import MeasuredStar
    from mlcore.lightcurves.catalogues.carried import CatalogueRows
    from mlcore.lightcurves.records import SignalRecord
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback

__all__ = ["VettedStar", "judging", "vetted_star"]


@dataclass(frozen=True, kw_only=True, slots=True)
class VettedStar:
    """What came of a star's light curve, as JSON can hold it."""

    star: str
    """Its name."""
    files: str
    """What its files are called, with commas between them."""
    refusal: str = ""
    """Why its curve could not be used; empty where it could."""
    untested: tuple[str, ...] = ()
    """Why known signals of it could not be tested, a sentence each."""
    rows: tuple[dict[str, Any], ...] = ()
    """Of each signal, by the columns of `mlcore.many_curves.table.COLUMNS`."""


def judging(model: str) -> TrainedModel:
    """Return the model that is to judge, after it has shown that it can.

    Parameters
    ----------
    model
        The name of a carried model, or the folder of a saved one.

    Raises
    ------
    ArtifactError
        When there is none, or it is damaged.
    DataError
        When it is none for light curves, or of columns that are no longer measured.
    """
    loaded = _loaded(model)
    if LIGHT_CURVES.name not in loaded.missions:
        raise DataError(f"The model {model[:60]} is not for signals of light curves.")
    if loaded.inputs.feature_set is not FeatureSet.MEASURED:
        # Its columns follow from those that are measured.
        return loaded
    unknown = sorted(set(loaded.classifier.columns) - set(LIGHT_CURVES.column_names))
    if unknown:
        raise DataError(
            f"The model {model[:60]} knows columns that are not measured: {', '.join(unknown)}."
        )
    return loaded


@cache
def _loaded(model: str) -> TrainedModel:
    # A process that is forked has the model of its parent; a cluster's worker loads it once.
    return PredictionAPI().load(Path(model)) if Path(model).is_dir() else load_published(model)


def vetted_star(
    files: StarFiles,
    contents: Contents,
    report: ProgressCallback,
    *,
    model: str,
    rows: CatalogueRows | None = None,
    keep: tuple[Parts, str] | None = None,
) -> VettedStar:
    """Search, vet and judge one star.

    Parameters
    ----------
    files
        Whose they are, and what is known of the star.
    contents
        What each file is called and what is in it, or why they could not be read.
    report
        Told how far it has come.
    model
        As in `judging`.
    rows
        Of the catalogues that signals are looked up in; None: those that the package carries.
    keep
        Where to leave the result as soon as it is there, and under which key; a worker that does
        not see the folder leaves it to whoever does.
    """
    named = ", ".join(files.files)
    if isinstance(contents, str):
        vetted = VettedStar(star=files.name, files=named, refusal=contents)
    else:
        measured = measured_star(files, contents, report, rows=rows, stretches=False)
        vetted = VettedStar(
            star=measured.star.name,
            files=named,
            refusal=measured.star.refusal,
            untested=tuple(measured.star.untested),
            rows=_judged(measured, named, model) if measured.rows else (),
        )
    if keep is not None:
        parts, key = keep
        if parts.seen():
            parts.keep(key, asdict(vetted))
    return vetted


def _judged(star: MeasuredStar, files: str, model: str) -> tuple[dict[str, Any], ...]:
    said = judged_rows(_loaded(model), star.rows)
    rows = []
    for place, (one, record) in enumerate(zip(star.rows, star.signals, strict=True)):
        planet = float(said.probabilities[place, CLASSES.index(PLANET)])
        rows.append(
            {
                "star": one["star"],
                "file": files,
                "signal": int(one["number"]),
                **{name: _finite(one[name]) for name in _NUMBERS},
                "p_planet": planet,
                "verdict": str(said.assessments[place].verdict),
                "failed_tests": "; ".join(
                    result.test.title for result in results(one) if result.outcome is Outcome.FAILED
                ),
                "reasons": "; ".join(said.reasons[place]),
                **_in_catalogues(record, planet),
            }
        )
    return tuple(rows)


def _in_catalogues(record: SignalRecord, planet: float) -> dict[str, Any]:
    """Return which row of a catalogue a signal is, and what is said with it."""
    told: dict[str, Any] = {"other_star": contamination(record)} if record.other_object else {}
    evidence = evidence_of(record, planet)
    if evidence is None:
        return told
    return told | {
        "catalogue_object": evidence.object,
        "catalogue_disposition": evidence.disposition,
        "p_catalogue_row": evidence.row_of_others,
        "p_together": evidence.together,
    }


_NUMBERS = ("period", "epoch", "time_zero", "duration", "depth", "strength", "false_alarm")
"""What is told of a signal as it was measured."""


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
