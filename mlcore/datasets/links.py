"""Addresses of pages about objects: what a mission declares of each archive's."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SHARED_LINKS", "Link"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A page about an object or its star."""

    title: str
    template: str
    """Its address, with ``{object}`` and ``{host}`` for the names as the table has them, ``{star}``
    for the star with its catalogue, ``{number}`` for its number there, and ``{nine}`` for that
    number in nine digits; parts of an address, so that blanks are encoded."""
    note: str = ""
    """For which objects there is such a page, where not for all."""


SHARED_LINKS = (
    Link(
        title="SIMBAD",
        template="https://simbad.cds.unistra.fr/simbad/sim-id?Ident={star}",
    ),
    Link(
        title="MAST",
        template="https://mast.stsci.edu/portal/Mashup/Clients/Mast/Portal.html?searchQuery={star}",
    ),
)
"""Where stars of every mission are found."""
