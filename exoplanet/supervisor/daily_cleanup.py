"""The cleanup, once a day."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from exoplanet.supervisor.service import how_it_ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from exoplanet.supervisor.service import Service

_FIRST, _EVERY = 600.0, 24 * 3600.0
"""When what is kept no longer is deleted: after the start, and then again [s]."""


class DailyCleanup:
    """Runs a process only while there is something to delete: it would need memory all day."""

    def __init__(self, service: Service, *, report: Callable[[str], None]) -> None:
        self.service = service
        self._report = report
        self._next_time = time.monotonic() + _FIRST
        self._runs = False

    def look(self) -> None:
        """Start it when it is time, and tell when it has failed; asked as often as one likes."""
        if time.monotonic() >= self._next_time:
            self._next_time = time.monotonic() + _EVERY
            self.service.start()
            self._runs = True
        # Asked, too, so that it does not stay in the process table once it has ended.
        status = self.service.ended
        if self._runs and status is not None:
            self._runs = False
            if status != 0:
                self._report(
                    f"{self.service.name} {how_it_ended(status)}, so that more is kept than should"
                    " be; it runs again tomorrow, or by `manage.py cleanup_sessions`."
                )
