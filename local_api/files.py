"""/files"""

from local_api import errors, objects, uploads
from local_api.answers import Blob
from local_api.call import Call
from local_api.objects import Document
from local_api.pages import page_of

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
_FIELDS = ("file", "purpose", "expires_after[anchor]", "expires_after[seconds]")
_KEPT_BACK = ("assistants", "user_data")


def list_files(call: Call) -> str:
    purpose = call.query.get("purpose")
    files = [each for each in call.store.documents("file", parent="") if purpose in (None, "", each["purpose"])]
    return page_of(call, "file", files, limit=10_000, largest=10_000)


def create_file(call: Call) -> Document:
    form = uploads.read(call.content_type, call.raw)
    for name in form:
        if name not in _FIELDS:
            raise errors.unknown(name)
    purpose, sent = form.get("purpose"), form.get("file")
    if sent is None or sent.filename is None:
        raise errors.missing("file")
    if purpose is None:
        raise errors.missing("purpose")
    if purpose.text not in PURPOSES:
        raise errors.wrong_choice("purpose", purpose.text, PURPOSES)
    file = objects.file(sent.filename or "file", purpose.text, len(sent.content), now=call.now)
    call.store.add("file", file)
    call.store.keep_content(file["id"], sent.content)
    return file


def get_file(call: Call) -> Document:
    return call.file()


def delete_file(call: Call) -> Document:
    """Deletes the file, and takes it out of vector stores. Who else refers to it goes on doing so."""
    file = call.file()
    call.store.remove_file(file["id"])
    return {"id": file["id"], "object": "file", "deleted": True}


def get_content(call: Call) -> Blob:
    file = call.file()
    if file["purpose"] in _KEPT_BACK:
        raise errors.not_for_download(file["purpose"])
    return Blob(call.store.content(file["id"]), file["filename"])
