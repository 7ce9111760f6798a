"""What a score is worth: models that know almost nothing, tested on the same rows.

A model may score well without having learnt any physics: because the catalogue is uneven, because
which values are missing tells who looked at an object, because a counter follows the vetting, or
because a star's other rows were trained on. Each probe isolates one such shortcut.
"""

from __future__ import annotations

from mlcore.evaluation.probes.report import CLOSE, ROW_SPLIT, Probe, ProbeReport
from mlcore.evaluation.probes.run import (
    Refit,
    bookkeeping_numbers,
    fit_small_booster,
    run_probes,
    with_row_split,
)

__all__ = [
    "CLOSE",
    "ROW_SPLIT",
    "Probe",
    "ProbeReport",
    "Refit",
    "bookkeeping_numbers",
    "fit_small_booster",
    "run_probes",
    "with_row_split",
]
