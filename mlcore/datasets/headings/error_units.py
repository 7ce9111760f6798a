"""Uncertainties of which only their size tells whether they are in the unit of their value.

Under the mission's own names they may be as the mission's table has them, or somebody converted
them together with their values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.datasets.rescaling import moves_with

if TYPE_CHECKING:
    from mlcore.datasets.headings.matching import MatchedHeadings
    from mlcore.datasets.spec import Dataset

__all__ = ["errors_by_size"]


def errors_by_size(
    frame: pd.DataFrame, matched: MatchedHeadings, dataset: Dataset
) -> MatchedHeadings:
    """Leave those uncertainties unconverted that are too small or too large to be converted.

    Parameters
    ----------
    frame
        The columns as they were read.
    matched
        Which heading is which column.
    dataset
        The mission.
    """
    if not matched.doubtful:
        return matched
    quantities = {column: name for name, column in dataset.quantities.items()}
    numbers = {
        str(name): pd.to_numeric(frame[name], errors="coerce").astype("float64")
        for name in frame
        if dataset.knows(str(name)) and not dataset.column(str(name)).text
    }
    kept = set()
    for name in matched.doubtful:
        value = dataset.column(name).uncertainty_of or ""
        conversion = matched.conversions[value]
        if value in quantities and not moves_with(
            numbers[name],
            conversion.apply(numbers[value]),
            numbers,
            dataset,
            quantities[value],
            conversion.factor,
        ):
            kept.add(name)
    if not kept:
        return matched
    return replace(
        matched,
        conversions={
            name: conversion for name, conversion in matched.conversions.items() if name not in kept
        },
        readings=tuple(
            replace(
                reading,
                converted_from=None,
                converted_to=None,
                why="It has no unit of its own, and its size is of the mission's unit.",
            )
            if reading.column in kept
            else reading
            for reading in matched.readings
        ),
    )
