"""What models see and what physics checks, as tables of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore import DATASETS
from mlcore.datasets.units import unit_in_words
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.prediction.physical_checks import CHECKS
from sessions_app.web.tables.report import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["declared_checks", "feature_tables"]


def feature_tables() -> Iterator[WordTable]:
    """Yield a table of the default columns of each mission."""
    inputs = Inputs(feature_set=FeatureSet.DEFAULT)
    for dataset in DATASETS.values():
        yield WordTable(
            title=f"{dataset.title}",
            about=f"{FeatureSet.DEFAULT.meaning.capitalize()}.",
            columns=("Column", "What it is", "Unit", "Source", "Computed from"),
            rows=tuple(
                Row(
                    head=each["name"],
                    cells=(
                        each["meaning"],
                        unit_in_words(each["unit"]),
                        each["source"],
                        ", ".join(each["computed_from"]),
                    ),
                )
                for each in inputs.described(dataset)
            ),
        )


def declared_checks() -> WordTable:
    """Return the physical checks as they are declared."""
    return WordTable(
        title="Physical checks",
        about="Made of each object beside the classifier's word, and by no model.",
        columns=("What is compared", "Unit", "Formula", "Limit", "Source"),
        rows=tuple(
            Row(
                head=check.subject,
                note=check.question,
                cells=(unit_in_words(check.unit), check.formula, check.threshold, check.source),
            )
            for check in CHECKS
        ),
    )
