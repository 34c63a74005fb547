"""Asks for each page in turn, many times, through the WSGI handler; prints medians as JSON.

`python -m benchmarks.pages.measure ROUNDS`, with DJANGO_SETTINGS_MODULE=benchmarks.pages.settings.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application

handle = get_wsgi_application()

from django.contrib.auth import login  # noqa: E402  settings must be there first
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest  # noqa: E402

from assistants_app.models import Message, Thread  # noqa: E402
from assistants_app.models.people import Role  # noqa: E402
from assistants_app.services import lists, people  # noqa: E402

RARELY = 6  # pages of the admin are asked for once in so many rounds: they take a second each


@dataclass
class Page:
    """An address, how long its answers took, and what they used of the processor, in milliseconds."""

    name: str
    path: str
    query: str = ""
    rarely: bool = False
    queries: int = 0
    took: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)


def pages() -> list[Page]:
    long, whole, plain = Thread.objects.order_by("pk")[:3]
    oldest_thread = Thread.objects.order_by("active_at", "pk")[lists.ROWS]
    oldest_message = Message.objects.filter(thread=long).order_by("created_at", "pk")[lists.ROWS]
    deepest = urlencode({"after": lists.cursor_of(oldest_message, "created_at")})
    deepest_list = urlencode({"after": lists.cursor_of(oldest_thread, "active_at")})
    last_page = str(-(-Thread.objects.count() // lists.ROWS))
    return [
        Page("thread: ours", plain.get_absolute_url()),
        Page("thread: bare", f"/bare/threads/{plain.pk}/"),
        Page("thread: admin", "/admin/assistants/message/", f"thread__id__exact={plain.pk}", rarely=True),
        Page("thread with 25 runs: ours", whole.get_absolute_url()),
        Page("thread with 25 runs: bare", f"/bare/threads/{whole.pk}/"),
        Page("thread of 5,000: ours", long.get_absolute_url()),
        Page("thread of 5,000, deepest: ours", long.get_absolute_url(), deepest),
        Page("list: ours", "/threads/"),
        Page("list: bare", "/bare/threads/"),
        Page("list: admin", "/admin/assistants/thread/", rarely=True),
        Page("list, deepest: ours", "/threads/", deepest_list),
        Page("list, deepest: admin", "/admin/assistants/thread/", f"p={last_page}", rarely=True),
    ]


def cookie() -> str:
    """The session of an admin who may use Django's admin too."""
    user = people.ensure(username="benchmark", role=Role.ADMIN)
    user.is_staff = user.is_superuser = True
    user.save()
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend="assistants_app.services.people.PeopleBackend")
    request.session.save()
    return f"sessionid={request.session.session_key}"


def ask(page: Page, session: str) -> bytes:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": page.path,
        "QUERY_STRING": page.query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_COOKIE": session,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }
    answers: list[str] = []

    def begin(status: str, headers: list[tuple[str, str]], error: object = None, /) -> Callable[[bytes], object]:
        answers.append(status)
        return bytearray().extend

    response = handle(environ, begin)
    body = b"".join(response)
    response.close()
    if answers != ["200 OK"]:
        raise RuntimeError(f"{page.path}?{page.query} answered {answers}")
    return body


def rows_in(page: Page, body: bytes) -> int:
    """How many messages or threads the page shows."""
    return len(re.findall(rb'id="(?:message|thread)-\d+"|<article|<tr><t[hd] (?!scope)|<tr><td>', body))


def count_queries(page: Page, session: str) -> None:
    """Checks that the page shows 50 rows, and counts its queries."""

    def counted(execute: Any, *arguments: Any) -> Any:
        page.queries += 1
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        body = ask(page, session)
    if (rows := rows_in(page, body)) != lists.ROWS:
        raise RuntimeError(f"{page.name} shows {rows} rows")


def main(rounds: int) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    session, asked = cookie(), pages()
    for page in asked:
        ask(page, session)  # templates are compiled
        count_queries(page, session)
    for turn in range(rounds):
        for page in asked:
            if not page.rarely or turn % RARELY == 0:
                began, used = time.perf_counter(), time.process_time()
                ask(page, session)
                page.took.append((time.perf_counter() - began) * 1000)
                page.used.append((time.process_time() - used) * 1000)
    found = {
        page.name: {
            "p50": statistics.median(page.took),
            "cpu": statistics.median(page.used),
            "queries": page.queries,
        }
        for page in asked
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
