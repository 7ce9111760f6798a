"""What operators see and do: every run, every file; Django finds this package by its name."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin import files, predictions, progress, sessions, snapshots
from sessions_app.admin.accounts import IN_PLACE_OF_DJANGOS_OWN
from sessions_app.admin.queue import IN_PLACE_OF_THE_QUEUES_OWN

__all__ = ["files", "predictions", "progress", "sessions", "snapshots"]

for _model, _admin in (IN_PLACE_OF_THE_QUEUES_OWN | IN_PLACE_OF_DJANGOS_OWN).items():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
    admin.site.register(_model, _admin)

admin.site.site_header = "Exoplanet Playground"
admin.site.site_title = "Exoplanet Playground"
admin.site.index_title = "Runs, files and tables"
