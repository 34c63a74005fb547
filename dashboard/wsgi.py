"""The pages, for a WSGI server. Open pages then fall back to polling: streams need dashboard.asgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
application = get_wsgi_application()
