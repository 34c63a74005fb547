"""The engine that plays scripts: which recorded turn comes next in a thread.

A script is `{id, assistant: {name, model, instructions, tools}, turns: [{user, rounds, reply}], files}`. `rounds`
lists rounds of calls `{name, arguments, output}`, which ask for consent where they have a `server_label` (then `output`
is what comes of an approved one), or of calls of tools that the server runs itself: `{type, input, outputs}` of code,
`{type, results}` of a file search. `reply` is text or null, and `annotations` are those of its text as the API gave
them; instead of a reply a turn may have an `error: {code, message}`, with which its run fails. `files` are put there:
`{id, filename, purpose, text}`, or `base64` instead of `text`.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from local_api import errors
from local_api.fields import Fields
from local_api.objects import Document, text_of

IMPROVISED = "I only play recorded conversations, and none of them"
_FAILURES = ("server_error", "rate_limit_exceeded", "invalid_prompt")


def checked(script: Any) -> Document:
    """The script itself, if it has the form of one. Raises `ApiError` (400) naming the wrong field."""
    fields = Fields(script, "script")
    fields.needed_text("id", maximum=256)
    if assistant := fields.inner("assistant"):
        assistant.text("name")
        assistant.text("instructions")
    for file in fields.each("files"):
        content_of(file)
    for turn in fields.each("turns", required=True):
        turn.needed_text("user")
        turn.text("reply")
        for annotation in turn.each("annotations"):
            annotation.choice("type", ("file_citation", "file_path"), required=True)
            annotation.integer("end_index", low=0, required=True)
        if failure := turn.inner("error"):
            failure.choice("code", _FAILURES, required=True)
            failure.needed_text("message")
        _check_rounds(turn)
    return fields.value


def _check_rounds(turn: Fields) -> None:
    for position, calls in enumerate(turn.items("rounds") or []):
        name = f"{turn.name_of('rounds')}[{position}]"
        if not isinstance(calls, list) or not calls:
            raise errors.wrong_type(name, "an array of calls", calls)
        for call in calls:
            _check_call(Fields(call, name))
        if len({"type" in call for call in calls}) > 1:
            raise errors.refused(f"Invalid '{name}': functions and tools of the server cannot be called at once.")
        if len({bool(call.get("server_label")) for call in calls}) > 1:
            raise errors.refused(f"Invalid '{name}': calls with and without a 'server_label' are asked for apart.")


def _check_call(call: Fields) -> None:
    if "type" not in call:
        call.needed_text("name")
        call.text("arguments")
        call.text("server_label")
    elif call.choice("type", ("code_interpreter", "file_search"), required=True) == "code_interpreter":
        call.text("input")
        for output in call.each("outputs"):
            output.choice("type", ("logs", "image"), required=True)
    else:
        for result in call.each("results"):
            result.needed_text("file_id")
            result.needed_text("file_name")
            result.decimal("score", low=0, high=1, required=True)


def content_of(file: Fields) -> bytes:
    """What is in a file of a script. Raises `ApiError` (400) for a file that cannot be put there."""
    file.only("id", "filename", "purpose", "text", "base64")
    if not file.needed_text("id", maximum=256).startswith("file"):
        raise errors.wrong_prefix(file.name_of("id"), str(file.get("id")), "file")
    file.needed_text("filename")
    file.text("purpose")
    encoded = file.text("base64")
    if encoded is None:
        return file.needed_text("text").encode("utf-8", "replace")
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError as problem:
        raise errors.refused(f"Invalid '{file.name_of('base64')}': {problem}.") from problem


@dataclass(frozen=True)
class _Place:
    """A turn of a script."""

    script: Document
    turn: Document


class Library:
    """All scripts, found by the thread so far: one look-up, however many there are."""

    def __init__(self, scripts: list[Document]) -> None:
        self._places: dict[bytes, list[_Place]] = {}
        self._scripts = scripts
        for script in scripts:
            self._index(script)

    def ids(self) -> list[str]:
        return [script["id"] for script in self._scripts]

    def _index(self, script: Document) -> None:
        story = hashlib.blake2b()
        for turn in script["turns"]:
            _tell(story, "user", turn["user"])
            self._places.setdefault(story.digest(), []).append(_Place(script, turn))
            if turn.get("reply") is not None:
                _tell(story, "assistant", turn["reply"])

    def plan(self, messages: list[Document], *, assistant: Document, preferred: str | None = None) -> Document:
        """What a run on these messages (oldest first) will do.

        Of several scripts that fit, the one named `preferred` wins, then one whose assistant has this one's
        name and instructions, then this one's name, then the one loaded first.
        """
        story = hashlib.blake2b()
        for message in _since_improvised(messages):
            _tell(story, message["role"], text_of(message))
        places = self._places.get(story.digest())
        if not places:
            return _improvise(messages, self._openings(assistant))
        return _as_plan(min(places, key=lambda place: _distance(place.script, assistant, preferred)).turn)

    def _openings(self, assistant: Document) -> list[str]:
        """First user texts of a few scripts, those of the assistant before others."""
        scripts = sorted(self._scripts, key=lambda script: _distance(script, assistant, None))
        return [script["turns"][0]["user"] for script in scripts[:3] if script["turns"]]


def _tell(story: "hashlib.blake2b", role: str, text: str) -> None:
    said = text.replace("\r\n", "\n").strip().encode("utf-8", "surrogatepass")
    story.update(f"{role} {len(said)} ".encode() + said)


def _since_improvised(messages: list[Document]) -> list[Document]:
    """After a reply out of no script the conversation begins anew."""
    for position in range(len(messages) - 1, -1, -1):
        if messages[position]["role"] == "assistant" and text_of(messages[position]).startswith(IMPROVISED):
            return messages[position + 1 :]
    return messages


def _distance(script: Document, assistant: Document, preferred: str | None) -> tuple[bool, int]:
    recorded = script.get("assistant") or {}
    same_name = recorded.get("name") == assistant["name"]
    same_words = recorded.get("instructions") == assistant["instructions"]
    return script["id"] != preferred, 2 - same_name - (same_name and same_words)


def _as_plan(turn: Document) -> Document:
    rounds = [[_planned(call) for call in calls] for calls in turn.get("rounds") or []]
    annotations = turn.get("annotations") or []
    return {"rounds": rounds, "reply": turn.get("reply"), "annotations": annotations, "error": turn.get("error")}


def _planned(call: Document) -> Document:
    if "type" in call:
        return call
    planned = {"name": call["name"], "arguments": call.get("arguments") or ""}
    if label := call.get("server_label"):
        planned |= {"server_label": label, "output": call.get("output")}
    return planned


def _improvise(messages: list[Document], openings: list[str]) -> Document:
    asked = next((text_of(each) for each in reversed(messages) if each["role"] == "user"), "")
    reply = f"{IMPROVISED} goes on from here."
    if asked:
        reply = f"{IMPROVISED} goes on from “{_brief(asked)}”."
    if openings:
        listed = "\n".join(f"- {_brief(opening)}" for opening in openings)
        reply += f"\n\nThese begin one:\n\n{listed}"
    return {"rounds": [], "reply": reply, "error": None}


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"
