"""/threads"""

from local_api import objects, requested, vector_stores
from local_api.call import Call
from local_api.fields import Fields
from local_api.objects import Document
from local_api.pages import page


def list_threads(call: Call) -> str:
    """An extension: the real API had no such operation, Azure's has."""
    return page(call, "thread")


def create_thread(call: Call) -> Document:
    return add_thread(call, call.body)


def add_thread(call: Call, fields: Fields) -> Document:
    """Make a thread with the messages it begins with."""
    asked = requested.thread(fields, call.spoken)
    asked["tool_resources"] = vector_stores.settled(call, asked["tool_resources"])
    thread = objects.thread(asked, now=call.now)
    call.store.add("thread", thread)
    for each in asked["messages"]:
        call.check_message(each)
        message = objects.message(each, thread_id=thread["id"], now=call.now)
        call.store.add("message", message, parent=thread["id"])
    return thread


def get_thread(call: Call) -> str:
    return call.found("thread", call.path["thread_id"])


def modify_thread(call: Call) -> Document:
    body = call.body.only(*(name for name in call.spoken.thread_fields if name != "messages"))
    changes: Document = {}
    if "metadata" in body:
        changes["metadata"] = requested.metadata(body)
    if "tool_resources" in body:
        changes["tool_resources"] = requested.tool_resources(body) or {}
        call.check_resources(changes["tool_resources"])
    return call.changed(get_thread(call), changes)


def delete_thread(call: Call) -> Document:
    thread_id = call.thread_id()
    call.store.remove_thread(thread_id)
    return objects.deleted("thread", thread_id)
