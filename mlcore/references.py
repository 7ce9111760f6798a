"""What to cite: papers, tables and software, as rows of facts that BibTeX is written from.

Each is declared beside what it belongs to: a mission's beside its columns, a method's beside its
code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACKNOWLEDGEMENT", "ARCHIVE", "Reference", "bibtex"]

ACKNOWLEDGEMENT = (
    "This research has made use of the NASA Exoplanet Archive, which is operated by the California"
    " Institute of Technology, under contract with the National Aeronautics and Space"
    " Administration under the Exoplanet Exploration Program."
)
"""What the archive asks whoever uses its tables to write:
https://exoplanetarchive.ipac.caltech.edu/docs/acknowledge.html."""

_SPECIAL = {char: f"\\{char}" for char in "&%#_$"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Something to cite."""

    key: str
    """What a document calls it, such as ``chen2016``."""
    title: str
    authors: str
    """As BibTeX writes them: surnames first, "and" between them; a body of people in braces."""
    year: int
    kind: str = "article"
    """BibTeX's own word for what it is."""
    doi: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    """What else leads to it, by BibTeX's names: journal, volume, pages, url."""

    @property
    def entry(self) -> str:
        """The entry of a BibTeX file."""
        fields = {
            "author": self.authors,
            # In braces, so that no style takes capitals away.
            "title": f"{{{self.title}}}",
            "year": str(self.year),
            **self.where,
            **({"doi": self.doi} if self.doi else {}),
        }
        plain = {"doi", "url"}
        lines = [
            f"  {name} = {{{value if name in plain else _escaped(value)}}},"
            for name, value in fields.items()
        ]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


def bibtex(*references: Reference) -> str:
    """Return a BibTeX file of references, each once."""
    unique = {reference.key: reference for reference in references}
    return "\n\n".join(reference.entry for reference in unique.values()) + "\n"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in text)


ARCHIVE = Reference(
    key="christiansen2025",
    title="The NASA Exoplanet Archive and Exoplanet Follow-up Observing Program: Data, Tools, and"
    " Usage",
    authors="Christiansen, Jessie L. and McElroy, Douglas L. and Harbut, Marcy and others",
    year=2025,
    doi="10.3847/PSJ/ade3c2",
    where={"journal": "The Planetary Science Journal", "volume": "6", "pages": "186"},
)
"""What the archive asks to be cited by, in place of Akeson et al. 2013."""
