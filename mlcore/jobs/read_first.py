"""What has to be known before a result is read, said once of the whole session.

What holds for most objects belongs to the session: outside of what the model knows, columns that
were left out or converted, rows that were left out or seen before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.prediction.verdict import NOT_MEASURED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mlcore.evaluation.report import Report
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.scoring import Scored

__all__ = ["Outline", "of_most_objects", "read_first"]

_MOST = 0.5
_CAUSES_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """What a session says of its rows as a whole."""

    rows: int
    outside: int
    """How many lie outside of what the model was trained on."""
    causes: tuple[str, ...]
    """The columns that most often caused it, that which did so most often first."""
    measured: bool
    """Whether anything measured of the transits is at hand."""

    @classmethod
    def of(cls, scored: Scored, about: Mapping[str, Any]) -> Outline:
        """Return what is said of rows as a whole.

        Parameters
        ----------
        scored
            What is said of each.
        about
            What holds for all of them, see `mlcore.prediction.predict.about_predictions`.
        """
        places = scored.outside.places
        # Of columns that are named equally often the one that is named first comes first.
        often = np.bincount(places, minlength=1)
        met, first = np.unique(places, return_index=True)
        order = met[np.lexsort((first, -often[met]))] if len(places) else met
        return cls(
            rows=len(scored),
            outside=int(scored.outside.outside.sum()),
            causes=tuple(about["columns"][place] for place in order[:_CAUSES_NAMED].tolist()),
            measured=about["measured"],
        )


def read_first(
    model: TrainedModel,
    report: Report,
    warnings: Sequence[str],
    outline: Outline,
    noticed: Sequence[str],
    *,
    apart: Collection[str] = (),
) -> list[str]:
    """Return what changes how a result is to be read, as sentences, the gravest first.

    Parameters
    ----------
    model, report, warnings
        What answered, what is known of it on its rows, and what the user should know of.
    outline
        What is said of the rows as a whole.
    noticed
        What was noticed in the files.
    apart
        Warnings of the result that say nothing of its rows and columns.
    """
    probes = report.probes.warnings if report.probes else ()
    others = {*probes, *model.classifier.warnings, *apart}
    grave = [warning for warning in warnings if warning not in others]
    of_all = [] if outline.measured else [NOT_MEASURED]
    return list(dict.fromkeys([*grave, *of_all, *of_most_objects(outline), *noticed]))


def of_most_objects(outline: Outline) -> list[str]:
    """Return what holds for more than half of the objects, as sentences."""
    if outline.outside <= _MOST * outline.rows:
        return []
    everyone = outline.outside == outline.rows
    share = "All" if everyone else f"{outline.outside} of the {outline.rows}"
    sentence = (
        f"{share} objects lie outside of what the model was trained on, most often by"
        f" {', '.join(outline.causes)}: what it says of them is a guess."
    )
    return [sentence]
