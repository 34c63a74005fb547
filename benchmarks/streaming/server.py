"""A server whose runs write the time, in a process of its own: `python -m benchmarks.streaming.server PORT`.

Each word of a reply is the moment at which it was sent; the run says in its metadata when its status changed. A thread
whose id begins with `thread_cut` has its streams broken off after CUT_AFTER words, and its run goes on.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

WORDS = 60
GAP = 0.04  # seconds between two words
CUT_AFTER = 20
ASSISTANT = {"id": "asst_1", "object": "assistant", "created_at": 1, "name": "Clock", "model": "clock", "tools": []}

numbers = itertools.count(1)
runs: dict[str, dict[str, Any]] = {}
messages: dict[str, dict[str, Any]] = {}
polled: Counter[str] = Counter()
polled_after_cut: dict[str, float] = {}
cut_at: dict[str, float] = {}


def page(rows: list[dict[str, Any]]) -> JSONResponse:
    return JSONResponse({"object": "list", "data": rows, "first_id": None, "last_id": None, "has_more": False})


def event(name: str, told: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(told)}\n\n".encode()


def moved(run: dict[str, Any], status: str) -> bytes:
    run.update(status=status, metadata={**run["metadata"], "at": repr(time.time())})
    return event(f"thread.run.{status}", run)


async def create_run(request: Request) -> StreamingResponse:
    asked, thread = await request.json(), request.path_params["thread"]
    run = {
        "id": f"run_{next(numbers)}",
        "object": "thread.run",
        "created_at": int(time.time()),
        "thread_id": thread,
        "assistant_id": "asst_1",
        "status": "queued",
        "metadata": asked.get("metadata") or {},
        "model": "clock",
        "tools": [],
    }
    runs[run["id"]] = run
    told: asyncio.Queue[bytes | None] = asyncio.Queue()
    task = asyncio.create_task(live(run, told))  # goes on, whoever listens
    task.add_done_callback(lambda _: told.put_nowait(None))
    return StreamingResponse(heard(run, told), media_type="text/event-stream")


async def live(run: dict[str, Any], told: asyncio.Queue[bytes | None]) -> None:
    told.put_nowait(event("thread.run.created", run))
    await asyncio.sleep(0.3)
    told.put_nowait(moved(run, "in_progress"))
    message = {
        "id": f"msg_{next(numbers)}",
        "object": "thread.message",
        "created_at": int(time.time()),
        "thread_id": run["thread_id"],
        "run_id": run["id"],
        "assistant_id": "asst_1",
        "role": "assistant",
        "status": "in_progress",
        "content": [],
    }
    messages[message["id"]] = message
    told.put_nowait(event("thread.message.created", message))
    text = ""
    for _ in range(WORDS):
        await asyncio.sleep(GAP)
        word = f"{time.time():.4f} "
        text += word
        message["content"] = [{"type": "text", "text": {"value": text, "annotations": []}}]
        part = {"index": 0, "type": "text", "text": {"value": word}}
        delta = {"id": message["id"], "object": "thread.message.delta", "delta": {"content": [part]}}
        told.put_nowait(event("thread.message.delta", delta))
    message["status"] = "completed"
    told.put_nowait(event("thread.message.completed", message))
    told.put_nowait(moved(run, "completed"))
    told.put_nowait(b"event: done\ndata: [DONE]\n\n")


async def heard(run: dict[str, Any], told: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    left = CUT_AFTER if run["thread_id"].startswith("thread_cut") else WORDS + 9
    while left and (part := await told.get()) is not None:
        yield part
        left -= 1
    if not left:
        cut_at[run["id"]] = time.time()
        raise ConnectionError("broken off, as was wanted")


async def get_run(request: Request) -> JSONResponse:
    run = runs[request.path_params["run"]]
    if run["status"] != "completed":
        polled[run["id"]] += 1
    if run["id"] in cut_at:
        polled_after_cut.setdefault(run["id"], time.time() - cut_at[run["id"]])
    return JSONResponse(run)


async def get_runs(request: Request) -> JSONResponse:
    return page([run for run in runs.values() if run["thread_id"] == request.path_params["thread"]])


async def get_messages(request: Request) -> JSONResponse:
    return page([each for each in messages.values() if each["thread_id"] == request.path_params["thread"]])


async def nothing(request: Request) -> JSONResponse:
    return page([])


async def thread(request: Request) -> JSONResponse:
    return JSONResponse({"id": request.path_params["thread"], "object": "thread", "created_at": 1, "metadata": {}})


async def assistants(request: Request) -> JSONResponse:
    return page([ASSISTANT])


async def state(request: Request) -> JSONResponse:
    """What was counted: polls of each run while it went on, and from each cut to the next poll."""
    cut = {run: polled_after_cut.get(run) for run in cut_at}
    return JSONResponse({"polled": {run: polled[run] for run in runs}, "cut": cut})


THREAD = "/v1/threads/{thread}"
ROUTES = [
    Route("/v1/assistants", assistants),
    Route("/v1/threads", nothing),
    Route(THREAD, thread),
    Route(f"{THREAD}/messages", get_messages),
    Route(f"{THREAD}/runs", get_runs, methods=["GET"]),
    Route(f"{THREAD}/runs", create_run, methods=["POST"]),
    Route(f"{THREAD}/runs/{{run}}", get_run),
    Route(f"{THREAD}/runs/{{run}}/steps", nothing),
    Route("/state", state),
]


@asynccontextmanager
async def serving(application: Starlette) -> AsyncIterator[None]:
    print("serving", flush=True)
    yield


if __name__ == "__main__":
    application = Starlette(routes=ROUTES, lifespan=serving)
    uvicorn.run(application, port=int(sys.argv[1]), log_level="critical", http="httptools", loop="uvloop")
