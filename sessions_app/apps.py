"""The app's configuration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    """Training and prediction sessions."""

    name = "sessions_app"
    verbose_name = "Exoplanet Playground"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let each worker of the queue get ready for jobs when it starts."""
        from django_q.signals import post_spawn  # noqa: PLC0415 - apps must be loaded first

        # The queue has no other place in which a worker can run something before its first task.
        post_spawn.connect(_prepare_worker, dispatch_uid="sessions_app.prepare_worker")


def _prepare_worker(proc_name: str = "", **_kwargs: Any) -> None:
    from sessions_app.tasks import prepare_worker  # noqa: PLC0415 - only workers need it

    prepare_worker(proc_name)
