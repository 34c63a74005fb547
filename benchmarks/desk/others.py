"""What one would use instead: `curl`, measured and counted, and LangChain's agent-inbox, counted from its source."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from dataclasses import dataclass

PASTE = 2  # strokes for an id: one to copy it (a double click), one to paste it (a click)


@dataclass
class Typed:
    """Commands at a shell: seconds that they ran, how many there were, and the keys to type them."""

    seconds: float = 0.0
    commands: int = 0
    keys: int = 0
    keys_of_functions: int = 0


class Shell:
    """Somebody with curl. Reading and typing take no time here; ids are pasted."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._headers = ["-H", f"Authorization: Bearer {key}", "-H", "OpenAI-Beta: assistants=v2"]
        self.typed = Typed()

    def answer(self, thread_id: str, texts: list[str]) -> None:
        """Lists the runs of a thread (which says what the newest one asks) and submits answers to its calls.

        A third command, which reads the run alone, is left out in favour of curl.
        """
        listed = self._run(
            ["curl", "-sf", f"{self._url}/threads/{thread_id}/runs?limit=1", *self._headers], [thread_id]
        )
        run = json.loads(listed)["data"][0]
        calls = [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
        outputs = [{"tool_call_id": call, "output": text} for call, text in zip(calls, texts, strict=True)]
        address = f"{self._url}/threads/{thread_id}/runs/{run['id']}/submit_tool_outputs"
        body = json.dumps({"tool_outputs": outputs})
        command = ["curl", "-sf", address, *self._headers, "-H", "Content-Type: application/json", "-d", body]
        self._run(command, [thread_id, run["id"], *calls], texts)
        # With two functions of one's own: `ask ID`, and `say ID ID` with an id and a quoted text for each call.
        self.typed.keys_of_functions += len("ask \n") + PASTE
        self.typed.keys_of_functions += len("say  \n") + 2 * PASTE + len(calls) * (len("  ''") + PASTE)

    def _run(self, command: list[str], ids: list[str], texts: list[str] | None = None) -> str:
        line = shlex.join(command)
        pasted = sum(len(each) - PASTE for each in ids)
        self.typed.keys += len(line) + 1 - pasted - sum(len(text) for text in texts or [])
        self.typed.commands += 1
        began = time.monotonic()
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        self.typed.seconds += time.monotonic() - began
        return answer


@dataclass(frozen=True)
class Inbox:
    """agent-inbox at one run: clicks and keys beside the answers' words, requests to its server, calls answered."""

    strokes: int
    requests: int
    answered: int


# A row is opened by a click (components/interrupted-inbox-item.tsx). The field for a response has no focus then: that
# takes a click or, in newer versions, `r`. Ctrl+Enter sends (components/inbox-item-input.tsx).
OPEN, FIELD, SEND = 1, 1, 1
# One response is streamed, then the thread is read; where it is interrupted no more, the list is read and shown
# (hooks/use-interrupted-actions.tsx, contexts/ThreadContext.tsx).
STREAM, READ, LIST = 1, 1, 1
# Two calls at once, as the Assistants API asks them: the view is given interrupts[0] alone, the normalised form of the
# newer middleware action_requests[0] alone, and one response is sent (components/thread-actions-view.tsx,
# contexts/utils.ts). The second call is neither shown nor answered.
AT_ONCE = Inbox(strokes=OPEN + FIELD + SEND, requests=STREAM + READ + LIST, answered=1)
# Two interrupts of the graph, the second one after the first was answered: the view stays. The field was disabled
# meanwhile, so it has lost the focus.
ONE_BY_ONE = Inbox(strokes=OPEN + 2 * (FIELD + SEND), requests=2 * (STREAM + READ) + LIST, answered=2)
SOURCES = (
    "components/interrupted-inbox-item.tsx, inbox-item-input.tsx, thread-actions-view.tsx, "
    "hooks/use-interrupted-actions.tsx, contexts/ThreadContext.tsx, utils.ts in src/components/agent-inbox"
)
