"""What a conformal set says of one object, in words; nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore.in_words import joined, level
from mlcore.tasks import DISPOSITION

if TYPE_CHECKING:
    from mlcore.datasets.spec import Disposition

__all__ = ["ABSTAIN", "ConformalAnswer"]

ABSTAIN = "abstain"
"""The answer when a set does not hold exactly one disposition."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConformalAnswer:
    """What can be said of one object at a stated coverage."""

    possible: tuple[Disposition, ...]
    """The dispositions that cannot be ruled out, in canonical order."""
    p_values: tuple[float, ...]
    """For each class of the task, the share of its labelled objects that look as strange."""
    coverage: float
    """Share of each class whose sets hold it."""
    classes: tuple[Disposition, ...]
    """The classes of the task, in canonical order."""

    @property
    def answer(self) -> str:
        """The only possible disposition, or `ABSTAIN`."""
        return str(self.possible[0]) if len(self.possible) == 1 else ABSTAIN

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "answer": self.answer,
            "possible": [str(kind) for kind in self.possible],
            "p_values": list(self.p_values),
            "coverage": self.coverage,
            "reason": self.reason,
        }

    @property
    def reason(self) -> str:
        """What remains possible, as a sentence."""
        task = replace(DISPOSITION, classes=self.classes)
        remaining = [f"'{task.called(kind)}'" for kind in self.possible]
        at_coverage = f"At {level(self.coverage)} coverage"
        match remaining:
            case []:
                every = " or ".join(f"'{task.called(kind)}'" for kind in self.classes)
                return (
                    f"{at_coverage} nothing remains: as {every} it looks stranger than nearly all"
                    " known objects."
                )
            case [only]:
                return f"{at_coverage} only {only} remains."
            case [first, second]:
                both = f"both {first} and {second} remain"
            case _:
                both = f"{joined(remaining)} all remain"
        return f"{at_coverage} {both}: the model cannot tell."
