"""Files, models and vector stores: the same in every dialect, and read as tolerantly."""

from assistants_app.api.dialects.dialect import Raw
from assistants_app.api.dialects.tolerance import mapping, moment, shown, strings, text, whole
from assistants_app.api.objects import AttachedFile, File, Model, RunError, VectorStore, VectorStoreFile


def read_file(raw: Raw) -> File:
    return File(
        id=shown(raw.get("id")),
        raw=raw,
        filename=text(raw.get("filename")),
        purpose=text(raw.get("purpose")),
        size=whole(raw.get("bytes")),
        status=text(raw.get("status")),
        created_at=moment(raw.get("created_at")),
        expires_at=moment(raw.get("expires_at")),
    )


def read_attached_file(raw: Raw) -> AttachedFile:
    """An assistant's file or a message's."""
    return AttachedFile(
        id=shown(raw.get("id")),
        raw=raw,
        attached_to=text(raw.get("assistant_id")) or text(raw.get("message_id")),
        created_at=moment(raw.get("created_at")),
    )


def read_model(raw: Raw) -> Model:
    return Model(
        id=shown(raw.get("id")),
        raw=raw,
        owned_by=text(raw.get("owned_by")),
        created_at=moment(raw.get("created")) or moment(raw.get("created_at")),
        shutdown_at=moment(raw.get("shutdown_date")),
    )


def read_vector_store(raw: Raw) -> VectorStore:
    counts = {str(name): whole(count) for name, count in mapping(raw.get("file_counts")).items()}
    return VectorStore(
        id=shown(raw.get("id")),
        raw=raw,
        name=text(raw.get("name")),
        status=shown(raw.get("status")),
        size=whole(raw.get("usage_bytes")),
        file_counts={shown(name): count for name, count in counts.items() if count is not None},
        created_at=moment(raw.get("created_at")),
        last_active_at=moment(raw.get("last_active_at")),
        expires_at=moment(raw.get("expires_at")),
        metadata=strings(raw.get("metadata")),
    )


def read_vector_store_file(raw: Raw) -> VectorStoreFile:
    error = raw.get("last_error")
    said = mapping(error)
    return VectorStoreFile(
        id=shown(raw.get("id")),
        raw=raw,
        vector_store_id=text(raw.get("vector_store_id")),
        status=shown(raw.get("status")),
        size=whole(raw.get("usage_bytes")),
        last_error=RunError(code=text(said.get("code")), message=text(said.get("message")) or shown(error)[:500])
        if error
        else None,
        created_at=moment(raw.get("created_at")),
    )
