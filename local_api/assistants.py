"""/assistants"""

from local_api import errors, objects, requested, vector_stores
from local_api.call import Call
from local_api.objects import Document
from local_api.pages import page


def list_assistants(call: Call) -> str:
    return page(call, "assistant")


def create_assistant(call: Call) -> Document:
    assistant = objects.assistant(_asked(call, new=True), now=call.now)
    call.store.add("assistant", assistant)
    return assistant


def get_assistant(call: Call) -> str:
    return call.assistant()


def modify_assistant(call: Call) -> Document:
    return call.changed(call.assistant(), _asked(call, new=False))


def _asked(call: Call, *, new: bool) -> Document:
    asked = requested.assistant(call.body, call.spoken, new=new)
    if asked.get("tool_resources"):
        asked["tool_resources"] = vector_stores.settled(call, asked["tool_resources"])
    return asked


def delete_assistant(call: Call) -> Document:
    identifier = call.path["assistant_id"]
    if not call.store.exists("assistant", identifier):
        raise errors.not_found("assistant", identifier)
    call.store.remove(identifier)
    return objects.deleted("assistant", identifier)
