"""Why the project cannot run here."""

from __future__ import annotations


class SupervisorError(Exception):
    """The project cannot run; the text is a sentence for the operator, or one a line."""
