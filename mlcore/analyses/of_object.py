"""Analyses of one of a session's objects."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets import DATASETS
from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.spec import Disposition
from mlcore.datasets.units import column_facts
from mlcore.features import features_of, harmonised_features
from mlcore.features.converting import as_catalogued
from mlcore.features.described import described_columns
from mlcore.in_words import percent
from mlcore.inspection.counterfactual import nearest_counterfactual
from mlcore.inspection.decision_path import decision_path
from mlcore.inspection.probability_shap import explain_probability
from mlcore.inspection.reasons import CLASS_NOUNS, ranked_quantities
from mlcore.inspection.shap.path_dependent import explain_path_dependent
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.analyses.subject import AnalysedObject, Subject
    from mlcore.features.observation import Observation
    from mlcore.inspection.reasons import MovedBy
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback

__all__ = ["counterfactual", "path", "path_dependent", "probability"]

_TOLD = 5
"""How many quantities the sentences name."""
_SPLIT_LEAST = 5e-4
"""What is smaller than half a thousandth of a probability is not told in words."""


def counterfactual(subject: Subject, one: AnalysedObject, wanted: str | None) -> dict[str, Any]:
    """Find the smallest change with which the model would answer otherwise."""
    model, dataset = subject.model, subject.dataset
    names, columns = list(model.classifier.columns), model.columns(dataset)
    derived = _derived_columns(names)
    nearest = nearest_counterfactual(
        model.classifier,
        one.features,
        training_features=subject.learned_from().features.reindex(columns=names),
        columns=columns,
        quantities=model.quantities(dataset),
        wanted=None if wanted is None else Disposition(wanted),
        derive=_derived_again(model, one) if derived else None,
        derived=derived,
    )
    facts = {column.name: column_facts(column) for column in columns}
    return {
        "wanted": wanted,
        "answer": str(nearest.answer),
        "found": bool(nearest.changes),
        "changes": [
            {
                "quantity": change.quantity,
                "columns": [
                    {"column": name, **facts[name], "before": before, "after": after}
                    for name, before, after in zip(
                        change.columns, change.before, change.after, strict=True
                    )
                ],
            }
            for change in nearest.changes
        ],
        "distance": nearest.distance,
        "probability": nearest.probability,
        "probability_before": nearest.probability_before,
        "sentences": [nearest.sentence],
    }


def path(subject: Subject, one: AnalysedObject, tree: int) -> dict[str, Any]:
    """Tell which questions one of the model's trees asked."""
    decisions = decision_path(
        subject.model.classifier, one.features, subject.model.columns(subject.dataset), tree=tree
    )
    which = f"This is tree {decisions.tree} of {decisions.trees}, whose votes are averaged"
    if decisions.trees == 1:
        which = "The model is one tree"
    return asdict(decisions) | {
        "sentences": [
            f"{which}; shares in it are of training rows and not calibrated",
            *(step.sentence for step in decisions.steps),
            decisions.conclusion,
        ],
    }


def probability(
    subject: Subject, one: AnalysedObject, wanted: str | None, progress: ProgressCallback
) -> dict[str, Any]:
    """Attribute a calibrated probability, by default that of a planet, to the columns."""
    disposition = PLANET if wanted is None else Disposition(wanted)
    explanation = explain_probability(
        subject.model.classifier, one.features, disposition, seed=subject.seed, progress=progress
    )
    noun = CLASS_NOUNS[disposition]
    return _attributed(
        subject,
        one,
        disposition,
        base=explanation.base,
        output=float(explanation.probability[0]),
        contributions=explanation.contributions[0],
        standard_errors=explanation.standard_errors[0],
        begun=f"The probability of {noun} is {percent(explanation.probability[0], digits=1)} for"
        f" this object and {percent(explanation.base, digits=1)} for the training median",
    ) | {"estimand": "Shapley values of the calibrated probability against the training median"}


def path_dependent(subject: Subject, one: AnalysedObject) -> dict[str, Any]:
    """Attribute a forest's votes for the predicted class to the columns, exactly."""
    classifier = subject.model.classifier
    known = one.label if one.label in classifier.classes else classifier.classes[0]
    explanation = explain_path_dependent(classifier, one.features, known)
    return _attributed(
        subject,
        one,
        known,
        base=float(explanation.base[0]),
        output=float(explanation.output[0]),
        contributions=explanation.contributions[0],
        standard_errors=np.zeros(len(explanation.columns)),
        begun=f"{percent(explanation.output[0], digits=1)} of the trees' votes are for"
        f" {CLASS_NOUNS[known]}, and {percent(explanation.base[0], digits=1)} on average over"
        " the training rows",
    ) | {"estimand": "path-dependent Shapley values of the trees' votes, before any calibration"}


def _attributed(
    subject: Subject,
    one: AnalysedObject,
    disposition: Disposition,
    *,
    base: float,
    output: float,
    contributions: NDArray[np.float64],
    standard_errors: NDArray[np.float64],
    begun: str,
) -> dict[str, Any]:
    columns = subject.model.columns(subject.dataset)
    values = one.features.to_numpy(dtype=np.float64)[0]
    described = described_columns(subject.dataset, columns, given=one.table.given_columns)
    moved = [
        (columns[i], float(values[i]), float(contributions[i]), float(standard_errors[i]))
        for i in np.argsort(-np.abs(contributions), kind="stable")
    ]
    told = [
        by
        for by in ranked_quantities(described, values, contributions)[:_TOLD]
        if abs(by.contribution) >= _SPLIT_LEAST
    ]
    seen = described.observe(values, [(by.columns, by.errors_speak) for by in told])
    return {
        "disposition": str(disposition),
        "base": base,
        "output": output,
        "columns": [
            {
                "column": column.name,
                **column_facts(column),
                "value": value,
                "contribution": contribution,
                "standard_error": error,
            }
            for column, value, contribution, error in moved
        ],
        "sentences": [begun, *map(_moved, seen, told)],
    }


def _moved(observed: Observation, by: MovedBy) -> str:
    verb = "adds" if by.contribution > 0 else "takes"
    return observed.followed_by(f"{verb} {percent(abs(by.contribution), digits=1)}")


def _derived_columns(names: Sequence[str]) -> list[str]:
    """Return which columns follow from others of the same row."""
    features = [
        *(feature for dataset in DATASETS.values() for feature in features_of(dataset, wide=True)),
        *(feature for feature in harmonised_features() if feature.name not in QUANTITIES),
    ]
    derived = {feature.name for feature in features if not feature.of_neighbours}
    return [name for name in names if name in derived]


def _derived_again(
    model: TrainedModel, one: AnalysedObject
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what computes an object's derived columns for other values of the measured ones."""
    dataset, derived = one.table.dataset, _derived_columns(model.classifier.columns)

    def derive(rows: pd.DataFrame) -> pd.DataFrame:
        # What the catalogue measured beyond the model's columns stays as it is.
        table = one.table.take(np.zeros(len(rows), dtype=np.int64))
        changed = {}
        for name in model.classifier.columns:
            values = rows[name].to_numpy(dtype=np.float64)
            if dataset.knows(name):
                changed[name] = values
            elif (catalogued := as_catalogued(dataset, name, values)) is not None:
                changed[catalogued[0]] = catalogued[1]
        drawn = replace(table, frame=table.frame.assign(**changed))
        return rows.assign(**model.features_drawn(drawn, rows)[derived])

    return derive
