"""The settings of the dashboard for tests that run in the process of pytest."""

from dashboard.settings import *  # noqa: F403

# The default takes a tenth of a second for each password, as it should where somebody could guess.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# No worker runs beside most of these tests: nothing comes of waiting for one.
OPERATION_WAIT_SECONDS = 0.0
# Looks for a static file when it is asked for. The server of `make run` reads all of them when it starts; here, every
# test client is such a start.
WHITENOISE_AUTOREFRESH = True
