"""/assistants/{assistant_id}/files, of the first dialect: the files for code of an assistant of the second."""

import json

from local_api import errors, objects, older
from local_api.call import Call
from local_api.objects import Document
from local_api.pages import page_of

MOST = 20


def list_assistant_files(call: Call) -> str:
    return page_of(call, "file", _files(call, json.loads(call.assistant())))


def create_assistant_file(call: Call) -> Document:
    assistant = json.loads(call.assistant())
    file_id = call.body.only("file_id").needed_text("file_id")
    call.check_files([file_id])
    ids = [*(each for each in older.file_ids(assistant) if each != file_id), file_id]
    if len(ids) > MOST:
        raise errors.too_long("file_ids", "array", len(ids), MOST)
    _replace(call, assistant, ids)
    return _file(call, assistant, file_id)


def get_assistant_file(call: Call) -> Document:
    return _found(call)[1]


def delete_assistant_file(call: Call) -> Document:
    assistant, file = _found(call)
    _replace(call, assistant, [each for each in older.file_ids(assistant) if each != file["id"]])
    return objects.deleted("assistant.file", file["id"])


def _found(call: Call) -> tuple[Document, Document]:
    """The assistant of the path, and its file. Raises `ApiError` (404)."""
    assistant, file_id = json.loads(call.assistant()), call.path["file_id"]
    if file_id not in older.file_ids(assistant):
        raise errors.not_found("file", file_id)
    return assistant, _file(call, assistant, file_id)


def _files(call: Call, assistant: Document) -> list[Document]:
    return [_file(call, assistant, each) for each in older.file_ids(assistant)]


def _file(call: Call, assistant: Document, file_id: str) -> Document:
    """When it was attached is not kept: the later of the times at which both were made stands for that."""
    body = call.store.body("file", file_id)
    made = json.loads(body)["created_at"] if body else 0
    return objects.attached("assistant", file_id, holder=assistant["id"], now=max(made, assistant["created_at"]))


def _replace(call: Call, assistant: Document, ids: list[str]) -> None:
    resources = {**(assistant["tool_resources"] or {}), **older.kept_resources(ids)}
    call.store.replace({**assistant, "tool_resources": resources})
