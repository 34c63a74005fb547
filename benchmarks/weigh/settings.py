"""Django's admin on the data of a running dashboard, with static files of its own."""

from benchmarks.pages.settings import *  # noqa: F403  ours plus the admin
from dashboard.settings import DATA_DIR

ALLOWED_HOSTS = ["127.0.0.1"]
STATIC_ROOT = DATA_DIR / "static-of-admin"
