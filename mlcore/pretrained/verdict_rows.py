"""The verdicts that a published model comes with, an object a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets.spec import Disposition

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PublishedVerdict", "verdict_rows"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedVerdict:
    """What is said of one object of the catalogue."""

    mission: str
    name: str
    host: str
    disposition: str | None
    """What the table said of it that the model was published with; None where nothing."""
    probabilities: tuple[float, ...]
    """Calibrated, of each of the task's classes."""
    possible: tuple[Disposition, ...]
    """What cannot be ruled out at the model's coverage."""
    fold: int | None
    """Which fold's model scored it, from 1; None: the model itself, which never saw its star."""


def verdict_rows(saved: Mapping[str, Any]) -> list[PublishedVerdict]:
    """Return what `verdicts_of` described, an object a row."""
    classes = [Disposition(kind) for kind in saved["classes"]]
    return [
        PublishedVerdict(
            mission=mission,
            name=name,
            host=host,
            disposition=disposition,
            probabilities=(*most, 1.0 - sum(most)),
            possible=tuple(kind for place, kind in enumerate(classes) if held >> place & 1),
            fold=None if fold < 0 else fold + 1,
        )
        for mission, said in saved["missions"].items()
        for name, host, disposition, most, held, fold in zip(
            said["names"],
            said["hosts"],
            said["dispositions"],
            said["probabilities"],
            said["sets"],
            said["folds"],
            strict=True,
        )
    ]
