"""/models"""

from local_api import errors, objects
from local_api.call import Call
from local_api.objects import Document

_MODELS = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini", "o3-mini")


def list_models(call: Call) -> Document:
    """A few well-known ones, and those that our assistants name."""
    named = {assistant["model"] for assistant in call.store.documents("assistant", parent="")}
    return {"object": "list", "data": [objects.model(name) for name in sorted({*_MODELS, *named})]}


def get_model(call: Call) -> Document:
    name = call.path["model"]
    for model in list_models(call)["data"]:
        if model["id"] == name:
            return dict(model)
    raise errors.no_such_model(name)
