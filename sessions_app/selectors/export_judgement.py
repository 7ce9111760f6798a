"""What an export says of how an object was judged, a column for each part of the judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets import CLASSES
from mlcore.prediction.table_formats.described import DescribedColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.prediction.stored import ObjectPrediction

__all__ = ["JUDGEMENT", "ExportColumn"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportColumn(DescribedColumn):
    """A column of an export."""

    value: Callable[[ObjectPrediction], Any]


def _judged(*path: str) -> Callable[[ObjectPrediction], Any]:
    """Return what reads one value out of a row's judgement, None where it has none."""

    def value(row: ObjectPrediction) -> Any:
        value: Any = row.judgement
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    return value


def _joined(*path: str, key: str = "") -> Callable[[ObjectPrediction], Any]:
    read = _judged(*path)

    def value(row: ObjectPrediction) -> str | None:
        entries = read(row)
        if not isinstance(entries, list):
            return None
        # What is said of a check is worked out when the object is looked at; until then its name.
        return "; ".join(
            str(entry.get(key, entry.get("check")) if key else entry) for entry in entries
        )

    return value


JUDGEMENT = [
    ExportColumn(
        name="verdict",
        kind=str,
        value=_judged("verdict"),
        ucd="meta.code.class",
        description="What the model can say of the object in a word.",
    ),
    ExportColumn(
        name="conformal_answer",
        kind=str,
        value=_judged("conformal", "answer"),
        description="What the conformal set amounts to.",
    ),
    ExportColumn(
        name="conformal_possible",
        kind=str,
        value=_joined("conformal", "possible"),
        description="Dispositions that cannot be ruled out at the coverage.",
    ),
    ExportColumn(
        name="conformal_coverage",
        kind=float,
        value=_judged("conformal", "coverage"),
        description="Share of each class whose conformal set holds it.",
    ),
    ExportColumn(
        name="novelty_outside",
        kind=bool,
        value=_judged("domain", "outside"),
        description="Whether the object is unlike all that the model was trained on.",
    ),
    ExportColumn(
        name="novelty_columns",
        kind=str,
        value=_joined("domain", "columns"),
        description="Columns in which it is.",
    ),
    *(
        ExportColumn(
            name=f"probability_{label}_{edge}",
            kind=float,
            value=_judged("score_interval", str(label), edge),
            ucd="stat.probability",
            description=f"{side} end of the probability of {label.words} under the catalogue's"
            " errors.",
        )
        for label in CLASSES
        for edge, side in (("low", "Lower"), ("high", "Upper"))
    ),
    ExportColumn(
        name="checks_failed",
        kind=str,
        value=_joined("failed_checks", key="sentence"),
        description="Physical checks that it fails.",
    ),
    ExportColumn(
        name="nearest_neighbours",
        kind=str,
        value=_joined("analogues", key="name"),
        description="The objects most like it.",
    ),
]
