"""What a model says of one object, as JSON values with names: what is asked at once is told so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from mlcore.datasets.spec import CLASSES
from mlcore.datasets.units import column_facts
from mlcore.features.described import described_columns
from mlcore.inspection.reasons import reasons
from mlcore.prediction.assessment import Assessment
from mlcore.prediction.check_outcomes import physical_checks
from mlcore.prediction.explaining import explain_labels
from mlcore.prediction.physical_checks import checks_in_full
from mlcore.prediction.verdict import VERDICTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.analyses.at_hand import ObjectAtHand
    from mlcore.datasets.spec import Dataset
    from mlcore.inspection import Explanation
    from mlcore.models.trained_model import TrainedModel

__all__ = ["outline_of", "said_at_once", "said_of_row"]


_SAID: WeakKeyDictionary[ObjectAtHand, dict[str, Any]] = WeakKeyDictionary()
"""What was said of the objects that are kept: a page asks several questions about one."""


def said_at_once(one: ObjectAtHand) -> dict[str, Any]:
    """Return all that a model says of an object but what takes draws or its training rows.

    The numbers are those of a table's prediction, to the bit.

    Returns
    -------
    dict
        See `said_of_row`.
    """
    if one not in _SAID:
        _SAID[one] = _said(one)
    return _SAID[one]


def _said(one: ObjectAtHand) -> dict[str, Any]:
    model, table, features, scored = one.model, one.table, one.features, one.scored
    explanation = explain_labels(model, features, scored.labels, trees_of=one.trees_of)
    columns = model.columns(one.dataset)
    described = described_columns(one.dataset, columns, given=table.given_columns)
    conformal = None
    if model.conformal is not None:
        (conformal,) = model.conformal.answers(model.task.probabilities(scored.probabilities))
    label = CLASSES[int(scored.labels[0])]
    values = features.to_numpy(dtype=np.float64)[0]
    return said_of_row(
        model,
        one.dataset,
        values=values,
        probabilities=scored.probabilities[0],
        explanation=explanation,
        sentences=reasons(
            described, values, explanation.contributions[0], label, model.task.classes
        ),
        assessment=Assessment(
            verdict=VERDICTS[int(scored.verdicts[0])],
            measured=one.measured,
            conformal=conformal,
            novelty=model.novelty.check(features, columns)[0],
            interval=None,
            interval_sentence="",
            checks=physical_checks(table)[0],
            nearest_neighbours=(),
        ),
    )


def outline_of(one: ObjectAtHand) -> dict[str, Any]:
    """Return what a model says of an object in a word and in probabilities."""
    return _outline(str(VERDICTS[int(one.scored.verdicts[0])]), one.scored.probabilities[0])


def said_of_row(
    model: TrainedModel,
    dataset: Dataset,
    *,
    values: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    explanation: Explanation,
    sentences: tuple[str, ...],
    assessment: Assessment,
) -> dict[str, Any]:
    """Return what a model says of one row as JSON values.

    Parameters
    ----------
    model, dataset
        Who answers, and the mission of the row.
    values
        What the model saw, shape ``(p,)``.
    probabilities
        Of each of `CLASSES`, shape ``(3,)``.
    explanation
        Of the row alone.
    sentences
        Its reasons.
    assessment
        What else is said of it.

    Returns
    -------
    dict
        ``verdict``, ``prediction``, ``probabilities`` by disposition, ``conformal`` (None where the
        model has no sets), ``novelty``, ``checks`` (``failed`` and ``passed`` with value, limit,
        formula and source; ``unchecked``), ``reasons``, ``explained`` (``output``, ``base``,
        ``meaning``), and by the names of the model's columns ``values``, ``contributions`` and
        ``columns`` (see `mlcore.datasets.units.column_facts`).
    """
    told = assessment.as_json()
    columns = model.columns(dataset)
    names = [column.name for column in columns]
    return {
        **_outline(told["verdict"], probabilities),
        "conformal": told["conformal"],
        "novelty": told["domain"],
        "checks": checks_in_full(told),
        "reasons": list(sentences),
        "explained": {
            "output": float(explanation.output[0]),
            "base": float(explanation.base[0]),
            "meaning": explanation.scale.meaning,
        },
        "values": {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(names, values, strict=True)
        },
        "contributions": dict(zip(names, explanation.contributions[0].tolist(), strict=True)),
        "columns": {column.name: column_facts(column) for column in columns},
    }


def _outline(verdict: str, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "prediction": str(CLASSES[int(probabilities.argmax())]),
        "probabilities": {
            str(kind): float(value) for kind, value in zip(CLASSES, probabilities, strict=True)
        },
    }
