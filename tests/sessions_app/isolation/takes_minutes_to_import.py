"""A module that a server is still importing whenever a test looks."""

import time

time.sleep(300)
