"""What the web server serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet.settings")

_django = get_wsgi_application()

# What these import has models, which there are once Django is set up.
from exoplanet.middleware.polls import PollsFirst  # noqa: E402
from sessions_app.api.urls import POLLS  # noqa: E402

application = PollsFirst(_django, POLLS)
