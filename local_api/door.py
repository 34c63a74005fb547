"""The door: which ids may come in, and how much."""

from starlette.requests import Request

from local_api import errors

LARGEST_BODY = 64 * 1024 * 1024
_PREFIXES = {
    "assistant_id": "asst",
    "thread_id": "thread",
    "message_id": "msg",
    "run_id": "run",
    "step_id": "step",
    "file_id": "file",
    "vector_store_id": "vs",
}


def check_ids(path: dict[str, str]) -> None:
    for name, value in path.items():
        if name in _PREFIXES and not value.startswith(_PREFIXES[name]):
            raise errors.wrong_prefix(name, value, _PREFIXES[name])


async def read_body(request: Request) -> bytes:
    """The whole body. Raises `ApiError` (413) past LARGEST_BODY bytes."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise errors.too_large(LARGEST_BODY)
        parts.append(part)
    return b"".join(parts)
