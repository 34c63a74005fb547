"""Whether the desk works, for supervisors and load balancers."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from assistants_app.services import health
from assistants_app.views.rights import HtmxHttpRequest, public


@require_GET
@never_cache
@public
def healthz(request: HtmxHttpRequest) -> HttpResponse:
    """200 only when database, broker and worker are there; the JSON says which is not."""
    parts = health.check()
    well = all(state == health.OK for state in parts.values())
    return JsonResponse({"status": "ok" if well else "unwell", **parts}, status=200 if well else 503)
