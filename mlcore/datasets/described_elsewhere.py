"""Where else an object is described: archives, catalogues and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mlcore.datasets.links import SHARED_LINKS, Link
from mlcore.datasets.object_names import Catalogue, parse_name

if TYPE_CHECKING:
    from mlcore.datasets.spec import Dataset

__all__ = ["links_of"]

_STARS = frozenset({Catalogue.KIC, Catalogue.EPIC, Catalogue.TIC})


def links_of(dataset: Dataset, name: str, host: str) -> list[tuple[Link, str]]:
    """Return the pages about an object, each with its address.

    Parameters
    ----------
    dataset
        Its mission.
    name, host
        Of the object and of its star, in any spelling; what is not a name of the mission's own
        catalogues has no page.

    Examples
    --------
    >>> import mlcore
    >>> found = links_of(mlcore.DATASETS["tess"], "TOI 700.01", "150428135")
    >>> next(address for link, address in found if link.title == "SIMBAD")
    'https://simbad.cds.unistra.fr/simbad/sim-id?Ident=TIC%20150428135'
    """
    own = parse_name(name, dataset.column(dataset.object_name[0]).catalogue)
    star = parse_name(host, dataset.column(dataset.host).catalogue)
    given: dict[str, str] = {}
    if own is not None and not own.is_star:
        given["object"] = str(own)
    if star is not None:
        given |= {"host": str(star), "star": str(star)}
    if star is not None and star.catalogue in _STARS:
        given |= {"number": str(star.number), "nine": f"{star.number:09d}"}
    encoded = {key: quote(value, safe="") for key, value in given.items()}
    found = []
    for link in (*dataset.links, *SHARED_LINKS):
        try:
            found.append((link, link.template.format_map(encoded)))
        except KeyError:
            continue
    return found
