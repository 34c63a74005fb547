"""The least that a Django page of these rows is: session, sign-in, one keyset query, instances, a plain template."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines

from assistants_app.models import Message, Thread

ROWS = 50
THREAD = engines["django"].from_string(
    """<!doctype html><title>{{ thread.remote_id }}</title><p>{{ request.user.username }}</p>
<h1>{{ thread.preview }}</h1>
{% for message in page %}
<article id="{{ message.pk }}"><h2>{{ message.role }} <time>{{ message.created_at|date:"Y-m-d H:i:s" }}</time></h2>
<code>{{ message.remote_id }}</code><div>{{ message.html|safe }}</div></article>
{% endfor %}
<a href="?before={{ page.0.created_at.isoformat }}~{{ page.0.pk }}">older</a>"""
)
THREADS = engines["django"].from_string(
    """<!doctype html><title>Threads</title><p>{{ request.user.username }}</p><table>
{% for thread in page %}
<tr><td><a href="/threads/{{ thread.remote_id }}/">{{ thread.preview }}</a></td><td>{{ thread.status }}</td>
<td>{{ thread.assistant.name }}</td><td>{{ thread.connection.name }}</td>
<td><time>{{ thread.active_at|date:"Y-m-d H:i:s" }}</time></td></tr>
{% endfor %}
</table><a href="?after=x">older</a>"""
)


@login_required
def thread(request: HttpRequest, key: int) -> HttpResponse:
    found = Thread.objects.get(pk=key)
    rows = Message.objects.filter(thread=found).order_by("-created_at", "-pk")[: ROWS + 1]
    page = list(rows)[:ROWS][::-1]
    return HttpResponse(THREAD.render({"thread": found, "page": page}, request))


@login_required
def threads(request: HttpRequest) -> HttpResponse:
    rows = Thread.objects.select_related("assistant", "connection").order_by("-active_at", "-pk")[: ROWS + 1]
    return HttpResponse(THREADS.render({"page": list(rows)[:ROWS]}, request))
