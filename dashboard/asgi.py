"""One ASGI application: streams beside Django, which runs as WSGI in threads (twice the throughput)."""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
pages: Any = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=8)

from assistants_app.stream import Streams  # noqa: E402  models must be loaded first

application = Streams(beside=pages)
