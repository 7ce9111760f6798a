"""Why a model says what it says of one object."""

from __future__ import annotations

from mlcore.inspection.reasons import reasons
from mlcore.inspection.shap.explain import Explanation, explain_rows
from mlcore.models.spec import OutputScale

__all__ = ["Explanation", "OutputScale", "explain_rows", "reasons"]
