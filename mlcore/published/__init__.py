"""The models that the project itself trained and carries, each with a card that says what it is.

`PUBLISHED` declares them; ``models`` holds what training them left, so that objects of every
mission can be scored on a fresh machine, without a network and without a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.lazy_names import lazy_names
from mlcore.published.declared import PUBLISHED, PublishedModel

if TYPE_CHECKING:
    from mlcore.published.carried import card, carried_names, load_published, unpack
    from mlcore.published.sources import Source, sources_in_folder
    from mlcore.published.training import train_published

__all__ = [
    "PUBLISHED",
    "PublishedModel",
    "Source",
    "card",
    "carried_names",
    "load_published",
    "sources_in_folder",
    "train_published",
    "unpack",
]

_HOMES = {
    "Source": "mlcore.published.sources:Source",
    "card": "mlcore.published.carried:card",
    "carried_names": "mlcore.published.carried:carried_names",
    "load_published": "mlcore.published.carried:load_published",
    "sources_in_folder": "mlcore.published.sources:sources_in_folder",
    "train_published": "mlcore.published.training:train_published",
    "unpack": "mlcore.published.carried:unpack",
}

if not TYPE_CHECKING:
    # A web process asks for the declarations only.
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
