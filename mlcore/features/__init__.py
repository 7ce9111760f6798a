"""Features with physics in them, computed from what a catalogue measured."""

from __future__ import annotations

from mlcore.features.harmonised import harmonise, harmonised_features
from mlcore.features.registry import compute, features_of
from mlcore.features.spec import Feature

__all__ = ["Feature", "compute", "features_of", "harmonise", "harmonised_features"]
