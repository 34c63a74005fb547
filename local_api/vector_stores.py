"""/vector_stores: files kept together. Nothing searches them."""

import json
from typing import Any

from local_api import errors, objects, requested
from local_api.call import Call
from local_api.objects import Document
from local_api.pages import page, page_of

_KIND = "vector_store"
_STATUSES = ("in_progress", "completed", "failed", "cancelled")


def list_vector_stores(call: Call) -> str:
    return page(call, _KIND)


def create_vector_store(call: Call) -> Document:
    return made(call, requested.vector_store(call.body))


def made(call: Call, asked: dict[str, Any]) -> Document:
    """A new vector store with the files of `file_ids` in it. Raises `ApiError` (404) for an unknown file."""
    ids = list(dict.fromkeys(asked["file_ids"]))
    call.check_files(ids)
    store = objects.vector_store(asked, now=call.now)
    call.store.add(_KIND, store)
    for file_id in ids:
        _put(call, store["id"], {**asked, "file_id": file_id})
    return _counted(call, store)


def settled(call: Call, resources: Document) -> Document:
    """Tool resources with the vector stores made that were described in them, and all others looked up."""
    call.check_resources(resources)
    search = resources.get("file_search") or {}
    described = search.get("vector_stores")
    if not described:
        return resources
    ids = [made(call, {**each, "file_ids": each.get("file_ids") or []})["id"] for each in described]
    return {**resources, "file_search": {"vector_store_ids": ids}}


def get_vector_store(call: Call) -> str:
    return call.found(_KIND, call.path["vector_store_id"])


def delete_vector_store(call: Call) -> Document:
    identifier = json.loads(get_vector_store(call))["id"]
    call.store.remove(identifier)
    call.store.remove_children(identifier)
    return objects.deleted(_KIND, identifier)


def list_vector_store_files(call: Call) -> str:
    get_vector_store(call)
    files = call.store.documents("vector_store.file", parent=call.path["vector_store_id"])
    if status := call.query.get("filter"):
        if status not in _STATUSES:
            raise errors.wrong_choice("filter", status, _STATUSES)
        files = [each for each in files if each["status"] == status]
    return page_of(call, "file", files)


def create_vector_store_file(call: Call) -> Document:
    store = json.loads(get_vector_store(call))
    asked = requested.vector_store_file(call.body)
    call.check_files([asked["file_id"]])
    call.store.remove(_key(store["id"], asked["file_id"]))
    file = _put(call, store["id"], asked)
    _counted(call, store)
    return file


def get_vector_store_file(call: Call) -> str:
    get_vector_store(call)
    store_id, file_id = call.path["vector_store_id"], call.path["file_id"]
    body = call.store.body("vector_store.file", _key(store_id, file_id), parent=store_id)
    if body is None:
        raise errors.not_found("file", file_id)
    return body


def delete_vector_store_file(call: Call) -> Document:
    store = json.loads(get_vector_store(call))
    file = json.loads(get_vector_store_file(call))
    call.store.remove(_key(store["id"], file["id"]))
    _counted(call, store)
    return objects.deleted("vector_store.file", file["id"])


def _put(call: Call, store_id: str, asked: dict[str, Any]) -> Document:
    file = json.loads(call.found("file", asked["file_id"]))
    kept = objects.vector_store_file(file, asked, store_id=store_id, now=call.now)
    call.store.add("vector_store.file", kept, parent=store_id, key=_key(store_id, file["id"]))
    return kept


def _key(store_id: str, file_id: str) -> str:
    """What the store knows it by: its id is that of the file, which is in the store as well."""
    return f"{store_id}/{file_id}"


def _counted(call: Call, store: Document) -> Document:
    """The vector store once it says what is in it."""
    files = call.store.documents("vector_store.file", parent=store["id"])
    counts = {**store["file_counts"], "completed": len(files), "total": len(files)}
    counted = {**store, "file_counts": counts, "usage_bytes": sum(each["usage_bytes"] for each in files)}
    call.store.replace(counted)
    return counted
