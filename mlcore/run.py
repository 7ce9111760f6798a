"""What a run carries along from its first step to its last: its seed, its time, its progress."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mlcore.computed import NOTHING_KEPT, Computed
from mlcore.parallel import ONE_CORE, Cores
from mlcore.progress import silent

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.progress import ProgressCallback

__all__ = ["WITHOUT_END", "RunContext", "TimeBudget"]

_MARGIN = 2.0
"""How much longer than expected something may take that is begun all the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeBudget:
    """When a session has to be done; without a budget it never has to."""

    until: float = math.inf
    """As `time.monotonic` tells it [s]."""

    @property
    def left(self) -> float:
        """Seconds that are left; never fewer than none."""
        return max(self.until - time.monotonic(), 0.0)

    def allows(self, seconds: float) -> bool:
        """Tell whether there is time for what is expected to take so long, and for surprises."""
        return self.until == math.inf or _MARGIN * seconds < self.left


WITHOUT_END = TimeBudget()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunContext:
    """What every step of a run is given; none of it says what is learnt or tested.

    Examples
    --------
    >>> import mlcore
    >>> run = mlcore.RunContext(seed=1).within(60)
    >>> run.budget.allows(10)
    True
    """

    seed: int = 0
    """Of every random step: on one machine the same seed, tables and versions give the same
    bits."""
    began: float = field(default_factory=time.monotonic)
    """When the run began, as `time.monotonic` tells it [s]."""
    budget: TimeBudget = WITHOUT_END
    """What may be left out is not begun where it would take too long."""
    progress: ProgressCallback = silent
    """Called with the fraction of the work that is done and the current step."""
    scratch: Path | None = None
    """Folder for what is needed meanwhile; None: the system's temporary one."""
    cores: Cores = ONE_CORE
    """What independent fits may use beside the one core of the run; the result is the same."""
    computed: Computed = NOTHING_KEPT
    """Where what is the same for every model on the same rows is kept."""

    def within(self, seconds: float) -> RunContext:
        """Return the same run with so much time from its beginning [s]."""
        return replace(self, budget=TimeBudget(until=self.began + seconds))

    def reporting(self, progress: ProgressCallback) -> RunContext:
        """Return the same run with another callback, as for one of its stages."""
        return replace(self, progress=progress)
