"""The control path, apart from the API: scripts, settings, faults, and the records of requests and deliveries."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_api import door, engine, errors, faults, objects
from local_api.addresses import ADDRESSES
from local_api.call import Desk
from local_api.fields import Fields, parse
from local_api.objects import Document
from local_api.settings import Pace
from local_api.spoiling import Spoiling

Deed = Callable[[Desk, Spoiling, bytes], Document]


def routes(desk: Desk, spoiling: Spoiling) -> list[Route]:
    """The routes under /control."""
    table: dict[str, dict[str, Deed]] = {
        "/control/scripts": {"GET": list_scripts, "POST": load_scripts},
        "/control/settings": {"GET": show_settings, "POST": change_settings},
        "/control/faults": {"GET": list_faults, "POST": add_fault, "DELETE": clear_faults},
        "/control/requests": {"GET": list_requests, "DELETE": forget_requests},
        "/control/deliveries": {"GET": list_deliveries},
    }
    return [Route(path, _endpoint(desk, spoiling, deeds), methods=[*deeds]) for path, deeds in table.items()]


def _endpoint(desk: Desk, spoiling: Spoiling, deeds: dict[str, Deed]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        ADDRESSES[0].check_key(request, desk.settings.keys)
        body = await door.read_body(request)
        deed = deeds["GET" if request.method == "HEAD" else request.method]
        return JSONResponse(deed(desk, spoiling, body))

    return answer


def list_scripts(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    return {"scripts": desk.library.ids()}


def load_scripts(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    """Keep scripts: a JSON array, one object, or one object a line. The same id replaces the old script."""
    scripts = [engine.checked(script) for script in _scripts_in(body)]
    with desk.store.transaction():
        for script in scripts:
            desk.store.keep_script(script)
            _keep_files(desk, script)
    desk.library = engine.Library(desk.store.scripts())
    return {"loaded": [script["id"] for script in scripts], "scripts": len(desk.library.ids())}


def _keep_files(desk: Desk, script: Document) -> None:
    """Put there the files of a script that are not there yet, under the ids that it gives them."""
    for each in Fields(script).each("files"):
        content, identifier = engine.content_of(each), each.needed_text("id")
        if not desk.store.exists("file", identifier):
            purpose = each.text("purpose") or "assistants_output"
            name, now = each.needed_text("filename"), time.time()
            desk.store.add("file", objects.file(name, purpose, len(content), now=now, identifier=identifier))
            desk.store.keep_content(identifier, content)


def _scripts_in(body: bytes) -> list[Any]:
    try:
        value = parse(body)
        return value if isinstance(value, list) else [value]
    except errors.ApiError:
        return [parse(line) for line in body.splitlines() if line.strip()]


def show_settings(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    return {"pace": str(desk.settings.pace), "expires_after": desk.settings.expires_after}


def change_settings(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    """Change `pace` or `expires_after` (seconds) until the process ends; the expiry of new runs."""
    fields = Fields(parse(body)).only("pace", "expires_after")
    pace, expires_after = fields.text("pace"), fields.decimal("expires_after", low=0, high=10**9)
    if pace is not None:
        try:
            desk.settings.pace = Pace.parse(pace)
        except ValueError as problem:
            raise errors.refused(f"Invalid 'pace': {problem}.", param="pace") from problem
    if expires_after is not None:
        desk.settings.expires_after = float(expires_after)
    return show_settings(desk, spoiling, body)


def list_faults(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    """All faults asked for, also those used up, with how often each has struck."""
    return {"faults": [fault.document() for fault in spoiling.faults]}


def add_fault(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    fault = faults.read(Fields(parse(body)))
    spoiling.faults.append(fault)
    return fault.document()


def clear_faults(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    for fault in spoiling.faults:
        fault.taken_back.set()
    spoiling.faults.clear()
    return {"faults": []}


def list_requests(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    return {"requests": list(spoiling.requests), "counts": dict(spoiling.counts)}


def forget_requests(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    spoiling.forget()
    return {"requests": [], "counts": {}}


def list_deliveries(desk: Desk, spoiling: Spoiling, body: bytes) -> Document:
    """Every submission of tool outputs that was carried out, whatever its answer came to, and its true status."""
    return {"deliveries": desk.deliveries}
