"""The routes, and the door that every request of the API passes."""

import json
import mimetypes
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from local_api import control, door, errors, life, streaming
from local_api.addresses import ADDRESSES, Address
from local_api.answers import Blob, Stream
from local_api.call import Call, Desk
from local_api.dialects import V2, Dialect
from local_api.engine import Library
from local_api.errors import ApiError
from local_api.fields import dump
from local_api.operations import OPERATIONS, Answer, Operation
from local_api.settings import Settings
from local_api.spoiling import Spoiling
from local_api.store import Store

Endpoint = Callable[[Request], Awaitable[Response]]


def build(settings: Settings) -> tuple[ASGIApp, Store]:
    """The whole server as one ASGI application, and its store for closing."""
    store = Store(settings.data)
    desk = Desk(store, settings, Library(store.scripts()))
    routes = [Route("/health", health), *_api_routes(desk)]
    spoiling = Spoiling(routes)
    app = Starlette(
        routes=[*routes, *control.routes(desk, spoiling)],
        exception_handlers={HTTPException: no_route, ApiError: refuse},
    )
    return spoiling.around(app), store


def _api_routes(desk: Desk) -> list[Route]:
    """One route for each path at each address; Starlette answers 405 where a path has not the method."""
    routes: dict[str, tuple[Address, list[Operation]]] = {}
    for address in ADDRESSES:
        for operation in OPERATIONS:
            if operation.name not in address.lacks:
                routes.setdefault(address.prefix + operation.path, (address, []))[1].append(operation)
    return [
        Route(path, partial(serve, desk, *found), methods=[operation.method for operation in found[1]])
        for path, found in routes.items()
    ]


async def serve(desk: Desk, address: Address, operations: list[Operation], request: Request) -> Response:
    """Answer one request of the API. Between reading the body and answering nothing else runs."""
    started = time.perf_counter()
    spoken = address.dialect(request)
    try:
        address.check_version(request)
        address.check_key(request, desk.settings.keys)
        operation = _asked_for(operations, spoken, request)
        raw = await door.read_body(request)
        kind = request.headers.get("content-type", "")
        call = Call(desk, request.path_params, request.query_params, spoken or V2, raw, kind)
        door.check_ids(call.path)
        answer = _carry_out(operation, call)
        return _sent(desk, call, answer, started)
    except ApiError as refusal:
        return _answer(refusal.status, dump(refusal.document()), started)
    except (RecursionError, UnicodeEncodeError):  # nested too deep, or a lone surrogate where it cannot stay
        return _answer(400, dump(errors.not_json().document()), started)


def _asked_for(operations: list[Operation], spoken: Dialect | None, request: Request) -> Operation:
    """The operation of this method that the dialect has. Raises `ApiError` (400, 404), HTTPException (405)."""
    with_method = [operation for operation in operations if operation.method == request.method]
    if not with_method:
        raise HTTPException(405)
    (operation,) = with_method
    if spoken is None and operation.needs_dialect:
        raise errors.no_beta_header()
    if spoken is None or spoken.name in operation.dialects:
        return operation
    known = any(spoken.name in each.dialects for each in operations)
    say = errors.method_not_allowed if known else errors.no_such_url
    raise say(request.method, request.url.path)


def _carry_out(operation: Operation, call: Call) -> Answer:
    thread_id = call.path.get("thread_id")
    if thread_id and call.store.is_due(thread_id, call.now):
        with call.store.transaction():
            life.advance(call.desk, thread_id, now=call.now)
    if operation.method == "GET":
        return operation.carry_out(call)
    with call.store.transaction():
        return operation.carry_out(call)


def _sent(desk: Desk, call: Call, answer: Answer, started: float) -> Response:
    """An answer in the dialect that was spoken."""
    if isinstance(answer, Stream):
        told = streaming.events(desk, answer, call.spoken, whole=call.includes())
        return StreamingResponse(told, headers=_headers(started), media_type="text/event-stream")
    if isinstance(answer, Blob):
        kind = mimetypes.guess_type(answer.filename)[0] or "application/octet-stream"
        disposition = f"attachment; filename*=UTF-8''{quote(answer.filename, safe='', errors='replace')}"
        return Response(answer.content, 200, {**_headers(started), "content-disposition": disposition}, kind)
    if call.spoken.show:
        answer = call.spoken.show(json.loads(answer) if isinstance(answer, str) else answer)
    return _answer(200, answer if isinstance(answer, str) else dump(answer), started)


def _headers(started: float) -> dict[str, str]:
    milliseconds = round((time.perf_counter() - started) * 1000)
    return {
        "x-request-id": "req_" + secrets.token_hex(16),
        "openai-version": "2020-10-01",
        "openai-processing-ms": str(milliseconds),
    }


def _answer(status: int, text: str, started: float) -> Response:
    return Response(text, status, _headers(started), "application/json")


async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def no_route(request: Request, problem: Exception) -> Response:
    """404 and 405 of the router, in the API's shape."""
    assert isinstance(problem, HTTPException)
    say = errors.method_not_allowed if problem.status_code == 405 else errors.no_such_url
    refusal = say(request.method, request.url.path)
    return _answer(refusal.status, dump(refusal.document()), time.perf_counter())


async def refuse(request: Request, problem: Exception) -> Response:
    """A refusal of the control paths."""
    assert isinstance(problem, ApiError)
    return _answer(problem.status, dump(problem.document()), time.perf_counter())
