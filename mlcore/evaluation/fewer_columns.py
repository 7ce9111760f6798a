"""What a model lost by being fitted anew without the columns that a table lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.in_words import figure as figure_in_words
from mlcore.in_words import names
from mlcore.metrics import METRICS, Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FewerColumns"]

_TOLD = {"vetting": "roc_auc", "disposition": "f1"}
"""Which figure tells the loss, by task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FewerColumns:
    """What a model lost by being fitted anew without some columns."""

    lacking: tuple[str, ...]
    """Columns of the mission that the table lacks and the model would read."""
    left_out: tuple[str, ...]
    """The model's own columns that cannot be had without them."""
    fitted_on: str
    """Which rows, in words."""
    train_rows: int
    before: Measurement | None
    """Figures of the model with all its columns, on rows that neither was trained on."""
    after: Measurement | None
    """Figures of the one that answers, on the same rows."""

    @property
    def sentence(self) -> str:
        """What was done and what it cost."""
        said = (
            f"The table has no {names(self.lacking)}, so that the answers are those of a"
            f" model of exactly the columns at hand, fitted anew on {self.train_rows} rows:"
            f" {self.fitted_on}."
        )
        if self.before is None or self.after is None:
            return said
        name = _TOLD.get(self.after.task, "roc_auc")
        title = METRICS[name].title
        now, whole = (
            figure_in_words(of.value, of.low, of.high)
            for measured in (self.after, self.before)
            for of in [measured.figure(name)]
        )
        return f"{said} On {self.after.split} its {title} is {now}; with all columns it is {whole}."

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "lacking": list(self.lacking),
            "left_out": list(self.left_out),
            "fitted_on": self.fitted_on,
            "train_rows": self.train_rows,
            "with_all_columns": self.before and self.before.as_json(),
            "measurement": self.after and self.after.as_json(),
            "sentence": self.sentence,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> FewerColumns:
        """Return what `as_json` described."""
        before, after = saved["with_all_columns"], saved["measurement"]
        return cls(
            lacking=tuple(saved["lacking"]),
            left_out=tuple(saved["left_out"]),
            fitted_on=saved["fitted_on"],
            train_rows=saved["train_rows"],
            before=None if before is None else Measurement.from_json(before),
            after=None if after is None else Measurement.from_json(after),
        )
