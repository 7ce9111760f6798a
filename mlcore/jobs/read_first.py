"""What has to be known before a result is read, said once of the whole session.

What holds for most objects belongs to the session: outside of what the model knows, columns that
were left out or converted, rows that were left out or seen before.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mlcore.prediction.verdict import NOT_MEASURED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mlcore.evaluation.model_result import ModelResult
    from mlcore.prediction.predict import Predictions

__all__ = ["of_most_objects", "read_first"]

_MOST = 0.5
_CAUSES_NAMED = 3


def read_first(
    result: ModelResult, noticed: Sequence[str], *, apart: Collection[str] = ()
) -> list[str]:
    """Return what changes how a result is to be read, as sentences, the gravest first.

    Parameters
    ----------
    result
        What was trained or predicted.
    noticed
        What was noticed in the files.
    apart
        Warnings of the result that say nothing of its rows and columns.
    """
    probes = result.report.probes.warnings if result.report.probes else ()
    others = {*probes, *result.model.classifier.warnings, *apart}
    grave = [warning for warning in result.warnings if warning not in others]
    unvetted = not any(assessment.measured for assessment in result.predictions.assessments)
    of_all = [NOT_MEASURED] if unvetted else []
    return list(dict.fromkeys([*grave, *of_all, *of_most_objects(result.predictions), *noticed]))


def of_most_objects(predictions: Predictions) -> list[str]:
    """Return what holds for more than half of the objects, as sentences."""
    checks = [assessment.novelty for assessment in predictions.assessments]
    outside = [check for check in checks if check.outside]
    if len(outside) <= _MOST * len(checks):
        return []
    columns = Counter(cause.column for check in outside for cause in check.causes)
    often = ", ".join(name for name, _ in columns.most_common(_CAUSES_NAMED))
    share = "All" if len(outside) == len(checks) else f"{len(outside)} of the {len(checks)}"
    sentence = (
        f"{share} objects lie outside of what the model was trained on, most often by {often}: what"
        " it says of them is a guess."
    )
    return [sentence]
