"""The light curves of a folder, however many: searched, vetted and judged, a star at a time."""

from __future__ import annotations

from mlcore.many_curves.run import Vetted, vet_folder

__all__ = ["Vetted", "vet_folder"]
