"""What the line in `mlcore.datasets.missions` does for a process that is started anew."""

from __future__ import annotations

from mlcore.datasets import register
from tests.mlcore.datasets.missions.made_mission import PLATO

register(PLATO)
