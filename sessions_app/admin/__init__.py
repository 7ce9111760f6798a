"""What operators see and do: every run, every file; Django finds this package by its name."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin import deeds, files, records, reviews, sessions, snapshots
from sessions_app.admin.guarded import IN_PLACE_OF_THEIR_OWN

__all__ = ["deeds", "files", "records", "reviews", "sessions", "snapshots"]

for _model, _admin in IN_PLACE_OF_THEIR_OWN.items():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
    admin.site.register(_model, _admin)

admin.site.site_header = "Exoplanet Playground"
admin.site.site_title = "Exoplanet Playground"
admin.site.index_title = "How the place runs"
admin.site.index_template = "admin/dashboard.html"
