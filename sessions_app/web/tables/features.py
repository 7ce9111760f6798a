"""What models see and what physics checks, as tables of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore import DATASETS
from mlcore.datasets.units import unit_in_words
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.prediction.physical_checks import CHECKS
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator


def feature_tables() -> Iterator[WordTable]:
    """Yield a table of the default columns of each mission."""
    inputs = Inputs(feature_set=FeatureSet.DEFAULT)
    for dataset in DATASETS.values():
        yield WordTable(
            title=dataset.title,
            about=f"{FeatureSet.DEFAULT.meaning.capitalize()}.",
            columns=("Column", "What it is", "Unit", "Source", "Computed from"),
            rows=[
                Row(
                    column["column"],
                    column["title"],
                    column["unit_in_words"],
                    column["source"],
                    ", ".join(column["computed_from"]),
                )
                for column in inputs.described(dataset)
            ],
        )


def declared_checks() -> WordTable:
    """Return the physical checks as they are declared."""
    return WordTable(
        title="Physical checks",
        about="Made of each object beside the classifier's word, and by no model.",
        columns=("What is compared", "Unit", "Formula", "Limit", "Source"),
        rows=[
            Row(
                check.subject,
                unit_in_words(check.unit),
                check.formula,
                check.threshold,
                check.source,
                note=check.question,
            )
            for check in CHECKS
        ],
    )


def needed_table(columns: dict[str, Any]) -> WordTable:
    """Return which columns a model needs."""
    return WordTable(
        title="Columns that it needs",
        about="A column that the table lacks is taken as unknown for every object.",
        columns=("Column", "What it is", "In the table"),
        rows=[
            Row(
                column["column"],
                ", ".join(filter(None, (column["title"], column["unit_in_words"]))),
                "yes" if column["given"] else "no",
                stands_out=not column["given"],
            )
            for column in columns["needed"]
        ],
    )
