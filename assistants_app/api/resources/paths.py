"""Paths and queries of the operations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from assistants_app.api.bodies import Parcel
from assistants_app.api.errors import BadRequest, Unreadable
from assistants_app.api.transport import Query, Transport


def path(*segments: str) -> str:
    """A path in which every id stands whole, whatever it is made of. Raises BadRequest for an empty id,
    which would turn the path into that of the list."""
    if not all(segments):
        raise BadRequest("The id is empty")
    return "".join(f"/{_quoted(segment)}" for segment in segments)


def _quoted(segment: str) -> str:
    """Dots are quoted where they would mean a step up the path."""
    if segment in (".", ".."):
        return segment.replace(".", "%2E")
    return quote(segment, safe="", errors="surrogatepass")


def page_query(
    limit: int,
    order: str,
    after: str | None,
    before: str | None,
    *,
    include: Sequence[str] = (),
    **filters: str | None,
) -> Query:
    """The query of a list; what is None is left out."""
    asked = {"limit": str(limit), "order": order, "after": after, "before": before, **filters}
    return {**{name: value for name, value in asked.items() if value is not None}, **included(include)}


def included(include: Sequence[str]) -> Query:
    """The query that asks for what is left out otherwise; `include[]` is repeated for each."""
    return {"include[]": list(include)} if include else {}


def of_thread(thread_id: str) -> Callable[[Any], bool]:
    """Whether an object belongs to that thread, as far as it says."""
    return lambda item: item.thread_id in (None, "", thread_id)


def fetch(
    transport: Transport,
    method: str,
    where: str,
    body: Mapping[str, Any] | Parcel | None = None,
    query: Query | None = None,
) -> Mapping[str, Any]:
    """The object a server answers with. Raises Unreadable where it is none, or an error said with status
    200."""
    return as_object(method, transport.request(method, where, body=body, query=query))


def as_object(method: str, found: Any) -> Mapping[str, Any]:
    """What was parsed, if it is the object that was asked for; raises Unreadable as `fetch` does."""
    if isinstance(found, Mapping) and ("id" in found or "error" not in found):
        return found
    raise Unreadable("The answer is not the object asked for", effect="none" if method == "GET" else "unknown")


def remove(transport: Transport, where: str, gone: str) -> Mapping[str, Any]:
    """What a server says of a deletion; saying nothing (204) it says yes."""
    found = transport.request("DELETE", where)
    return found if isinstance(found, Mapping) else {"id": gone, "deleted": True}
