"""The column of labels: which it is, and whether what it holds are labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.datasets.headings.spelling import folded, in_quotes
from mlcore.datasets.headings.vocabulary import Vocabulary
from mlcore.datasets.labels import LABEL_LIKE, PERHAPS_LABEL_LIKE, means_nothing, read_labels
from mlcore.datasets.reading import NO_LABELS, LabelReading
from mlcore.in_words import counted, lowered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.headings.mapping import ColumnMapping
    from mlcore.datasets.headings.matching import MatchedHeadings
    from mlcore.datasets.readers.read import Heading
    from mlcore.datasets.spec import Dataset

__all__ = ["labels_of_column", "no_label"]


def no_label(dataset: Dataset, headings: Sequence[Heading] = ()) -> str:
    """Return what is said where a table lacks the column of labels."""
    sentence = (
        f"The table has no column {dataset.label}, which holds the disposition: "
        f"{', '.join(dataset.labels)}."
    )
    vocabulary = Vocabulary(dataset)
    close = []
    for heading in headings:
        hit = vocabulary.hit(heading.name)
        column = dataset.column(hit.columns[0]) if hit is not None and hit.columns else None
        if LABEL_LIKE.search(heading.name) or (
            column is not None and LABEL_LIKE.search(column.meaning) and column.text
        ):
            close.append((heading.name, column))
    close += [
        (heading.name, None) for heading in headings if PERHAPS_LABEL_LIKE.search(heading.name)
    ]
    if not close:
        return sentence
    name, column = close[0]
    what = ""
    if column is not None and column.name != dataset.label:
        what = f" ({lowered(column.meaning)})"
    return (
        f"{sentence} It has {in_quotes(name)}{what}, which is not taken for it unasked: choose it"
        f" with label={name}."
    )


def labels_of_column(
    cells: pd.Series[str],
    matched: MatchedHeadings,
    mapping: ColumnMapping,
    dataset: Dataset,
    *,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
) -> tuple[pd.Series[str] | None, LabelReading | None]:
    """Return the mission's words for the labels, and what was read as what.

    Both are None where the column holds something else, which is added to the warnings: a column
    that is called "target" or "class" may.

    Parameters
    ----------
    cells
        Words without blanks around them, missing where empty; shape ``(n,)``.
    matched
        Which heading is the label's.
    mapping
        What its words mean by the request.
    dataset
        The mission.
    row_numbers
        Which row of the file each is, counted from 1; shape ``(n,)``.
    warnings
        Gets what the user should know, as sentences.

    Raises
    ------
    DataError
        When a word is not known, or says nothing by itself.
    """
    heading = next(row.heading for row in matched.readings if row.column == dataset.label)
    # A status may be of anything, and numbers in it of anything at all.
    told = folded(heading) != "status"
    different = cells.dropna().unique().tolist()
    if matched.label_is_generic and means_nothing(different, dataset, numbers_may_mean=told):
        warnings.append(f"Column {in_quotes(heading)} was ignored: {NO_LABELS}")
        return None, None
    words, reading = read_labels(
        cells, dataset, mapping.label_words, heading=heading, row_numbers=row_numbers
    )
    if blank := int(words.isna().sum()):
        called = dataset.label if heading.lower() == dataset.label else heading
        warnings.append(
            f"{counted(blank, 'row')} of {len(words)} without a disposition in column {called}: no"
            f" model is trained on or measured by {'it' if blank == 1 else 'them'}."
        )
    return words, reading
