"""/threads/{thread_id}/messages/{message_id}/files, of the first dialect: the attachments of the second."""

import json

from local_api import errors, objects
from local_api.call import Call
from local_api.objects import Document
from local_api.pages import page_of


def list_message_files(call: Call) -> str:
    return page_of(call, "file", _files(call))


def get_message_file(call: Call) -> Document:
    for file in _files(call):
        if file["id"] == call.path["file_id"]:
            return file
    raise errors.not_found("file", call.path["file_id"])


def _files(call: Call) -> list[Document]:
    message = json.loads(call.within_thread("message"))
    ids = [each["file_id"] for each in message["attachments"] if each.get("file_id")]
    return [objects.attached("message", each, holder=message["id"], now=message["created_at"]) for each in ids]
