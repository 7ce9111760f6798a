"""The ways of testing, by name; what they do is in `mlcore.evaluation.protocols`.

Of its own file, which loads nothing: the web process names them and fits nothing.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FOLDS", "FOLDS_TO_CALIBRATE", "Protocol"]


class Protocol(StrEnum):
    """The name of a way of testing.

    Examples
    --------
    >>> import mlcore
    >>> [str(protocol) for protocol in mlcore.Protocol][:3]
    ['fixed_split', 'own_rows', 'cross_validated']
    """

    FIXED_SPLIT = "fixed_split"
    """A fifth of the mission's stars, always the same ones, is tested."""
    OWN_ROWS = "own_rows"
    """Rows of the user's own are tested: those of a testing file, or held out by star."""
    CROSS_VALIDATED = "cross_validated"
    """Each star is tested once, by a model that was trained on the other folds."""
    TIME_FORWARD = "time_forward"
    """Objects that were undecided in an older table are tested by what they were found to be."""
    LEAVE_ONE_MISSION_OUT = "leave_one_mission_out"
    """A mission is tested by a model that was trained on the others."""


FOLDS = 5
"""How many folds unless one says otherwise."""
FOLDS_TO_CALIBRATE = 3
"""Folds that calibration alone is worth; testing by cross-validation asks for `FOLDS`."""
