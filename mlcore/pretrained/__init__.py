"""The models that the project itself trained and carries, each with a card that says what it is.

`PUBLISHED` declares them; ``models`` holds what training them left, so that objects of every
mission can be scored on a fresh machine, without a network and without a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore._lazy import lazy_names
from mlcore.pretrained.registry import PUBLISHED, PublishedModel

if TYPE_CHECKING:
    from mlcore.pretrained.load import card, carried_names, load_published, unpack
    from mlcore.pretrained.sources import Source, sources_in_folder
    from mlcore.pretrained.train import train_published

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

if not TYPE_CHECKING:
    # A web process asks for the declarations only.
    __getattr__, __dir__ = lazy_names(__name__, __file__)
