"""/threads/{thread_id}/runs and /threads/runs"""

import json
from collections.abc import Iterable

from local_api import errors, life, objects, requested
from local_api.answers import Stream
from local_api.call import Call
from local_api.fields import Fields
from local_api.messages import add_message
from local_api.objects import Document
from local_api.pages import page
from local_api.threads import add_thread


def list_runs(call: Call) -> str:
    return page(call, "run", parent=call.thread_id())


def create_run(call: Call) -> Document | Stream:
    body = call.body.only(*call.spoken.run_fields)
    body.choice("reasoning_effort", requested.EFFORTS)
    call.includes()
    thread_id = call.thread_id()
    if work := call.store.work(thread_id):
        raise errors.thread_busy_for_runs(thread_id, work.run_id)
    more = body.text("additional_instructions", maximum=256_000)
    for each in body.each("additional_messages"):
        add_message(call, each, thread_id)
    return _start(call, thread_id, body, more=more)


def create_thread_and_run(call: Call) -> Document | Stream:
    body = call.body.only(*call.spoken.thread_and_run_fields)
    call.check_resources(requested.tool_resources(body))
    thread = add_thread(call, body.inner("thread") or Fields({}, "thread"))
    return _start(call, thread["id"], body, told=[("thread.created", thread)])


def _start(
    call: Call, thread_id: str, body: Fields, *, more: str | None = None, told: Iterable[tuple[str, Document]] = ()
) -> Document | Stream:
    """Make a run and plan it: the script is chosen now, while the thread is what the client saw. `told` are the
    events that a stream begins with."""
    assistant = json.loads(call.found("assistant", body.needed_text("assistant_id")))
    settings, store = call.desk.settings, call.store
    run = objects.run(
        requested.run(body, call.spoken),
        thread_id=thread_id,
        assistant=assistant,
        now=call.now,
        expires_after=settings.expires_after,
    )
    if more:
        run["instructions"] = "\n".join(filter(None, (run["instructions"], more)))
    messages = store.documents("message", parent=thread_id)
    thread = json.loads(call.found("thread", thread_id))
    preferred = thread["metadata"].get("script")
    plan = call.desk.library.plan(messages, assistant=assistant, preferred=preferred)
    plan["prompt_tokens"] = life.prompt_tokens(run, messages)
    stream = _listen(call, run, body, told)
    life.begin(call.desk, run, plan, now=call.now, expires_after=settings.expires_after)
    return stream or run


def _listen(call: Call, run: Document, body: Fields, told: Iterable[tuple[str, Document]] = ()) -> Stream | None:
    """The stream of a run's events, if it is asked for."""
    if not body.flag("stream"):
        return None
    ears = call.desk.hearing.listen(run["id"])
    for event, document in told:
        ears.tell(event, document)
    return Stream(run["thread_id"], ears)


def get_run(call: Call) -> str:
    return call.within_thread("run")


def modify_run(call: Call) -> Document:
    body = call.body.only("metadata")
    changes = {"metadata": requested.metadata(body)} if "metadata" in body else {}
    return call.changed(get_run(call), changes)


def cancel_run(call: Call) -> Document:
    return life.cancel(call.desk, json.loads(get_run(call)), now=call.now)


def submit_tool_outputs(call: Call) -> Document | Stream:
    run = json.loads(get_run(call))
    approvals = requested.approvals(call.body)
    outputs = requested.tool_outputs(call.body) if approvals is None else []
    delivery = {"run_id": run["id"], "outputs": dict(approvals or outputs), "status": 200, "at": call.now}
    call.desk.deliveries.append(delivery)
    try:
        if approvals is None:
            life.check_outputs(run, outputs)
        else:
            life.check_approvals(run, approvals)
        stream = _listen(call, run, call.body)
        if approvals is None:
            changed = life.submit(call.desk, run, outputs, now=call.now)
        else:
            changed = life.approve(call.desk, run, approvals, now=call.now)
    except errors.ApiError as refusal:
        delivery["status"] = refusal.status
        raise
    return stream or changed
