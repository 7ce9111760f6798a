"""The judgement of an object, put together from the flat columns of its row.

It has the fields of `mlcore.prediction.assessment.Assessment.as_json`, less those that are worked
out when the object is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["judgement_of"]


def judgement_of(row: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is said of an object beside its label; None where the file does not tell.

    Parameters
    ----------
    row
        The values of the flat columns.
    about
        What holds for all rows of the file.
    """
    if not about:
        return None
    checks = about["checks"]
    failed, unchecked = _named(row["failed_checks"], checks), _named(row["unchecked"], checks)
    return {
        "verdict": row["verdict"],
        "conformal": _conformal(row, about),
        "domain": {
            "outside": row["outside"],
            "columns": [about["columns"][place] for place in row["outside_columns"]],
        },
        "failed_checks": [{"check": name} for name in failed],
        "passed_checks": [name for name in checks if name not in {*failed, *unchecked}],
        "unchecked": unchecked,
    }


def _named(bits: int, names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if bits >> place & 1]


def _conformal(row: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any] | None:
    if about["coverage"] is None:
        return None
    # Whoever reads a list of objects needs neither.
    from mlcore.calibration.answers import ConformalAnswer  # noqa: PLC0415
    from mlcore.datasets.spec import Disposition  # noqa: PLC0415

    classes = [Disposition(kind) for kind in about["classes"]]
    held = row["conformal_set"]
    answer = ConformalAnswer(
        possible=tuple(kind for place, kind in enumerate(classes) if held >> place & 1),
        p_values=tuple(row[f"p_value_{kind}"] for kind in classes),
        coverage=about["coverage"],
        classes=tuple(classes),
    )
    return answer.as_json()
