"""What the web server serves."""

from __future__ import annotations

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet.settings")

# How long a thread that computes keeps those waiting that have little to do [s]: by default it is
# ten times as long, and twenty readers of a result slow every poll down to a tenth.
sys.setswitchinterval(0.0005)

_django = get_wsgi_application()

# What these import has models, which there are once Django is set up.
from exoplanet.middleware.polls import PollsFirst  # noqa: E402
from exoplanet.stopping import when_told_to_stop  # noqa: E402
from sessions_app.api.urls import POLLS  # noqa: E402
from sessions_app.queue.watching import WAITED_FOR  # noqa: E402

application = PollsFirst(_django, POLLS)
# Who waits for news is answered then, so that nobody has to wait for them.
when_told_to_stop(WAITED_FOR.end)
