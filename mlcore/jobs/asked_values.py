"""The handful of values of one object that a form asks for, from what a saved model says of itself.

Nothing heavy is loaded: a web server asks for them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlcore.analyses.at_hand import changeable_columns
from mlcore.analyses.training_ranges import saved_ends, training_ranges
from mlcore.datasets.possible_values import allowed_in_words, bounds_of
from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.spec import Role
from mlcore.datasets.units import column_facts, number_in_words, unit_in_words
from mlcore.features.feature_sets import Inputs
from mlcore.persistence.manifest import DOMAIN, read_json, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlcore.datasets.spec import Column, Dataset

__all__ = ["FEWEST_ASKED", "MOST_ASKED", "AskedValue", "asked_values"]

FEWEST_ASKED, MOST_ASKED = 5, 12
"""Of the measured values the fewest, and the most with the object's name."""
_MATTERS = 0.02
"""Share of what the model rests on from which a value is asked for beyond the fewest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedValue:
    """A value that a form asks for; empty by default."""

    column: str
    """The mission's."""
    title: str
    unit: str
    """As astropy writes it; empty for words and for what has none. Likewise `unit_in_words`."""
    unit_in_words: str
    is_text: bool
    """Whether it is a name and no number."""
    minimum: float | None
    """The least that it can be; None: there is no least. Likewise `maximum`."""
    maximum: float | None
    low: float | None
    """Between which values 99 % of the training objects are. Likewise `high`."""
    high: float | None
    share: float
    """Share of what moves the model's answers that cannot be had without it."""
    help: str
    """What it may be and what it usually is, as sentences."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def asked_values(
    artifact: Path, dataset: Dataset, shares: Mapping[str, float]
) -> tuple[AskedValue, ...]:
    """Return what to ask of one object, what matters most first, and last what it is called.

    Parameters
    ----------
    artifact
        Folder of the saved model.
    dataset
        The mission that the object is of.
    shares
        How much each of the model's columns, or the quantity that it belongs to, moves its answers.

    Returns
    -------
    tuple of AskedValue
        Measured values that people's tables have a name for: neither uncertainties nor what only
        the pipeline knows.

    Raises
    ------
    ArtifactError
        When the model is missing or damaged.
    """
    manifest = read_manifest(artifact)
    inputs = Inputs.from_json(manifest["inputs"])
    ranges = training_ranges(saved_ends(read_json(artifact / DOMAIN)), dataset)
    quantities = {column: name for name, column in dataset.quantities.items()}
    found = []
    for name, column in changeable_columns(inputs, manifest["columns"], dataset).items():
        quantity = QUANTITIES.get(quantities.get(name, ""))
        called = column.aliases or (quantity is not None and quantity.aliases)
        if column.role is not Role.FEATURE or column.uncertainty_of or not called:
            continue
        share = sum(
            shares.get(seen, 0.0)
            for seen in inputs.reading(dataset, name)
            if seen in manifest["columns"]
        )
        found.append((share, column))
    found.sort(key=lambda pair: -pair[0])
    matter = [pair for pair in found if pair[0] >= _MATTERS]
    asked = matter if len(matter) >= FEWEST_ASKED else found[:FEWEST_ASKED]
    return (
        *(
            _asked(column, share, ranges.get(column.name))
            for share, column in asked[: MOST_ASKED - 1]
        ),
        _name(dataset),
    )


def _asked(column: Column, share: float, usual: tuple[float, float] | None) -> AskedValue:
    minimum, maximum = (bound if abs(bound) < float("inf") else None for bound in bounds_of(column))
    words = allowed_in_words(column)
    said = f"{words[0].upper()}{words[1:]}; leave it empty where it is not known."
    if usual is not None:
        ends = " to ".join(map(number_in_words, usual))
        unit = unit_in_words(column.unit)
        said += f" Nearly all objects that the model learnt from have {ends} {unit}".rstrip() + "."
    return AskedValue(
        column=column.name,
        **column_facts(column),
        is_text=False,
        minimum=minimum,
        maximum=maximum,
        low=None if usual is None else usual[0],
        high=None if usual is None else usual[1],
        share=share,
        help=said,
    )


def _name(dataset: Dataset) -> AskedValue:
    column = dataset.column(dataset.object_name[0])
    return AskedValue(
        column=column.name,
        **column_facts(column),
        is_text=True,
        minimum=None,
        maximum=None,
        low=None,
        high=None,
        share=0.0,
        help="What the object is called, if it has a name: it tells what else is known of its star."
        " Leave it empty otherwise.",
    )
