"""How an answer is written: in fields, as text, JSON, nothing or an error; and what goes out for it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from assistants_app.models import ToolCall
from assistants_app.services import typed_answers
from assistants_app.services.output_schemas import Returns

FORM, TEXT, JSON, EMPTY, ERROR = "form", "text", "json", "empty", "error"


def sent_as(text: str, chosen: str) -> str:
    """What goes out for a text in the format that was chosen for it."""
    if chosen == EMPTY:
        return ""
    return json.dumps({"error": text.strip()}, ensure_ascii=False) if chosen == ERROR else text


def error_in(output: str) -> str | None:
    """The words of an output that is an error and nothing else, as `sent_as` writes it."""
    if not output.startswith('{"error": "'):
        return None
    try:
        value = json.loads(output)
    except ValueError:
        return None
    words = value.get("error") if isinstance(value, dict) else None
    return words if isinstance(words, str) and sent_as(words, ERROR) == output else None


def written(call: ToolCall, fields: Mapping[str, str], said: Returns | None) -> str:
    """What would go out for the fields that answer a call, by their names; '' where something in them is wrong or
    missing. `said` is what its function returns, if known."""
    chosen = fields.get(call.format_field) or TEXT
    if chosen != FORM:
        return sent_as(fields.get(call.field, ""), chosen)
    place = typed_answers.draw(said.schema, name=call.field, filled=fields) if said else None
    return typed_answers.written(place) if place else ""
