"""What a saboteur did, and which interruptions that explains."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What was done."""

    JOB = "jobs"
    BUSY_WORKER = "busy workers"
    IDLE_WORKER = "idle workers"
    CLUSTER = "clusters"
    REAPER = "reapers"
    WEB = "web servers"
    CUT = "cables pulled"
    POWER_LOSS = "hosts without power"
    OUTAGE = "stores away"


KILLS = (What.JOB, What.BUSY_WORKER, What.IDLE_WORKER, What.CLUSTER, What.REAPER, What.WEB)

_PATIENCE = {What.IDLE_WORKER: 60.0, What.CUT: 40.0, What.OUTAGE: 60.0}
"""How long after it an attempt may still be interrupted by it [s]: a queue that was wedged is found
so after a while, a host that was cut off is missed after a while, and a job asks a store that was
away for a while."""
_SHORT_CUT = 20.0
"""What a cut may last without any session being interrupted [s]."""
_HARMLESS = {What.REAPER, What.WEB}
_SPARES_EVIDENCE = {What.JOB, What.BUSY_WORKER, What.IDLE_WORKER, What.CLUSTER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Harm:
    """Something that was done, and to whom."""

    what: What
    began: float
    """[s since 1970]."""
    ended: float
    host: str = ""
    """To which host; empty for all of them."""
    worker: str = ""
    """To which worker alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interruption:
    """An attempt that was interrupted."""

    session: str
    worker: str
    """Who ran it: the host's name and the number of the process."""
    began: float
    """[s since 1970]."""
    ended: float
    """When it was noticed."""
    is_evidence: bool = False

    @property
    def host(self) -> str:
        return self.worker.split(",")[0]


def explains(harm: Harm, interruption: Interruption) -> bool:
    """Tell whether a harm was done to an attempt while it ran."""
    if harm.what in _HARMLESS or (interruption.is_evidence and harm.what in _SPARES_EVIDENCE):
        return False
    if harm.what is What.CUT and harm.ended - harm.began < _SHORT_CUT:
        return False
    if harm.host not in {"", interruption.host} or harm.worker not in {"", interruption.worker}:
        return False
    over = harm.ended + _PATIENCE.get(harm.what, 0.0)
    return interruption.began <= over and harm.began <= interruption.ended
