"""Each scientific job in a process of its own: killable at once, bounded in memory and time.

A worker owns one `JobHost`. The host starts a *server*, a bare process that has imported the
scientific libraries and nothing of Django; the server forks one process for each job. A job thus
starts in milliseconds, sees no other job's state and holds none of the worker's open files, its
database connection above all.
"""

from __future__ import annotations

from sessions_app.isolation.host import JOB_MODULES, JobHost
from sessions_app.isolation.outcome import NO_ROOM, Ending, Outcome
from sessions_app.isolation.protocol import JSON, Emit

__all__ = ["JOB_MODULES", "JSON", "NO_ROOM", "Emit", "Ending", "JobHost", "Outcome"]
