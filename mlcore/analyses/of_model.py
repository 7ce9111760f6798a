"""Analyses of a session's model as a whole, on exactly the rows that the session tested."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from mlcore.errors import DataError
from mlcore.in_words import SENTENCE_CHANGE, bounds, decimal, lowered
from mlcore.inspection.ablation import MOST_REFITS, drop_quantities, refitted_on, replace_by_average
from mlcore.inspection.inspected_rows import INTERVAL, RANKED_BY
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.workload import MOST_SECONDS
from mlcore.progress import Progress
from mlcore.training.evaluate import needed_by

if TYPE_CHECKING:
    from mlcore.analyses.subject import Subject
    from mlcore.inspection.ablation import Ablation, QuantityEffect
    from mlcore.inspection.inspected_rows import Figures
    from mlcore.models.classifier import Classifier
    from mlcore.progress import ProgressCallback

__all__ = ["average_replacement", "drop_columns", "needed"]

_TOLD = 5
"""How many quantities the sentences name."""
_FEWEST_REFITS = 2


def average_replacement(subject: Subject, progress: ProgressCallback) -> dict[str, Any]:
    """Measure what the figures lose with a quantity's training median in its place."""
    ablation = _replaced(subject, subject.learned_from(), progress)
    return _answer(subject, ablation, "With its median in place of {}")


def drop_columns(subject: Subject, progress: ProgressCallback) -> dict[str, Any]:
    """Measure what the figures lose when the model is trained without a quantity.

    Raises
    ------
    DataError
        When the model cannot be refitted as it was, or not in the time that there is.
    """
    model = subject.model
    if subject.fine_tuned:
        raise DataError(
            "A fine-tuned model is the work of two trainings and cannot be trained anew without a"
            " quantity; average_replacement asks it as it is."
        )
    sample, columns = subject.learned_from(), model.columns(subject.dataset)
    lacking = set(model.missions) - set(sample.missions)
    if lacking:
        raise DataError(
            f"The model was also trained on rows of {', '.join(sorted(lacking))}, which are not at"
            " hand, so that it cannot be trained anew."
        )
    steps = Progress({"Asking the model as it is": 10, "Training it anew": 90}, progress)
    with steps.stage("Asking the model as it is") as report:
        first = _replaced(subject, sample, report)
    quantities = model.quantities(subject.dataset)
    # Those that this model rests on the most come first: there may not be time for all.
    ordered = {
        name: quantities[name] for effect in first.effects for name in effect.columns
    } | quantities
    with steps.stage("Training it anew") as report:
        ablation = drop_quantities(
            model.classifier,
            refitted_on(
                model.classifier,
                replace(sample, features=_features(subject, sample), columns=columns),
            ),
            _tested(subject),
            quantities=ordered,
            most_refits=_affordable(model.classifier, len(sample)),
            seed=subject.seed,
            progress=report,
        )
    return _answer(subject, ablation, "Trained without {}") | {
        "trained_rows": len(sample),
        "note": "The models that were trained anew are not calibrated, on both sides of each"
        " comparison.",
    }


def needed(subject: Subject) -> dict[str, Any]:
    """Compare the columns that the model needs with those of the predicted table."""
    columns = needed_by(subject.model, subject.table)
    lacking = [column.sentence for column in columns.needed if not column.given]
    counted = f"The model needs {len(columns.needed)} columns, of which the table lacks"
    return asdict(columns) | {
        "lacking": columns.lacking,
        "sentences": [
            f"{counted} {len(lacking)}",
            *lacking,
            *(column.sentence for column in columns.excess),
        ],
    }


def _replaced(subject: Subject, sample: LabelledRows, progress: ProgressCallback) -> Ablation:
    return replace_by_average(
        subject.model.classifier,
        _tested(subject),
        training_features=_features(subject, sample),
        quantities=subject.model.quantities(subject.dataset),
        seed=subject.seed,
        progress=progress,
    )


def _tested(subject: Subject) -> LabelledRows:
    return LabelledRows.of([subject.table], subject.features())


def _features(subject: Subject, sample: LabelledRows) -> Any:
    # A column that has no value in these rows is not in the sample, and the model may know it.
    return sample.features.reindex(columns=list(subject.model.classifier.columns))


def _affordable(classifier: Classifier, rows: int) -> int:
    """Return how many models may be trained within the time that one session may take."""
    members = classifier.estimator.members if classifier.model_type.searches else (classifier,)
    seconds = sum(
        member.model_type.seconds(member.hyperparameters, rows, len(member.columns))
        for member in members
    )
    most = MOST_REFITS if seconds <= 0 else min(MOST_REFITS, int(MOST_SECONDS / seconds))
    if most < _FEWEST_REFITS:
        raise DataError(
            f"Training this model takes about {max(1, round(seconds / 60))} minutes, too long for"
            " doing it anew without each quantity; average_replacement asks it as it is."
        )
    return most


def _answer(subject: Subject, ablation: Ablation, begun: str) -> dict[str, Any]:
    return {
        "split": subject.split,
        "rows": ablation.rows,
        "stars": ablation.stars,
        "interval": INTERVAL,
        "method": ablation.method,
        "baseline": _figures(ablation.baseline, ablation.baseline_low, ablation.baseline_high),
        "quantities": [
            {
                "quantity": effect.quantity,
                "columns": list(effect.columns),
                "without": _figures(effect.without, effect.without_low, effect.without_high),
                "change": _figures(effect.change, effect.low, effect.high),
            }
            for effect in ablation.effects
        ],
        "untried": list(ablation.untried),
        "sentences": _sentences(ablation, begun),
    }


def _sentences(ablation: Ablation, begun: str) -> list[str]:
    whole = ablation.baseline[RANKED_BY]
    rows = f"{ablation.rows} rows of {ablation.stars} stars"
    sentences = [f"The {rows} are all of one disposition, so that there is no ROC-AUC"]
    if not math.isnan(whole):
        sentences = [
            f"With all its quantities the model has a ROC-AUC of {decimal(whole)} on {rows}",
            *(_in_words(effect, begun) for effect in ablation.effects[:_TOLD]),
        ]
    if ablation.untried:
        sentences.append(f"There was no time to try without {', '.join(ablation.untried)}")
    return sentences


def _figures(value: Figures, low: Figures, high: Figures) -> dict[str, Any]:
    return {name: {"value": value[name], "low": low[name], "high": high[name]} for name in value}


def _in_words(effect: QuantityEffect, begun: str) -> str:
    change, low, high = (figures[RANKED_BY] for figures in (effect.change, effect.low, effect.high))
    words = "falls" if change < 0 else "rises"
    subject = lowered(effect.quantity)
    sentence = f"{begun.format(subject)} the ROC-AUC {words} by {decimal(abs(change))}"
    if math.isnan(low):
        return f"{sentence}, and how sure that is cannot be said of so few stars"
    surely = "" if high < 0 or low > 0 else ", which is within the noise"
    return f"{sentence} (from {bounds(low, high, SENTENCE_CHANGE)}){surely}"
