"""Lists: pages in both directions, as every list operation of the API has them."""

import re

from local_api import errors
from local_api.call import NOUNS, Call
from local_api.fields import dump
from local_api.objects import Document


def page(call: Call, kind: str, *, parent: str = "", run: str | None = None) -> str:
    """One page as JSON text, by `limit`, `order`, `after` and `before` of the query.

    `has_more` looks in the direction of travel: beyond the far end of the page, seen from the cursor.
    """
    limit = _limit(call.query.get("limit") or "20")
    newest_first = _order(call.query.get("order") or "desc") == "desc"
    after, before = (_cursor(call, kind, parent, name) for name in ("after", "before"))
    backwards = before is not None and after is None
    above, below = (before, after) if newest_first else (after, before)
    rows = call.store.page(
        kind,
        parent=parent,
        count=limit + 1,
        newest_first=newest_first != backwards,
        above=above,
        below=below,
        run=run,
    )
    shown = rows[:limit]
    return _answer(shown[::-1] if backwards else shown, has_more=len(rows) > limit)


def page_of(call: Call, kind: str, documents: list[Document], *, limit: int = 20, largest: int = 100) -> str:
    """The same of a list at hand, oldest first, whose ids stand once in it each."""
    wanted = _limit(call.query.get("limit") or str(limit), largest)
    rows = documents[::-1] if _order(call.query.get("order") or "desc") == "desc" else documents
    places = {document["id"]: place for place, document in enumerate(rows)}
    after, before = (_place(call, kind, places, name) for name in ("after", "before"))
    backwards = before is not None and after is None
    found = rows[0 if after is None else after + 1 : before]
    shown = found[-wanted:] if backwards else found[:wanted]
    return _answer([(each["id"], dump(each)) for each in shown], has_more=len(found) > wanted)


def _place(call: Call, kind: str, places: dict[str, int], name: str) -> int | None:
    identifier = call.query.get(name)
    if not identifier:
        return None
    if identifier not in places:
        raise errors.not_found(kind, identifier)
    return places[identifier]


def _answer(rows: list[tuple[str, str]], *, has_more: bool) -> str:
    first, last = (rows[0][0], rows[-1][0]) if rows else (None, None)
    data = ",".join(body for _, body in rows)
    return (
        f'{{"object":"list","data":[{data}],"first_id":{dump(first)},"last_id":{dump(last)},'
        f'"has_more":{"true" if has_more else "false"}}}'
    )


def _limit(text: str, largest: int = 100) -> int:
    if not re.fullmatch("-?[0-9]{1,15}", text):
        raise errors.wrong_type("limit", "an integer", text)
    limit = int(text)
    if not 1 <= limit <= largest:
        raise errors.out_of_range("limit", "integer", limit, low=1, high=largest)
    return limit


def _order(text: str) -> str:
    if text not in ("asc", "desc"):
        raise errors.wrong_choice("order", text, ("asc", "desc"))
    return text


def _cursor(call: Call, kind: str, parent: str, name: str) -> int | None:
    identifier = call.query.get(name)
    if not identifier:
        return None
    sequence = call.store.sequence(kind, identifier, parent=parent)
    if sequence is None:
        raise errors.not_found(NOUNS.get(kind, kind), identifier)
    return sequence
