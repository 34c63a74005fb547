"""The reply of a run: said at once, or in pieces while somebody listens. Whoever reads it meanwhile sees what
has been said so far."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_api import objects
from local_api.objects import Document

if TYPE_CHECKING:
    from local_api.life import Life

_MOST_PIECES = 200
_REASONS = {"cancelled": "run_cancelled", "expired": "run_expired", "failed": "run_failed"}


@dataclass(frozen=True)
class Said:
    """A reply that is at its end; `cut` if it was not meant to be there."""

    text: str
    step: Document
    cut: bool


def begin(life: Life, text: str, annotations: list[Document], *, cut: bool) -> None:
    """Keep an empty message, and plan what shall be said in it."""
    message = objects.reply(life.run, now=life.at)
    step = objects.message_step(life.run, message["id"], now=life.at)
    life.add_step(step)
    life.store.add("message", message, parent=life.run["thread_id"])
    life.tell("thread.message.created", message)
    life.tell("thread.message.in_progress", message)
    fitting = [each for each in annotations if each["end_index"] <= len(text)]
    pieces = _pieces(text) if life.is_heard else [text]
    plan = {"message": message["id"], "step": step["id"], "left": pieces, "annotations": fitting, "cut": cut}
    life.work.plan["saying"] = plan


def go_on(life: Life) -> Said | None:
    """Say the next piece. At the last one the message is ended, and the whole comes back."""
    plan = life.work.plan["saying"]
    message, step = _spoken(life)
    piece = plan["left"].pop(0)
    last = not plan["left"]
    text = "".join(part["text"]["value"] for part in message["content"]) + piece
    message["content"] = [objects.text_part(text, plan["annotations"] if last else [])]
    if message["content"]:
        life.tell("thread.message.delta", _delta(message, piece, plan["annotations"] if last else []))
    if not last:
        life.store.replace(message)
        return None
    life.work.plan["saying"] = None
    _end(life, message, "max_tokens" if plan["cut"] else None)
    return Said(text, step, plan["cut"])


def break_off(life: Life, status: str) -> None:
    """End a reply in the middle, as the run ends with this status."""
    if not life.work.plan.get("saying"):
        return
    message, step = _spoken(life)
    life.work.plan["saying"] = None
    _end(life, message, _REASONS[status])
    life.finish(step, status, usage=objects.usage(0, 0))


def _spoken(life: Life) -> tuple[Document, Document]:
    """The message and its step; a message that was deleted meanwhile is said to nobody."""
    plan, thread_id = life.work.plan["saying"], life.run["thread_id"]
    body = life.store.body("message", plan["message"], parent=thread_id)
    message = json.loads(body) if body else {**objects.reply(life.run, now=life.at), "id": plan["message"]}
    step = life.store.body("step", plan["step"], parent=life.run["id"])
    assert step is not None
    return message, json.loads(step)


def _end(life: Life, message: Document, because: str | None) -> None:
    if because is None:
        message.update(status="completed", completed_at=int(life.at))
    else:
        message.update(status="incomplete", incomplete_at=int(life.at), incomplete_details={"reason": because})
    life.store.replace(message)
    life.tell(f"thread.message.{message['status']}", message)


def _pieces(text: str) -> list[str]:
    """Words with the space after them, put together where there would be too many."""
    words = re.findall(r"\s*\S+\s*", text) or [text]
    size = -(-len(words) // _MOST_PIECES)
    return ["".join(words[at : at + size]) for at in range(0, len(words), size)]


def _delta(message: Document, piece: str, annotations: list[Document]) -> Document:
    listed = [{"index": place, **each} for place, each in enumerate(annotations)]
    part = {"index": 0, "type": "text", "text": {"value": piece, "annotations": listed}}
    return {"id": message["id"], "object": "thread.message.delta", "delta": {"role": "assistant", "content": [part]}}
