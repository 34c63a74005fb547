"""/threads/{thread_id}/messages"""

from local_api import errors, objects, requested
from local_api.call import Call
from local_api.fields import Fields
from local_api.objects import Document
from local_api.pages import page


def list_messages(call: Call) -> str:
    return page(call, "message", parent=call.thread_id(), run=call.query.get("run_id") or None)


def create_message(call: Call) -> Document:
    thread_id = call.thread_id()
    if work := call.store.work(thread_id):
        raise errors.thread_busy_for_messages(thread_id, work.run_id)
    return add_message(call, call.body, thread_id)


def add_message(call: Call, fields: Fields, thread_id: str) -> Document:
    """Make a message at the end of a thread."""
    asked = requested.message(fields, call.spoken)
    call.check_message(asked)
    message = objects.message(asked, thread_id=thread_id, now=call.now)
    call.store.add("message", message, parent=thread_id)
    return message


def get_message(call: Call) -> str:
    return call.within_thread("message")


def modify_message(call: Call) -> Document:
    body = call.body.only("metadata")
    changes = {"metadata": requested.metadata(body)} if "metadata" in body else {}
    return call.changed(get_message(call), changes)


def delete_message(call: Call) -> Document:
    get_message(call)
    call.store.remove(call.path["message_id"])
    return objects.deleted("thread.message", call.path["message_id"])
