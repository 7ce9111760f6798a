"""What was read from a file: which heading as which column, in which unit, which word as what."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOTHING_READ", "NO_LABELS", "HeadingReading", "LabelReading", "Reading"]

NO_LABELS = "None of its words is a disposition."
"""Why a column that is called as one of labels can be is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadingReading:
    """What became of a column of the file."""

    heading: str
    """As the file has it."""
    column: str | None = None
    """The mission's column that it was read as, None where it was ignored."""
    matched: str | None = None
    """How: ``name``, ``alias`` or ``request``."""
    unit: str | None = None
    """The unit that the file or the request states, as it is written."""
    converted_from: str | None = None
    """The unit that its values were converted from, in words; None where they were not."""
    converted_to: str | None = None
    """The unit that they have now."""
    use: str = "ignored"
    """``feature``, ``label``, ``identifier``, ``bookkeeping``, ``withheld`` or ``ignored``."""
    why: str = ""
    """Why it was ignored or withheld, or what was taken for granted, as a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelReading:
    """Where the labels come from."""

    heading: str
    column: str
    """The mission's column of labels."""
    words: Mapping[str, str | None]
    """What each word of the file was read as, a `Disposition`; None for no label."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """How many rows have each word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was read from a file."""

    headings: tuple[HeadingReading, ...] = ()
    """Each column of the file, in its order."""
    label: LabelReading | None = None
    """None where the file has no column of labels."""
    notes: tuple[str, ...] = ()
    """What else was taken for granted, left out or noticed, as sentences."""

    def names_of(self, name: str) -> tuple[str, ...]:
        """Return the names under which a column of the file can be a feature.

        Parameters
        ----------
        name
            Its heading, in small letters.

        Returns
        -------
        tuple of str
            The name itself and the mission's column that its heading was read as.
        """
        read_as = (
            row.column
            for row in self.headings
            if row.column is not None and row.heading.strip().lower() == name
        )
        return tuple(dict.fromkeys((name, *read_as)))

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote."""
        label = values["label"]
        return cls(
            headings=tuple(HeadingReading(**heading) for heading in values["headings"]),
            label=None if label is None else LabelReading(**label),
            notes=tuple(values["notes"]),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "headings": [asdict(heading) for heading in self.headings],
            "label": None
            if self.label is None
            else asdict(self.label) | {"words": dict(self.label.words)},
            "notes": list(self.notes),
        }


NOTHING_READ = Reading()
"""Of rows that come from no file."""
